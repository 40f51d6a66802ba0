"""Tell how a stranger's CSV files are written, from a bounded part of each.

What is told is shown to the person and then pinned in source.yml: loading never
guesses (DuckDB's own sniffer can drop ragged rows in silence).
"""

import codecs
import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import UsageError
from pipelines.intake.encodings import is_latin_1

SAMPLE_BYTES = 4 * 1024 * 1024
"""Bytes that are read at a time; the first of them tell the delimiter."""

MOST_SAMPLES = 64
"""Times that so much is read of a file for its letters. One outside ASCII that stands
only later is found when the whole file is read: then the draft is refused and says so."""

ENCODINGS = ("utf-8", "latin-1", "windows-1252", "utf-16")
"""Encodings that are told apart; of several that read a file, the first is taken."""

SAMPLE_RECORDS = 200
"""Records that must agree on how many columns there are."""

DELIMITERS = (",", ";", "\t", "|")
SAME_WIDTH = 0.9
"""Share (0-1) of the records that must have as many columns as the header has."""

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Dialect:
    """How files are written."""

    delimiter: str
    encoding: str
    decimal: str = "."

    @property
    def words(self) -> str:
        """For the person who reads the draft's report."""
        mark = "comma" if self.decimal == "," else "point"
        delimiter = NAMES.get(self.delimiter, "delimiter")
        return f"{delimiter} between columns, {self.encoding}, decimal {mark}"


@dataclass(frozen=True)
class Sniffed:
    """What one file could be."""

    delimiter: str
    """Empty where there is one column only, which any delimiter reads."""

    encodings: tuple[str, ...]
    """Encodings that read what was looked at; plain ASCII fits three."""


def sniff(path: Path) -> Sniffed:
    """Return what the start of a CSV file, gzipped or not, says about itself.

    Raises:
        UsageError: It cannot be unpacked.
    """
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            sample = file.read(SAMPLE_BYTES)
            encodings = _encodings(chain((sample,), _samples(file)))
    except (OSError, EOFError, zlib.error):
        raise UsageError(
            "A file of the delivery cannot be opened or unpacked. Ask for it again."
        ) from None
    decoder = codecs.getincrementaldecoder(encodings[0])(errors="replace")
    return Sniffed(_delimiter(decoder.decode(sample).lstrip("\ufeff")), encodings)


def agree(sniffed: Iterable[Sniffed]) -> Dialect:
    """Return the one dialect that reads every file; its decimal is not told yet.

    Raises:
        UsageError: The files are not all written the same way.
    """
    sniffed = tuple(sniffed)
    delimiters = {one.delimiter for one in sniffed if one.delimiter}
    shared = [
        encoding
        for encoding in ENCODINGS
        if all(encoding in one.encodings for one in sniffed)
    ]
    if len(delimiters) > 1 or (sniffed and not shared):
        raise UsageError(
            "The files are not written the same way: "
            + "; ".join(
                f"file {position} has a {NAMES.get(one.delimiter, 'single column')} and "
                f"{' or '.join(one.encodings)}"
                for position, one in enumerate(sniffed, start=1)
            )
            + ".\nA source has one way. Ask for one, or put the files into two folders "
            "and make two sources with the same namespace."
        )
    return Dialect(next(iter(delimiters), ","), shared[0] if shared else "utf-8")


def _samples(file: BinaryIO) -> Iterator[bytes]:
    """Read on; an empty sample is the end of the file."""
    for _ in range(MOST_SAMPLES):
        yield (sample := file.read(SAMPLE_BYTES))
        if not sample:
            return


def _encodings(samples: Iterator[bytes]) -> tuple[str, ...]:
    first = next(samples)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    decoder = codecs.getincrementaldecoder("utf-8")()
    ascii_fits = utf_8_fits = latin_1_fits = True
    for sample in chain((first,), samples):
        ascii_fits = ascii_fits and sample.isascii()
        utf_8_fits = utf_8_fits and _decodes(decoder, sample)
        latin_1_fits = latin_1_fits and is_latin_1(sample)
    if ascii_fits:
        return ("utf-8", "latin-1", "windows-1252")
    if utf_8_fits:
        return ("utf-8",)
    return ("latin-1", "windows-1252") if latin_1_fits else ("windows-1252",)


def _decodes(decoder: codecs.IncrementalDecoder, sample: bytes) -> bool:
    try:
        decoder.decode(sample, final=not sample)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """The delimiter that gives most records the header's number of columns."""
    best, width = "", 1
    for delimiter in DELIMITERS:
        records = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        try:
            widths = [len(record) for record in islice(records, SAMPLE_RECORDS)]
        except csv.Error:
            continue
        if not widths or widths[0] <= width:
            continue
        if sum(one == widths[0] for one in widths) >= SAME_WIDTH * len(widths):
            best, width = delimiter, widths[0]
    return best
