"""Look through a delivery and refuse it if anything in it looks like an identifier."""

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapters import view_of
from pipelines.intake.deliveries import Delivery
from pipelines.intake.identifiers import judging, labels, values, words
from pipelines.intake.identifiers.counted import Counted
from pipelines.intake.identifiers.counting import count
from pipelines.intake.identifiers.finding import Finding, Place
from pipelines.intake.identifiers.values import Spot

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
    spots = values.gather(con, [(name, view_of(name)) for name in file_names])
    counted = count(con, latest_year)
    values.forget(con)
    return [
        Finding(
            spot.file_position,
            spot.column_position,
            spot.column_name,
            kind,
            records,
            is_told_by_name=bool(told),
            place=spot.place,
        )
        for number, spot in enumerate(spots)
        for told in [_told(spot)]
        for kind, records in _kinds(number, spot, told, counted).items()
    ]


def _told(spot: Spot) -> str:
    return labels.told_by(spot.column_name) if spot.given_count else ""


def _kinds(number: int, spot: Spot, told: str, counted: Counted) -> dict[str, int]:
    if spot.place is not Place.cells:
        return judging.kinds_in_name(number, counted)
    kinds = judging.kinds_in_cells(number, spot.column_name, counted)
    return {told: spot.given_count, **kinds} if told else kinds
