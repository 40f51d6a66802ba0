"""Say what values look like that break a rule of the contract: counts, no value."""

import csv
import os
from collections import Counter
from difflib import get_close_matches
from pathlib import Path

import duckdb

from pipelines.checks.results import CheckResult
from pipelines.errors import UsageError
from pipelines.intake.contract import Column, Feed
from pipelines.intake.draft.matching import plain_sql
from pipelines.intake.draft.shapes import ISO, identifier, measure
from pipelines.intake.draft.vocabulary import code_of
from pipelines.intake.sources import Source
from pipelines.sql import quoted

MAXIMUM_WORDS = 1000
"""Distinct unknown words of one column that are compared with the code list; a column
with more is no column of codes."""

TAKEN = (
    "The file for --values is there already, or its folder is not. Nothing was "
    "overwritten: give another name."
)

NEAR = 0.75
"""Likeness (0-1) from which a word may be a code misspelt."""

PATIENTS_ARE_KNOWN = "patient_id_is_in_patients"
UNKNOWN_PATIENTS = {
    "increment": (
        "Were these patients sent in an earlier delivery that is not loaded yet? Load "
        "it first. If each delivery holds everything, say `kind: full` in source.yml."
    ),
    "full": (
        "Were these patients sent in an earlier delivery? A full one must hold them "
        "again. If it holds only what is new, say `kind: increment` in source.yml and "
        "load the earlier ones first."
    ),
}
"""What to ask where many rows name a patient who is not known."""

YOURS = '"your column"'
"""Stands for the name in the file, which is not known behind an adapter. Ours would be
taken for the column that the adapter makes."""

_READ = "coalesce(strftime(try_strptime({{0}}, '{}'), '%Y-%m-%d'), {{0}})"
"""A day in another form; what cannot be read stays as it is, and is counted."""


def hint(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    feed: Feed,
    check_id: str,
    source: Source,
) -> str:
    """Return what the values that break a row rule look like; empty if unknown.

    Args:
        con: The delivery's confined connection.
        rows: The feed's rows as a query in brackets.
        feed: The feed of the contract.
        check_id: The row rule.
        source: Whose dialect it is.
    """
    column = column_of(feed, check_id)
    if column is None:
        return ""
    name = column.sent_as(source.date_mode)
    if check_id == f"{column.name}_is_a_known_code":
        return _codes_hint(con, rows, name, column)
    if check_id == f"{column.name}_is_a_date" and source.date_mode == "calendar":
        return _date_hint(con, rows, name)
    if check_id in (f"{column.name}_is_a_number", f"{column.name}_is_an_integer"):
        return _number_hint(con, rows, name, column, source)
    if check_id == f"{column.name}_is_a_boolean":
        return "Yes and no are told as true/false, 1/0, yes/no or y/n."
    return ""


def hint_of_many(check_id: str, source: Source) -> str:
    """Return what it may be that a row rule breaks in too many rows; empty if unknown.

    Args:
        check_id: The row rule.
        source: Whose `kind` it is.
    """
    return UNKNOWN_PATIENTS[source.kind] if check_id == PATIENTS_ARE_KNOWN else ""


def column_of(feed: Feed, check_id: str) -> Column | None:
    """Return the column whose own rule a check is; the longest name that fits."""
    fitting = [c for c in feed.columns if check_id.startswith(f"{c.name}_is_")]
    return max(fitting, key=lambda column: len(column.name), default=None)


def write_unknown(
    con: duckdb.DuckDBPyConnection,
    feeds: list[tuple[Feed, str, list[CheckResult]]],
    target: Path,
    source: Source,
) -> None:
    """Write the distinct words outside the code lists into a file of the user's own.

    The only place where values leave the delivery; it is asked for by name, and only
    its owner can read the file.

    Args:
        con: The delivery's confined connection.
        feeds: Each feed, its rows as a query in brackets, and its results.
        target: File to make: feed, column, value, rows.
        source: Whose date mode it is.

    Raises:
        UsageError: The file is there already, or cannot be made.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise UsageError(TAKEN) from None
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["feed", "column", "value", "rows"])
        for feed, rows, results in feeds:
            for result in results:
                column = column_of(feed, result.check_id)
                if column is None or not result.check_id.endswith("_is_a_known_code"):
                    continue
                name = column.sent_as(source.date_mode)
                found = con.execute(_unknown(rows, name, column)).fetchall()
                writer.writerows(
                    [feed.name, name, word, count] for word, count, _ in found
                )


def _unknown(rows: str, name: str, column: Column) -> str:
    text = f"trim({identifier(name)}::varchar)"
    codes = ", ".join(map(quoted, column.codes))
    return (
        f"select {text} as word, count(*), any_value({plain_sql(text)}) from {rows} "
        f"where {text} <> '' and {text} not in ({codes}) group by word "
        f"order by count(*) desc, word limit {MAXIMUM_WORDS + 1}"
    )


def _codes_hint(
    con: duckdb.DuckDBPyConnection, rows: str, name: str, column: Column
) -> str:
    found = con.execute(_unknown(rows, name, column)).fetchall()
    if not found:
        return ""
    known = code_of(column.name) or {code: code for code in column.codes}
    near: Counter[str] = Counter()
    for _, count, word in found:
        close = get_close_matches(word, known, n=1, cutoff=NEAR)
        near[known[close[0]] if close else ""] += count
    told = ", ".join(f"{code} ({near[code]} rows)" for code in sorted(near) if code)
    many = "over " if len(found) > MAXIMUM_WORDS else ""
    words = f"{many}{min(len(found), MAXIMUM_WORDS)} distinct word(s)"
    rest = f"; {near['']} row(s) look like none" if near[""] and told else ""
    like = f"They look like {told}{rest}." if told else ""
    codes = "" if told else f"Codes: {', '.join(column.codes)}."
    return f"{words}. {like or codes} To see them: --values FILE."


def _date_hint(con: duckdb.DuckDBPyConnection, rows: str, name: str) -> str:
    (described,) = con.execute(
        f"describe select {identifier(name)} from {rows}"
    ).fetchall()
    if described[1].startswith("TIMESTAMP"):
        return f"These are times; the contract wants days. {_advice('{0}::date', name)}"
    (shape,) = measure(con, rows, [name])
    forms = shape.date_forms
    if not forms:
        return "In none of the forms of a day that we know; the contract wants ISO."
    if ISO in forms:
        return ""  # so are most; the others are no days
    either = " or ".join(form.words for form in forms)
    doubt = " No day above 12 says which." if len(forms) > 1 else ""
    begins_iso = forms[0].pattern.startswith(ISO.pattern)
    written = "left({0}::varchar, 10)" if begins_iso else _READ.format(forms[0].pattern)
    return (
        f"The days are {either}; the contract wants year-month-day.{doubt} "
        f"{_advice(written, name)}"
    )


def _advice(written: str, name: str) -> str:
    """Say what to write in the adapter; the file's own name stands open."""
    return f"In the adapter, with your column's name: {written.format(YOURS)} as {name}"


def _number_hint(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    name: str,
    column: Column,
    source: Source,
) -> str:
    (shape,) = measure(con, rows, [name])
    if shape.counts["comma"] and source.csv_decimal == ".":
        if column.kind == "number":
            return 'Decimal commas: say `csv: {decimal: ","}` in source.yml.'
        return "Decimal commas in a column of whole numbers."
    if shape.counts["point"] and column.kind == "integer":
        return "Fractions in a column of whole numbers."
    return ""
