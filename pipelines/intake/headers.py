"""Read the header line of a CSV, and say in words what is wrong with it.

A file without a header begins with a row, so no name of a column is ever repeated.
"""

import csv
import io
import re
from pathlib import Path

from pipelines.intake.sources import Source

LONGEST_HEADER = 1 << 20
"""Characters of a header line."""

MOST_COLUMNS = 1_000
"""Columns of a file. The contract's widest feed has 30, a wide export some hundreds."""

LONGEST_NAME = 128
"""Characters of a column's name."""

OTHER_DELIMITERS = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
"""Delimiters that are tried to tell a wrong one from a missing one, and their names."""

VALUE = re.compile(r"[+-]?\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*|\d\d?[./]\d\d?[./]\d{2,4}")
"""Numbers and dates, which a row holds and a header hardly."""


FOR_EXCEL = re.compile(r"sep=.?", re.IGNORECASE)
"""A line before the header that tells Excel the delimiter."""


class UnfitFileError(Exception):
    """A file that cannot be read; its message goes on from "file N (in order of name)"."""


def read(path: Path, source: Source) -> list[str]:
    """Return the names of a CSV's columns.

    Args:
        path: A plain file in UTF-8, with or without a byte order mark.
        source: Gives the delimiter, and the encoding it was sent in.

    Raises:
        UnfitFileError: There is no header line in which every column has a name of its
            own, or it is split by another delimiter.
    """
    names = _first_record(path, source)
    if not names:
        raise UnfitFileError(
            "is empty, or begins with a blank line where the header line must be. Ask "
            "for it again."
        )
    if FOR_EXCEL.fullmatch(names[0].strip()):
        raise UnfitFileError(
            "begins with a line `sep=`, which only Excel reads. Take that line out, or "
            "ask for the file without it."
        )
    _refuse_another_delimiter(names, source.csv_delimiter)
    lowered = [name.strip().lower() for name in names]
    values = sum(VALUE.fullmatch(name) is not None for name in lowered)
    blank = sum(not name for name in lowered)
    repeated = len(names) - blank - len({name for name in lowered if name})
    # Numbers alone may be names (the items of a questionnaire); blanks beside them not.
    is_record = bool(values and blank) or values + blank + repeated > len(names) / 2
    if is_record:
        raise UnfitFileError(
            "has no header line in which every column has a name of its own: "
            f"of {len(names)} fields in its first line {values} are numbers or dates, "
            f"{blank} are blank and {repeated} repeat.\nSend the columns' names as the "
            "first line."
        )
    if repeated or blank:
        raise UnfitFileError(
            "needs a header line in which every column has a name of its own; "
            f"{repeated} repeat and {blank} are blank."
        )
    _refuse_strange_names(names)
    return names


def _first_record(path: Path, source: Source) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            start = file.read(LONGEST_HEADER)
    except UnicodeDecodeError:
        raise UnfitFileError(
            f"is not in the encoding that source.yml gives ({source.csv_encoding}). "
            "Correct `csv: encoding` (latin-1 or windows-1252?), or ask for it again."
        ) from None
    limit = csv.field_size_limit(LONGEST_HEADER)
    try:
        lines = io.StringIO(start, newline="")
        reader = csv.reader(lines, delimiter=source.csv_delimiter, strict=True)
        names = next(reader, [])
        is_cut = len(start) == LONGEST_HEADER and lines.tell() == len(start)
    except csv.Error:
        is_cut = True
    finally:
        csv.field_size_limit(limit)
    if is_cut:
        raise UnfitFileError(
            "cannot be read at line 1: a quote is not closed, or the header line is "
            "longer than 1 MB. Ask for it again."
        )
    return names


def _refuse_another_delimiter(names: list[str], delimiter: str) -> None:
    if len(names) != 1:
        return
    counts = {d: names[0].count(d) for d in OTHER_DELIMITERS if d != delimiter}
    likely = max(counts, key=counts.get)
    if counts[likely]:
        raise UnfitFileError(
            f"has one column only, and its first line looks delimited by "
            f"{OTHER_DELIMITERS[likely]} ({counts[likely] + 1} fields). Set "
            "`csv: delimiter` in source.yml, or ask for the file again."
        )


def _refuse_strange_names(names: list[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise UnfitFileError(
            f"has {len(names)} columns; at most {MOST_COLUMNS} are read. Leave out "
            "what no adapter needs."
        )
    strange = [
        position
        for position, name in enumerate(names, start=1)
        if len(name) > LONGEST_NAME or not name.isprintable()
    ]
    if strange:
        raise UnfitFileError(
            f"needs a header line of short plain names; {len(strange)} are longer than "
            f"{LONGEST_NAME} characters or hold control characters, the first at "
            f"position {strange[0]}."
        )
