"""Gather the different values of a file, each with its form and how many records have it.

Most columns hold few different values, so every later test meets each value once.
Columns with millions of different values hold pseudonyms; those that no identifier can
look like are passed over before they are grouped. Nothing is sampled.
"""

from dataclasses import dataclass

import duckdb

from pipelines.intake.identifiers import forms, labels

VALUES = "tripwire_values"
"""Table of place, text, form, day, records_count. A place is a column's position, minus
it for the column's header, and 0 for the file's name."""

HELD = "tripwire_held"
FILE_NAME = 0

MANY_DIFFERENT = 50_000
"""Different values from which passing over costs less than grouping."""

LARGEST_WHOLE = 10**15
"""Fractions up to here hold whole numbers exactly."""


@dataclass(frozen=True)
class Column:
    """One column of a file, as it was gathered."""

    position: int
    name: str
    given_count: int
    """Records with a value; blanks count, but not where the column's name is told."""

    different_count: int
    """About how many different values (HyperLogLog)."""


def gather(con: duckdb.DuckDBPyConnection, view: str, file_name: str) -> list[Column]:
    """Fill the table of values for one file; returns its columns.

    Args:
        con: The delivery's confined connection.
        view: Table or view over the file.
        file_name: Looked at too.
    """
    con.execute(
        f"create or replace temp table {VALUES} (place integer, text varchar, "
        "form varchar, day date, records_count bigint)"
    )
    held = _held(con, view)
    described = con.execute(f"describe {held}").fetchall()
    types = {row[0]: row[1] for row in described}
    columns = _count(con, held, list(types))
    for column in columns:
        if column.given_count and types[column.name] != "BOOLEAN":
            _group(con, held, column, types[column.name])
    _add(con, [(-column.position, column.name) for column in columns])
    stem = file_name.rpartition(".")[0]
    parts = dict.fromkeys([stem, *stem.replace("-", "_").replace(" ", "_").split("_")])
    _add(con, [(FILE_NAME, part) for part in parts])
    return columns


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what was gathered."""
    for table in (VALUES, HELD):
        con.execute(f"drop table if exists {table}")


def _held(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """Return a table or a view on Parquet; a view on CSV is read once, into a table."""
    sql = con.execute(
        "select sql from duckdb_views() where view_name = ? and contains(sql, 'read_csv')",
        [view],
    ).fetchone()
    if not sql:
        return view
    con.execute(f"create or replace temp table {HELD} as select * from {view}")
    return HELD


def _count(con: duckdb.DuckDBPyConnection, held: str, names: list[str]) -> list[Column]:
    counted = ", ".join(
        f"count({_filled(name)}), approx_count_distinct({_quote(name)})"
        for name in names
    )
    row = con.execute(f"select {counted} from {held}").fetchone()
    return [Column(n, name, *row[2 * n - 2 : 2 * n]) for n, name in enumerate(names, 1)]


def _filled(name: str) -> str:
    """SQL: a cell, null if blank; blanks matter only where the column's name tells."""
    cell = _quote(name)
    return f"nullif(trim({cell}::varchar), '')" if labels.told_by(name) else cell


def _group(
    con: duckdb.DuckDBPyConnection, held: str, column: Column, kind: str
) -> None:
    cell = _quote(column.name)
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        # Whole numbers are stored so where one is missing; real fractions tell nothing.
        cell = (
            f"case when {cell} = floor({cell}) and abs({cell}) < {LARGEST_WHOLE} "
            f"then {cell}::bigint end"
        )
    where = f"{cell} is not null"
    if kind == "VARCHAR" and column.different_count > MANY_DIFFERENT:
        where += f" and not {forms.is_long_pseudonym(cell)}"
    grouped = (
        f"select {cell} as cell, count(*) as records_count from {held} "
        f"where {where} group by 1"
    )
    _insert(
        con,
        f"select {column.position} as place, cell::varchar as cell, records_count "
        f"from ({grouped})",
    )


def _add(con: duckdb.DuckDBPyConnection, texts: list[tuple[int, str]]) -> None:
    places, cells = zip(*texts, strict=True)
    con.execute(
        "create or replace temp table tripwire_added as select unnest(?::int[]) as "
        "place, unnest(?::varchar[]) as cell, 1 as records_count",
        [list(places), list(cells)],
    )
    _insert(con, "select * from tripwire_added")
    con.execute("drop table tripwire_added")


def _insert(con: duckdb.DuckDBPyConnection, cells: str) -> None:
    """Add values: trimmed, without the `.0` that programs add to whole numbers."""
    bare = "regexp_replace(trim(cell, ' \t\r\n''\"'), '^([0-9]+)\\.0+$', '\\1')"
    con.execute(
        f"insert into {VALUES} select place, text, form, "
        f"case when form = 'day' then {forms.day_of('text')} end, records_count "
        f"from (select place, text, {forms.form_of('text')} as form, records_count "
        f"from (select place, {bare} as text, records_count from ({cells})) "
        "where text <> '')"
    )


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
