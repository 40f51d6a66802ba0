"""Read a long CSV whole: within it DuckDB guesses where a record begins.

It begins anew every few million bytes, also on one thread, and may take a quoted line
for a record; then it finds a quote that is not closed. Told to read from start to end
(`parallel = false`), it passes over what follows a quote that is really not closed, in
silence. So neither is trusted by itself: how many records there are is counted apart
(docs/adr/0008).
"""

import csv
import re
from codecs import BOM_UTF8
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from pipelines.intake.damage import LONGEST_FIELD
from pipelines.intake.headers import UnfitFileError

LONG_BYTES = 4 << 20
"""A longer file is counted; DuckDB begins anew after some eight million bytes."""

AT_ONCE_BYTES = 64 << 20
"""A longer file may be read from two places at once, in pieces of this size. Of smaller
pieces DuckDB puts the rows together again, which takes as long as is won."""

CHUNK_BYTES = 1 << 20

NOT_CLOSED = (
    "cannot be read: a quote is not closed, or text follows one that is.\n"
    "Ask for the file again, or correct `csv` in source.yml."
)
UNTOLD = (
    "cannot be read: quotes are set so that its records cannot be told apart.\n"
    "Ask for it with quotes around every field, doubled inside."
)


BEFORE_A_QUOTE = b'\n\r"'
"""And the delimiter: after one of these a quote begins a field, or is one of two."""

SPACES_AFTER_A_QUOTE = r'" +(?=[{delimiter}\r\n]|$)'
"""DuckDB passes over spaces between a closing quote and the end of a field."""


@dataclass(frozen=True)
class Lines:
    """What ends the records of a CSV.

    Attributes:
        count: Lines that do not end within quotes; None if quotes do not tell: one is
            left open, or stands within a field that is in no quotes.
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
    """Read a long file into a temporary table, to as many records as it has.

    Args:
        con: Where the table is made; its setting `threads` is changed.
        table: Its name.
        path: The file, in UTF-8.
        reader: `read_csv(...` without the closing bracket.
        delimiter: One character.

    Raises:
        UnfitFileError: A quote is not closed, or DuckDB finds more or fewer records
            than there are.
        duckdb.Error: It cannot read the file. The error is that of the last way, which
            guesses least.
    """
    lines = count_lines(path, delimiter)
    (threads,) = con.execute("select current_setting('threads')").fetchone()
    ways = [(1, ""), (1, "" if lines.are_plain else ", parallel = false")]
    if lines.are_plain and threads > 1 and path.stat().st_size > AT_ONCE_BYTES:
        ways[0] = (2, f", buffer_size = {AT_ONCE_BYTES}")
    failed: Exception = UnfitFileError(UNTOLD)
    for on, way in dict.fromkeys(ways):
        con.execute(f"set threads = {on}")
        try:
            con.execute(f"create temp table {table} as select * from {reader}{way})")
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            failed = error
            continue
        (found,) = con.execute(f"select count(*) from {table}").fetchone()
        if lines.count is not None and found == lines.count - 1:
            return
        records = _records_by_the_rules(path, delimiter)
        if found in records:
            return
        con.execute(f"drop table {table}")
        failed = UnfitFileError(UNTOLD if records else NOT_CLOSED)
    raise failed


def count_lines(path: Path, delimiter: str = ",") -> Lines:
    """Count the lines of a CSV that end a record, as far as quotes tell."""
    opens = np.frombuffer(BEFORE_A_QUOTE + delimiter.encode()[-1:], np.uint8)
    count, quotes, is_plain, is_told, last = 0, 0, True, True, b"\n"
    with path.open("rb") as file:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            has_quotes = b'"' in chunk
            is_plain = is_plain and not has_quotes and b"\r" not in chunk
            if has_quotes:
                cells = np.frombuffer(last + chunk, np.uint8)  # from one before
                of_quotes = np.flatnonzero(cells[1:] == ord('"'))
                of_ends = np.flatnonzero(cells[1:] == ord("\n"))
                hidden = (quotes + np.searchsorted(of_quotes, of_ends)) % 2
                count += int((hidden == 0).sum())
                before = cells[of_quotes[quotes % 2 :: 2]]
                is_told = is_told and bool(np.isin(before, opens).all())
                quotes += len(of_quotes)
            elif quotes % 2 == 0:
                count += chunk.count(b"\n")
            last = chunk[-1:]
    is_told = is_told and quotes % 2 == 0
    return Lines(count + (last != b"\n") if is_told else None, is_plain)


def _records_by_the_rules(path: Path, delimiter: str) -> set[int]:
    """Count records by another reader's rules, with and without blank lines.

    It takes several times as long, and is asked only where quotes do not tell.

    Returns:
        Either count, without the header; none if a quote is not closed.
    """
    csv.field_size_limit(LONGEST_FIELD)
    spaces = re.compile(SPACES_AFTER_A_QUOTE.format(delimiter=re.escape(delimiter)))
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.reader(
            (spaces.sub('"', line) for line in file),
            delimiter=delimiter,
            skipinitialspace=True,
            strict=True,
        )
        try:
            kinds = Counter(map(bool, rows))
        except csv.Error:
            return set()
    return {kinds[True] - 1, kinds.total() - 1}
