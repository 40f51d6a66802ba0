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

MANY_DIFFERENT = 50_000
"""Different values from which passing over costs less than grouping."""

FEW_RECORDS = 20_000
"""Records up to which a file's columns are grouped at once: planning a statement for
each would cost more than running it."""

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
        _add(con, spots, [Spot(Place.file_name, position)], _parts(name))
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
    types = {row[0]: row[1] for row in con.execute(f"describe {view}").fetchall()}
    counted = ", ".join(
        f"count({_filled(name)}), approx_count_distinct({_quote(name)})"
        for name in types
    )
    total, *counts = con.execute(f"select count(*), {counted} from {view}").fetchone()
    columns = [(position, n, name) for n, name in enumerate(types, start=1)]
    headers = [Spot(Place.header, *where) for where in columns]
    _add(con, spots, headers, list(types))
    filled = []
    for where, given, different in zip(columns, counts[::2], counts[1::2], strict=True):
        name = where[2]
        spots.append(Spot(Place.cells, *where, given))
        if given and types[name] != "BOOLEAN":
            cell = _cell(name, types[name], different)
            filled.append((len(spots) - 1, cell))
    if total <= FEW_RECORDS:
        _group_at_once(con, view, filled)
    else:
        for place, cell in filled:
            _group(con, view, place, cell)


def _filled(name: str) -> str:
    """SQL: a cell, null if blank; blanks matter only where the column's name tells."""
    cell = _quote(name)
    return f"nullif(trim({cell}::varchar), '')" if labels.told_by(name) else cell


def _cell(name: str, kind: str, different: int) -> str:
    """SQL: a cell as it is looked at; null where it is passed over."""
    cell = _quote(name)
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        # Whole numbers are stored so where one is missing; real fractions tell nothing.
        return (
            f"case when {cell} = floor({cell}) and abs({cell}) < {LARGEST_WHOLE} "
            f"then {cell}::bigint end"
        )
    if kind == "VARCHAR" and different > MANY_DIFFERENT:
        return f"case when not {forms.is_long_pseudonym(cell)} then {cell} end"
    return cell


def _group(con: duckdb.DuckDBPyConnection, view: str, place: int, cell: str) -> None:
    con.execute(
        f"insert into {CELLS} select {place}, cell::varchar, records_count from "
        f"(select {cell} as cell, count(*) as records_count from {view} group by 1) "
        "where cell is not null"
    )


def _group_at_once(
    con: duckdb.DuckDBPyConnection, view: str, filled: list[tuple[int, str]]
) -> None:
    """Group all columns in one statement: less to plan, more to keep in memory."""
    if not filled:
        return
    places = ", ".join(str(place) for place, _ in filled)
    cells = ", ".join(f"({cell})::varchar" for _, cell in filled)
    con.execute(
        f"insert into {CELLS} select place, cell, count(*) from (select "
        f"unnest([{places}]) as place, unnest([{cells}]) as cell from {view}) "
        "where cell is not null group by place, cell"
    )


def _add(
    con: duckdb.DuckDBPyConnection,
    spots: list[Spot],
    added: list[Spot],
    texts: list[str],
) -> None:
    """Add a place for each text; several texts of one place share it."""
    start = len(spots)
    spots += added
    places = [min(start + n, len(spots) - 1) for n in range(len(texts))]
    con.execute(
        f"insert into {CELLS} select unnest(?::integer[]), unnest(?::varchar[]), 1",
        [places, texts],
    )


def _sort(con: duckdb.DuckDBPyConnection) -> None:
    """Give each value its form: trimmed, without the `.0` that programs add to wholes."""
    trimmed = "trim(cell, ' \t\r\n''\"')"
    bare = (
        f"case when right(cell, 1) = '0' and contains(cell, '.') then "
        f"regexp_replace({trimmed}, '^([0-9]+)\\.0+$', '\\1') else {trimmed} end"
    )
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
