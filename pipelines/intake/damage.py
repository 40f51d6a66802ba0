"""Say how a file is not whole: empty, cut short, damaged, or another kind of file.

DuckDB's own messages repeat values: only a line's number and the kind of fault are read
out of them.
"""

import csv
import gzip
import re
import zlib
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.intake.headers import UnfitFileError

PARQUET_MARK = b"PAR1"
"""The first and the last four bytes of a Parquet file."""

GZIP_MARK = b"\x1f\x8b"

UNPACKING_FAULTS = (EOFError, zlib.error, gzip.BadGzipFile)
"""What Python raises of a packed file that is not whole, or not packed."""

LINE = re.compile(r"(?:CSV Error on )?Line: (\d+)")
REASONS = {
    "unterminated quote": "a quote is not closed",
    "Expected Number of Columns": "a record has more or fewer fields than the header",
    "line size": "a record is longer than 2 MB; is a quote not closed?",
    "unicode": "the text is not in the encoding that source.yml gives",
    "utf-8": "the text is not in the encoding that source.yml gives",
}
"""What DuckDB says of a broken record, and what we say of it."""

LONGEST_FIELD = 2 << 20
"""As much as DuckDB allows a record; bytes."""

AGAIN = "Ask for it again"
OTHER_ENDING = "Correct its ending (.csv, .csv.gz, .parquet), or ask for it again."


def refuse_broken_parquet(path: Path) -> None:
    """Refuse a file whose first or last bytes are not those of a Parquet file.

    Raises:
        UnfitFileError: It is empty, something else, or cut short.
    """
    first, last = _ends(path)
    if not first:
        raise UnfitFileError(f"is empty: it has no byte. {AGAIN}.")
    if first != PARQUET_MARK:
        raise UnfitFileError(f"is no Parquet file, as its name says. {OTHER_ENDING}")
    if last != PARQUET_MARK:
        raise UnfitFileError(
            f"is cut short: it does not end as a Parquet file does. {AGAIN}, and see "
            "that it is copied whole."
        )


def _ends(path: Path) -> tuple[bytes, bytes]:
    """Return the first bytes of a file and its last, as many as a mark has."""
    length = len(PARQUET_MARK)
    try:
        with path.open("rb") as file:
            first = file.read(length)
            file.seek(max(path.stat().st_size - length, length))
            return first, file.read()
    except OSError:
        raise UnfitFileError(
            "cannot be opened any more. Let this user read it, and run again when the "
            "whole delivery is there."
        ) from None


def of_packed(path: Path, error: Exception) -> UnfitFileError:
    """Return how a packed file is broken, from what unpacking it raised."""
    with path.open("rb") as file:
        is_packed = file.read(len(GZIP_MARK)) == GZIP_MARK
    if not is_packed:
        return UnfitFileError(
            f"is not packed with gzip, as its name says. {OTHER_ENDING}"
        )
    if isinstance(error, EOFError):
        return UnfitFileError(
            f"is cut short: it ends in the middle of what is packed. {AGAIN}, and see "
            "that it is copied whole."
        )
    return UnfitFileError(f"is damaged: what is packed cannot be unpacked. {AGAIN}.")


def of_csv(error: duckdb.Error, path: Path, delimiter: str) -> UnfitFileError:
    """Return how a CSV is broken, from what DuckDB said of it.

    Args:
        error: What reading it raised.
        path: The file, in UTF-8.
        delimiter: One character.
    """
    text = str(error)
    line = LINE.search(text)
    at = f" at line {_line_of(path, delimiter, int(line[1]))}" if line else ""
    reason = next(
        (ours for theirs, ours in REASONS.items() if theirs.lower() in text.lower()),
        "it is damaged, or not in the form that source.yml gives",
    )
    return UnfitFileError(
        f"cannot be read{at}: {reason}.\nAsk for the file again, or correct `csv` in "
        "source.yml."
    )


def of_parquet() -> UnfitFileError:
    """Return that a Parquet file with the right marks is broken all the same."""
    return UnfitFileError("cannot be read: it is damaged.\nAsk for the file again.")


def _line_of(path: Path, delimiter: str, counted: int) -> int:
    """Return the line at which a record begins, as an editor counts.

    DuckDB counts a record as one line, however many there are within its quotes.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        records = csv.reader(file, delimiter=delimiter)
        try:
            before = sum(1 for _ in islice(records, counted - 1))
        except csv.Error:
            return counted
        return records.line_num + 1 if before == counted - 1 else counted
