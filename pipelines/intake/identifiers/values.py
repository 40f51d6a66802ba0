"""Gather the different values of a delivery, each with its form and how many have it.

Most columns hold few different values, so every later test meets each value once.
Columns with millions of different values hold pseudonyms; those that no identifier can
look like are passed over before they are grouped. Nothing is sampled.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

import duckdb

from pipelines.intake.identifiers import forms, labels
from pipelines.intake.identifiers.finding import Place

VALUES = "tripwire_values"
"""Table of place, text, form, day, records_count: the values of all files."""

CELLS = "tripwire_cells"
HELD = "tripwire_held"

MANY_DIFFERENT = 50_000
"""Different values from which passing over costs less than grouping."""

LARGEST_WHOLE = 10**15
"""Fractions up to here hold whole numbers exactly."""


@dataclass(frozen=True)
class Spot:
    """Where values were gathered; its number in the list is the `place` of the table."""

    place: Place
    file_position: int
    column_position: int = 0
    column_name: str = ""
    given_count: int = 0
    """Records with a value, of cells; blanks count, but not where the name tells."""


def gather(con: duckdb.DuckDBPyConnection, files: list[tuple[str, str]]) -> list[Spot]:
    """Fill the table of values.

    Args:
        con: The delivery's confined connection.
        files: Each file's name, and the table or view over it.

    Returns:
        The places, in order of position.
    """
    con.execute(
        f"create or replace temp table {CELLS} "
        "(place integer, cell varchar, records_count bigint)"
    )
    spots: list[Spot] = []
    for position, (name, view) in enumerate(files, start=1):
        _add(con, spots, Spot(Place.file_name, position), _parts(name))
        _gather_file(con, spots, position, view)
    _sort(con)
    return spots


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what was gathered."""
    con.execute(f"drop table if exists {VALUES}")


def _parts(file_name: str) -> list[str]:
    """Return a file's name without its ending: whole, word by word, and by two words."""
    stem = file_name.rpartition(".")[0]
    words = [word for word in re.split(r"[-_. ]+", stem) if word]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    return list(dict.fromkeys([stem, *re.split(r"[_ ]+", stem), *words, *pairs]))


def _gather_file(
    con: duckdb.DuckDBPyConnection, spots: list[Spot], position: int, view: str
) -> None:
    held = _held(con, view)
    types = {row[0]: row[1] for row in con.execute(f"describe {held}").fetchall()}
    counted = ", ".join(
        f"count({_filled(name)}), approx_count_distinct({_quote(name)})"
        for name in types
    )
    counts = con.execute(f"select {counted} from {held}").fetchone()
    for n, (name, kind) in enumerate(types.items()):
        given, different = counts[2 * n : 2 * n + 2]
        where = (position, n + 1, name)
        _add(con, spots, Spot(Place.header, *where), [name])
        spots.append(Spot(Place.cells, *where, given))
        if given and kind != "BOOLEAN":
            _group(con, len(spots) - 1, held, name, kind, different)
    con.execute(f"drop table if exists {HELD}")


def _held(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """Return a table or a view on Parquet; a view on CSV is read once, into a table."""
    is_csv_view = con.execute(
        "select count(*) from duckdb_views() "
        "where view_name = ? and contains(sql, 'read_csv')",
        [view],
    ).fetchone()[0]
    if not is_csv_view:
        return view
    con.execute(f"create or replace temp table {HELD} as select * from {view}")
    return HELD


def _filled(name: str) -> str:
    """SQL: a cell, null if blank; blanks matter only where the column's name tells."""
    cell = _quote(name)
    return f"nullif(trim({cell}::varchar), '')" if labels.told_by(name) else cell


def _group(
    con: duckdb.DuckDBPyConnection,
    place: int,
    held: str,
    name: str,
    kind: str,
    different: int,
) -> None:
    cell = _quote(name)
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        # Whole numbers are stored so where one is missing; real fractions tell nothing.
        cell = (
            f"case when {cell} = floor({cell}) and abs({cell}) < {LARGEST_WHOLE} "
            f"then {cell}::bigint end"
        )
    where = f"{cell} is not null"
    if kind == "VARCHAR" and different > MANY_DIFFERENT:
        where += f" and not {forms.is_long_pseudonym(cell)}"
    con.execute(
        f"insert into {CELLS} select {place}, cell::varchar, records_count from "
        f"(select {cell} as cell, count(*) as records_count from {held} "
        f"where {where} group by 1)"
    )


def _add(
    con: duckdb.DuckDBPyConnection, spots: list[Spot], spot: Spot, texts: list[str]
) -> None:
    spots.append(spot)
    con.execute(
        f"insert into {CELLS} select ?, unnest(?::varchar[]), 1",
        [len(spots) - 1, texts],
    )


def _sort(con: duckdb.DuckDBPyConnection) -> None:
    """Give each value its form: trimmed, without the `.0` that programs add to wholes."""
    bare = "regexp_replace(trim(cell, ' \t\r\n''\"'), '^([0-9]+)\\.0+$', '\\1')"
    con.execute(
        f"create or replace temp table {VALUES} as select place, text, form, "
        f"case when form = 'day' then {forms.day_of('text')} end as day, records_count "
        f"from (select place, text, {forms.form_of('text')} as form, records_count "
        f"from (select place, {bare} as text, records_count from {CELLS}) "
        "where text <> '')"
    )
    con.execute(f"drop table {CELLS}")


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
