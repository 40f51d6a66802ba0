"""Read a long CSV whole: within it DuckDB guesses where a record begins.

It begins anew every few million bytes, also on one thread, and may take a quoted line
for a record; then it finds a quote that is not closed. Told to read from start to end
(`parallel = false`), it passes over what follows a quote that is really not closed, in
silence. So neither is trusted by itself: how many records there are is counted apart.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from pipelines.intake.headers import UnfitFileError

LONG_BYTES = 4 << 20
"""A longer file is counted; DuckDB begins anew after some eight million bytes."""

AT_ONCE_BYTES = 64 << 20
"""A longer file may be read from two places at once, in pieces of this size. Of smaller
pieces DuckDB puts the rows together again, which takes as long as is won."""

CHUNK_BYTES = 1 << 20
LONGEST_FIELD = 2 << 20
"""As much as DuckDB allows a record; bytes."""


@dataclass(frozen=True)
class Lines:
    """What ends the records of a CSV.

    Attributes:
        count: Lines that do not end within quotes; None if a quote is left open.
        are_plain: There is neither a quote, which could hide the end of a line, nor a
            carriage return, which could be one.
    """

    count: int | None
    are_plain: bool


def read(
    con: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,
    reader: str,
    delimiter: str,
) -> None:
    """Read a long file into a table, to as many records as it has.

    Args:
        con: Where the table is made; its setting `threads` is changed.
        table: Its name.
        path: The file, in UTF-8.
        reader: `read_csv(...` without the closing bracket.
        delimiter: One character.

    Raises:
        UnfitFileError: DuckDB finds more or fewer records than there are.
        duckdb.Error: It cannot read the file.
    """
    lines = count_lines(path)
    (threads,) = con.execute("select current_setting('threads')").fetchone()
    is_at_once = lines.are_plain and threads > 1 and path.stat().st_size > AT_ONCE_BYTES
    ways = [(1, ""), (1, ", parallel = false")]
    if is_at_once:
        ways.insert(0, (2, f", buffer_size = {AT_ONCE_BYTES}"))
    failed = None
    for on, way in ways:
        con.execute(f"set threads = {on}")
        try:
            con.execute(f"create table {table} as select * from {reader}{way})")
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            failed = error if failed is None or on > 1 else failed
            continue
        (found,) = con.execute(f"select count(*) from {table}").fetchone()
        is_in_order = "parallel" in way
        if not is_in_order and lines.count is not None and found == lines.count - 1:
            return
        if found in _records_by_the_rules(path, delimiter):
            return
        con.execute(f"drop table {table}")
    if failed is not None:
        raise failed
    raise UnfitFileError(
        "cannot be read: quotes are set so that its records cannot be told apart. Ask "
        "for it with quotes around every field, doubled inside."
    )


def count_lines(path: Path) -> Lines:
    """Count the lines of a CSV that end a record, as far as quotes tell."""
    count, quotes, is_plain, last = 0, 0, True, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            has_quotes = b'"' in chunk
            is_plain = is_plain and not has_quotes and b"\r" not in chunk
            if has_quotes:
                cells = np.frombuffer(chunk, np.uint8)
                of_quotes = np.flatnonzero(cells == ord('"'))
                of_ends = np.flatnonzero(cells == ord("\n"))
                before = quotes + np.searchsorted(of_quotes, of_ends)
                count += int((before % 2 == 0).sum())
                quotes += len(of_quotes)
            elif quotes % 2 == 0:
                count += chunk.count(b"\n")
            last = chunk[-1:]
    return Lines(None if quotes % 2 else count + (last != b"\n"), is_plain)


def _records_by_the_rules(path: Path, delimiter: str) -> set[int]:
    """Count records by another reader's rules, with and without blank lines.

    It takes several times as long, and is asked only where quotes do not tell.

    Returns:
        Either count, without the header; none if a quote is not closed.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        try:
            kinds = Counter(
                map(bool, csv.reader(file, delimiter=delimiter, strict=True))
            )
        except csv.Error:
            return set()
    return {kinds[True] - 1, kinds.total() - 1}
