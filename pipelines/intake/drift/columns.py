"""Name the columns of a delivery's files that are new, gone, renamed or retyped.

The files' own columns are meant, mapped to the contract or not. What is kept of an
accepted load is each column's name and the kind of its values, in `load_file_columns`;
a name is kept only where the whole header looks like names, for the header of a file
that came without one is its first row. What may be told is decided in `naming.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import duckdb

from pipelines.intake import adapters
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import naming
from pipelines.intake.sources import Source
from pipelines.sql import quoted

BOOKKEEPING = """
create table if not exists load_file_columns (
    load_id varchar, file_position integer, file_name varchar,
    column_position integer, name varchar, kind varchar
);
"""

LOOKED_AT = 20_000
"""Rows from the top of a file that decide a column's kind: enough to meet what is rare,
and read in a moment whatever the file's size."""

CELLS_LOOKED_AT = 2_000_000
"""The same in cells: a file of a thousand columns takes no longer than one of a hundred.
"""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./()%-]{0,63}")
DIGITS_IN_A_ROW = re.compile(r"\d{4}|\d[-/.]\d")
"""What a value has and a name has not: a year, a date, a number with a point."""

CLOSE_ENOUGH = 0.6
"""Likeness (0-1, difflib's) from which a column that is gone and one that is new are
taken for one that was renamed: what the standard library suggests names by."""

KINDS = {
    "number": r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?",
    "number with a comma": r"[+-]?\d+,\d+",
    "ISO date": r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?",
    # days written in two ways are of this kind as well
    "date in another form": r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([ T]\d{2}:\d{2}.*)?",
    "yes or no": r"(?i)true|false|yes|no",
}
"""Kinds of values, each as a pattern that every value of the column matches; the first
that fits counts. Others are `text`; a column without a value is `empty`."""

SQL_KINDS = {"DATE": "ISO date", "TIMESTAMP": "ISO date", "BOOLEAN": "yes or no"}


@dataclass(frozen=True)
class FileColumn:
    """One column of one file: where it is, its name if that may be kept, its kind."""

    file_position: int
    file_name: str
    """Without its ending, each digit as `#`: files named after a month are alike."""

    column_position: int
    name: str
    kind: str


@dataclass(frozen=True)
class ColumnChange:
    """One difference from the columns of the accepted delivery before."""

    change: str
    """added, dropped, renamed or retyped."""

    file_name: str
    """Like every name here: its position, where the name may be a value."""

    name: str
    """The column as it is called now; one that is gone as it was called."""

    before: str = ""
    """Renamed: what it was called. Retyped: the kind of its values before."""

    kind: str = ""
    """Retyped: the kind of its values now."""

    def __str__(self) -> str:
        """Say it in a line, without any value."""
        where = f"{self.file_name}: column {self.name}"
        return {
            "added": f"{where} is new",
            "dropped": f"{where} is gone",
            "renamed": f"{where} seems to be what {self.before} was",
            "retyped": f"{where} holds {self.kind}, where it held {self.before}",
        }[self.change]


def read(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> list[FileColumn]:
    """Look at the columns of every file.

    Args:
        con: The delivery's confined connection, its files found to be readable.
        delivery: What to look at.
    """
    found = []
    for position, path in enumerate(delivery.files, start=1):
        view = adapters.view_of(path.name)
        described = con.execute(f"describe {view}").fetchall()
        kinds = _kinds(con, view, [(row[0], row[1]) for row in described])
        names = [row[0] for row in described]
        is_header = all(map(_looks_like_a_name, names))
        for column, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1):
            found.append(
                FileColumn(
                    position,
                    _file_name(path),
                    column,
                    name if is_header else f"number {column}",
                    kind,
                )
            )
    return found


def keep(landing_file: Path, found: list[FileColumn]) -> None:
    """Put the columns into the landing file, as `file_columns`."""
    with duckdb.connect(str(landing_file)) as con:
        con.execute(
            "create or replace table file_columns (file_position integer, "
            "file_name varchar, column_position integer, name varchar, kind varchar)"
        )
        marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(found))
        con.execute(
            f"insert into file_columns values {marks}",
            [
                value
                for one in found
                for value in (
                    one.file_position,
                    one.file_name,
                    one.column_position,
                    one.name,
                    one.kind,
                )
            ],
        )


