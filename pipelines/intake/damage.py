"""Say how a file is not whole: empty, cut short, damaged, or another kind of file."""

import gzip
import zlib
from pathlib import Path

from pipelines.intake.headers import UnfitFileError

PARQUET_MARK = b"PAR1"
"""The first and the last four bytes of a Parquet file."""

GZIP_MARK = b"\x1f\x8b"

UNPACKING_FAULTS = (EOFError, zlib.error, gzip.BadGzipFile)
"""What Python raises of a packed file that is not whole, or not packed."""

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
