"""Read each file of a delivery once, into a temporary table.

A CSV becomes text, column by column, in the dialect that source.yml pins: nothing is
sniffed, since DuckDB's sniffer can drop ragged rows in silence. What is packed or not in
UTF-8 is first written to the scratch folder as plain UTF-8. DuckDB's own messages repeat
values, so none is passed on (`damage.py`).
"""

import codecs
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake import damage, headers, long_files
from pipelines.intake.deliveries import Delivery, ending_of
from pipelines.intake.encodings import is_latin_1
from pipelines.intake.resources import stops, told_if_short
from pipelines.intake.sources import Source
from pipelines.sql import quoted

CHUNK_BYTES = 1 << 20
"""Bytes that are unpacked or put into UTF-8 at a time."""

UNPACKED_BYTES = 256 << 20
"""A packed file may always unpack to this much."""

UNPACKED_RATIO = 100
"""Times its packed size that a larger one may unpack to. Extracts shrink 5 to 30 times
in gzip; 1,000 times, its most, is a file made to fill a disk."""

RECORDS_PER_BYTE = 1_000
"""Records that a Parquet file may claim for each of its bytes. A key alone, at most
constant but for a few bits, takes more."""

SAMPLE_BYTES = 1 << 16
NUL_SHARE = 0.2
"""Share of NUL bytes (0-1) from which a file is taken for UTF-16: half of plain Latin
text in it are, and none in any other encoding."""

OTHER_FORMS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "packed with gzip",
}
"""First bytes of files that are often called .csv and are none."""


def table_of(file_name: str) -> str:
    """Name of the table of one file; a hash, so that any file name is safe."""
    digest = hashlib.md5(file_name.encode(), usedforsecurity=False).hexdigest()
    return f"file_{digest}"


def read_files(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, scratch: Path
) -> None:
    """Read every file of a delivery to its end, each into a table of its own.

    Args:
        con: The delivery's connection, not yet confined.
        delivery: What to read.
        scratch: Folder for a file that must be unpacked or put into UTF-8 first.

    Raises:
        DeliveryRefusedError: A file cannot be read whole; says which, where and why.
    """
    for position, path in enumerate(delivery.files, start=1):
        name = f"{delivery.source.name}/{delivery.name}"
        try:
            with told_if_short(f"Delivery {name}: reading file {position} of it"):
                if ending_of(path.name) == ".parquet":
                    _read_parquet(con, path)
                else:
                    _read_csv(con, path, delivery.source, scratch)
        except headers.UnfitFileError as error:
            raise DeliveryRefusedError(
                f"Delivery {delivery.source.name}/{delivery.name}: file {position} (in "
                f"order of name) {error}\nNothing was loaded.",
                kind="unreadable",
            ) from None


def _read_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    damage.refuse_broken_parquet(path)
    try:
        _refuse_swollen(con, path)
        _make_table(con, path, f"read_parquet({quoted(path)})")
    except duckdb.Error as error:
        if stops(error):
            raise
        raise damage.of_parquet() from None


def _read_csv(
    con: duckdb.DuckDBPyConnection, path: Path, source: Source, scratch: Path
) -> None:
    copy = scratch / "plain.csv"
    plain = _as_plain_utf_8(path, source.csv_encoding, copy)
    names = headers.read(plain, source)
    columns = ", ".join(f"{quoted(name)}: 'varchar'" for name in names)
    reader = (
        f"read_csv({quoted(plain)}, auto_detect = false, header = true, "
        f"delim = {quoted(source.csv_delimiter)}, quote = '\"', escape = '\"', "
        f"strict_mode = true, columns = {{{columns}}}"
    )
    (threads,) = con.execute("select current_setting('threads')").fetchone()
    try:
        if plain.stat().st_size > long_files.LONG_BYTES:
            table = table_of(path.name)
            long_files.read(con, table, plain, reader, source.csv_delimiter)
        else:
            con.execute("set threads = 1")
            _make_table(con, path, f"{reader})")
    except duckdb.Error as error:
        if stops(error):
            raise
        raise damage.of_csv(error, plain, source.csv_delimiter) from None
    finally:
        con.execute(f"set threads = {threads}")
        copy.unlink(missing_ok=True)


def _make_table(con: duckdb.DuckDBPyConnection, path: Path, reader: str) -> None:
    con.execute(f"create temp table {table_of(path.name)} as select * from {reader}")


def _as_plain_utf_8(path: Path, encoding: str, copy: Path) -> Path:
    """Return the file itself if it is plain UTF-8, else a copy of it that is."""
    is_packed = ending_of(path.name) == ".csv.gz"
    try:
        with gzip.open(path) if is_packed else path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
            _refuse_another_form(sample, encoding)
            if encoding == "utf-8" and not is_packed:
                return path
            file.seek(0)
            with copy.open("wb") as written:
                for chunk in _in_utf_8(_bounded(file, path, is_packed), encoding):
                    written.write(chunk)
    except damage.UNPACKING_FAULTS as error:
        raise damage.of_packed(path, error) from None
    except (PermissionError, FileNotFoundError):
        raise headers.UnfitFileError(
            "cannot be opened any more. Let this user read it, and run again when the "
            "whole delivery is there."
        ) from None
    return copy


def _bounded(file: BinaryIO, path: Path, is_packed: bool) -> Iterator[bytes]:
    most = max(UNPACKED_BYTES, UNPACKED_RATIO * path.stat().st_size)
    unpacked = 0
    while chunk := file.read(CHUNK_BYTES):
        unpacked += len(chunk)
        if is_packed and unpacked > most:
            raise headers.UnfitFileError(
                f"cannot be read: it unpacks to more than {most >> 20} MiB, which no "
                "extract of its size does. Send it unpacked if that is true."
            )
        yield chunk


def _in_utf_8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        for chunk in chunks:
            if encoding == "latin-1" and not is_latin_1(chunk):
                raise headers.UnfitFileError(
                    "holds characters that latin-1 does not have, somewhere after byte "
                    f"{done}; is it windows-1252? Correct `csv: encoding`, or ask for it "
                    "again."
                )
            yield decoder.decode(chunk).encode()
            done += len(chunk)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise headers.UnfitFileError(
            f"is not in the encoding that source.yml gives ({encoding}), somewhere "
            f"after byte {done}. Correct `csv: encoding`, or ask for it again."
        ) from None


def _refuse_another_form(sample: bytes, encoding: str) -> None:
    """Name a file that is something else, before its bytes are taken for text."""
    for start, form in OTHER_FORMS.items():
        if sample.startswith(start):
            raise headers.UnfitFileError(
                f"cannot be read: it is {form}, not a CSV. Correct its ending (.csv, "
                ".csv.gz, .parquet), or export it again as CSV."
            )
    found = ""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found = "utf-16"
    elif sample.startswith(codecs.BOM_UTF8):
        found = "utf-8"
    elif sample and sample.count(0) / len(sample) > NUL_SHARE:
        found = "utf-16"
    elif encoding == "utf-16":
        found = "utf-8 or a one-byte encoding"
    if found and found != encoding:
        raise headers.UnfitFileError(
            f"is not in the encoding that source.yml gives ({encoding}); it looks like "
            f"{found}. Correct `csv: encoding`, or ask for it again."
        )


def _refuse_swollen(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    row = con.execute(
        f"select num_rows from parquet_file_metadata({quoted(path)})"
    ).fetchone()
    if row[0] > RECORDS_PER_BYTE * path.stat().st_size:
        raise headers.UnfitFileError(
            f"cannot be read: it claims more than {RECORDS_PER_BYTE} records for each of "
            "its bytes. Ask for it again."
        )
