"""Gather the different values of a delivery, each with its form and how many have it.

Most columns hold few different values, so every later test meets each value once.
Columns with millions of different values hold pseudonyms. Those that no identifier can
look like are passed over: long ones before they are grouped, short ones once they are
counted, for what stands among them is judged by how many they are. Nothing is sampled.
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

PASSED_OVER = "tripwire_passed_over"
"""Table of place, text_length, different: values that were counted and no more."""

MANY_RECORDS = 50_000
"""Records up to which nothing is passed over: grouping them costs less."""

SAMPLED_RECORDS, MANY_DIFFERENT = 100_000, 2_000
"""Different values among so many records from which passing over is worth a test. This
decides how long it takes and not what is found."""

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
    """Records with a value that is not blank, in a column whose name tells; else 0."""


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
    con.execute(
        f"create or replace temp table {PASSED_OVER} "
        "(place integer, text_length bigint, different bigint)"
    )
    spots: list[Spot] = []
    for position, (name, view) in enumerate(files, start=1):
        _add(con, spots, [Spot(Place.file_name, position)], _parts(name))
        _gather_file(con, spots, position, view)
    _sort(con)
    return spots


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what was gathered."""
    for table in (VALUES, PASSED_OVER):
        con.execute(f"drop table if exists {table}")


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
    telling = [name for name in types if labels.told_by(name)]
    counted = "count(nullif(trim({}::varchar), ''))"
    given = _aggregate(con, view, counted, telling)
    (total,) = con.execute(f"select count(*) from {view}").fetchone()
    columns = [(position, n, name) for n, name in enumerate(types, start=1)]
    headers = [Spot(Place.header, *where) for where in columns]
    _add(con, spots, headers, list(types))
    varied = _varied(con, view, types, total) if total > MANY_RECORDS else set()
    read = {}
    for where in columns:
        name = where[2]
        spots.append(Spot(Place.cells, *where, given.get(name, 0)))
        if types[name] != "BOOLEAN":
            read[len(spots) - 1] = name
    if total <= FEW_RECORDS:
        _group_at_once(con, view, {p: _cell(n, types[n]) for p, n in read.items()})
        return
    for place, name in read.items():
        if name in varied:
            _group_varied(con, view, place, name)
        else:
            _group(con, view, place, _cell(name, types[name]))


def _varied(
    con: duckdb.DuckDBPyConnection, view: str, types: dict[str, str], total: int
) -> set[str]:
    """Return the columns with so many different texts that some may be passed over.

    That is told from some of the records, wherever they stand, and only of columns that
    hold a text as long as a pseudonym among the first; in others nothing is passed
    over, which takes longer and finds the same.
    """
    texts = [name for name, kind in types.items() if kind == "VARCHAR"]
    first = f"(from {view} limit {FEW_RECORDS})"
    longest = _aggregate(con, first, "max(strlen({}))", texts)
    long = [name for name in texts if (longest[name] or 0) >= forms.SHORT_PSEUDONYMS[0]]
    share = min(100.0, 100 * SAMPLED_RECORDS / total)
    some = f"(from {view} tablesample {share}% (system, 1))"
    different = _aggregate(con, some, "approx_count_distinct({})", long)
    return {name for name in long if different[name] > MANY_DIFFERENT}


def _aggregate(
    con: duckdb.DuckDBPyConnection, rows: str, aggregate: str, names: list[str]
) -> dict[str, int | None]:
    if not names:
        return {}
    chosen = ", ".join(aggregate.format(_quote(name)) for name in names)
    found = con.execute(f"select {chosen} from {rows}").fetchone()
    return dict(zip(names, found, strict=True))


def _cell(name: str, kind: str) -> str:
    """SQL: a cell as it is looked at; null where it is passed over."""
    cell = _quote(name)
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        # Whole numbers are stored so where one is missing; real fractions tell nothing.
        return (
            f"case when {cell} = floor({cell}) and abs({cell}) < {LARGEST_WHOLE} "
            f"then {cell}::bigint end"
        )
    return cell


def _group(con: duckdb.DuckDBPyConnection, view: str, place: int, cell: str) -> None:
    con.execute(
        f"insert into {CELLS} select {place}, cell::varchar, records_count from "
        f"(select {cell} as cell, count(*) as records_count from {view} group by 1) "
        "where cell is not null"
    )


def _group_varied(
    con: duckdb.DuckDBPyConnection, view: str, place: int, name: str
) -> None:
    """Group a column of pseudonyms, and keep those only that can be something else.

    In a column that may hold ages, a short pseudonym can be a great one.
    """
    cell = _quote(name)
    is_short = (
        "false"
        if labels.AGE.search(labels.label(name))
        else forms.is_short_pseudonym("cell")
    )
    con.execute(
        f"create temp table tripwire_varied as select if(is_short, null, cell) as cell, "
        "if(is_short, strlen(cell), null) as text_length, "
        "sum(records_count)::bigint as records_count, count(*) as different "
        f"from (select *, {is_short} as is_short from (select {cell} as cell, "
        f"count(*) as records_count from {view} where {cell} is not null "
        f"and not {forms.is_long_pseudonym(cell)} group by 1)) group by 1, 2"
    )
    con.execute(
        f"insert into {CELLS} select {place}, cell, records_count "
        "from tripwire_varied where cell is not null"
    )
    con.execute(
        f"insert into {PASSED_OVER} select {place}, text_length, different "
        "from tripwire_varied where cell is null"
    )
    con.execute("drop table tripwire_varied")


def _group_at_once(
    con: duckdb.DuckDBPyConnection, view: str, filled: dict[int, str]
) -> None:
    """Group all columns in one statement: less to plan, more to keep in memory."""
    if not filled:
        return
    places = ", ".join(str(place) for place in filled)
    cells = ", ".join(f"({cell})::varchar" for cell in filled.values())
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