def column_changes(
    found: list[FileColumn], delivery: Delivery, raw_file: Path
) -> tuple[ColumnChange, ...] | None:
    """Compare a delivery's columns with those of the newest accepted one before it.

    A file that was not sent then, or is not sent now, is not compared: a missing feed
    is the contract's to refuse.

    Args:
        found: The columns of the delivery (`read`).
        delivery: Whose they are.
        raw_file: The raw warehouse; may not exist.

    Returns:
        The changes, by file; None where there is nothing to compare with.
    """
    before = _before(delivery, raw_file)
    shared = [
        name
        for name in dict.fromkeys(one.file_name for one in found)
        if any(one.file_name == name for one in before)
    ]
    if not shared:
        return None
    return tuple(
        change
        for name in shared
        for change in _changes(
            {one.name: one for one in before if one.file_name == name},
            {one.name: one for one in found if one.file_name == name},
            delivery.source,
        )
    )


def told(changes: tuple[ColumnChange, ...] | None) -> str:
    """Return lines that name the changes, with a heading; nothing if there is none."""
    if not changes:
        return ""
    lines = "\n".join(f"  - {change}" for change in changes)
    return f"\nAgainst the files accepted before:\n{lines}"


def _before(delivery: Delivery, raw_file: Path) -> list[FileColumn]:
    if not raw_file.exists():
        return []
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(raw_file)} as raw (read_only)")
        tables = con.execute(
            "select count(*) from duckdb_tables() where database_name = 'raw' "
            "and table_name = 'load_file_columns'"
        ).fetchone()
        if not tables[0]:
            return []
        rows = con.execute(
            "select file_position, file_name, column_position, name, kind "
            "from raw.load_file_columns where load_id = ("
            "select load_id from raw.loads where source = $source "
            "and accepted_at is not null and withdrawn_at is null "
            "and purged_at is null and extracted_at < $extracted_at "
            "order by extracted_at desc, accepted_at desc, load_id limit 1) "
            "order by file_position, column_position",
            {
                "source": delivery.source.name,
                "extracted_at": delivery.extracted_at,
            },
        ).fetchall()
    return [FileColumn(*row) for row in rows]


def _changes(
    before: dict[str, FileColumn], now: dict[str, FileColumn], source: Source
) -> Iterator[ColumnChange]:
    first = next(iter(now.values()))
    file_name = naming.file_shown(first.file_name, first.file_position, source)

    def shown(one: FileColumn) -> str:
        is_known = one.name in before
        return naming.column_shown(one.name, one.column_position, is_known, source)

    gone = [name for name in before if name not in now]
    for name, column in now.items():
        if name in before:
            was = before[name].kind
            if "empty" not in (was, column.kind) and was != column.kind:
                kind = column.kind
                yield ColumnChange("retyped", file_name, shown(column), was, kind)
            continue
        old = _called_before(column, [before[other] for other in gone])
        if old:
            gone.remove(old)
            yield ColumnChange("renamed", file_name, shown(column), shown(before[old]))
        else:
            yield ColumnChange("added", file_name, shown(column))
    for name in gone:
        yield ColumnChange("dropped", file_name, shown(before[name]))


def _called_before(column: FileColumn, gone: list[FileColumn]) -> str:
    """Return the name of the column that this one was: like it, or in its place."""
    close = get_close_matches(
        column.name, [one.name for one in gone], n=1, cutoff=CLOSE_ENOUGH
    )
    if close:
        return close[0]
    for one in gone:
        is_in_place = one.column_position == column.column_position
        if is_in_place and one.kind == column.kind:
            return one.name
    return ""


def _file_name(path: Path) -> str:
    """Return the name without ending and digits, if it looks like a name."""
    stem = re.sub(r"\d", "#", path.stem)
    plain = re.sub(r"[#_ .-]+", "_", stem).strip("_")
    return stem if _looks_like_a_name(plain) else "a file"


def _looks_like_a_name(text: str) -> bool:
    return bool(NAME.fullmatch(text)) and not DIGITS_IN_A_ROW.search(text)


def _kinds(
    con: duckdb.DuckDBPyConnection, view: str, columns: list[tuple[str, str]]
) -> list[str]:
    """Return the kind of each column, from the top of the file."""
    tested = ", ".join(_kind_sql(name, sql_type) for name, sql_type in columns)
    rows = min(LOOKED_AT, CELLS_LOOKED_AT // len(columns) + 1)
    return list(
        con.execute(f"select {tested} from (from {view} limit {rows})").fetchone()
    )


def _kind_sql(name: str, sql_type: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    text = f"nullif(trim({column}::varchar), '')"
    known = SQL_KINDS.get(sql_type.split(" ")[0].split("(")[0])
    if known:
        return f"case when count({column}) = 0 then 'empty' else {quoted(known)} end"
    cases = " ".join(
        f"when bool_and(regexp_full_match({text}, {quoted(pattern)})) "
        f"then {quoted(kind)}"
        for kind, pattern in KINDS.items()
    )
    return f"case when count({text}) = 0 then 'empty' {cases} else 'text' end"
