"""Look through a delivery and refuse it if anything in it looks like an identifier."""

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapters import view_of
from pipelines.intake.deliveries import Delivery
from pipelines.intake.identifiers import judging, labels, values, words
from pipelines.intake.identifiers.counting import Counted, count
from pipelines.intake.identifiers.finding import Finding, Place

MOST_SHOWN = 15
"""Findings in the message, which must fit one screen."""


def refuse_identified(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Raise if any column, header or file name looks like an identifier.

    Args:
        con: The delivery's confined connection.
        delivery: Whose files to look through.

    Raises:
        DeliveryRefusedError: Names file and column by position, kind and count.
    """
    findings = find_identifiers(con, delivery)
    if not findings:
        return
    shown = [f"  - {finding}" for finding in findings[:MOST_SHOWN]]
    if len(findings) > MOST_SHOWN:
        shown.append(f"  and {len(findings) - MOST_SHOWN} more")
    raise DeliveryRefusedError(
        f"Delivery {delivery.source.name}/{delivery.name} does not look "
        "de-identified, so nothing of it was loaded:\n"
        + "\n".join(shown)
        + "\nAsk the source to remove these columns, and delete this copy. What each "
        "kind means: docs/tripwire.md."
    )


def find_identifiers(
    con: duckdb.DuckDBPyConnection, delivery: Delivery
) -> list[Finding]:
    """Return every place that looks like an identifier, in order of position."""
    names = [path.name for path in delivery.files]
    return look_through(con, names, delivery.extracted_at.year)


def look_through(
    con: duckdb.DuckDBPyConnection, file_names: list[str], latest_year: int
) -> list[Finding]:
    """Return what looks like an identifier in files that the connection holds.

    Reads every value of every file; nothing is sampled.

    Args:
        con: With a table or a view for each file (`adapters.view_of`).
        file_names: In order; a file's position is its place here.
        latest_year: Year of the newest records.
    """
    words.make_table(con)
    findings = []
    for position, name in enumerate(file_names, start=1):
        columns = values.gather(con, view_of(name), name)
        counted = count(con, latest_year)
        findings += _in_file_name(position, counted)
        for column in columns:
            findings += _in_column(position, column, counted)
    values.forget(con)
    return findings


def _in_file_name(position: int, counted: Counted) -> list[Finding]:
    kinds = judging.kinds_in_name(values.FILE_NAME, counted)
    return [
        Finding(position, 0, "", kind, count, False, Place.file_name)
        for kind, count in kinds.items()
    ]


def _in_column(position: int, column: values.Column, counted: Counted) -> list[Finding]:
    header = judging.kinds_in_name(-column.position, counted)
    findings = [
        Finding(position, column.position, column.name, kind, 1, False, Place.header)
        for kind in header
    ]
    kinds = judging.kinds_in_cells(column.position, column.name, counted)
    told = labels.told_by(column.name)
    if told and column.given_count:
        kinds.setdefault(told, column.given_count)
    return findings + [
        Finding(position, column.position, column.name, kind, count, bool(told))
        for kind, count in kinds.items()
    ]
