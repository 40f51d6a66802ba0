"""Write feeds as files whose bytes depend on their rows alone, into whole folders."""

import errno
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import UsageError

FORMATS = ("parquet", "csv")

ROW_GROUP_BLOCKS = 8
"""Blocks of patients per row group of a Parquet file, however they were handed out."""

COMPRESSION = "zstd"

BESIDE = ".simulating_"
"""Begins the name of a folder that is being filled."""

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class FeedFile:
    """One growing file of one feed; give it blocks in order, then close it."""

    def __init__(self, folder: Path, feed: str, file_format: str) -> None:
        self.path = folder / f"{feed}.{file_format}"
        self.rows = 0
        self._is_csv = file_format == "csv"
        self._waiting: list[pl.DataFrame] = []
        self._writer: pq.ParquetWriter | None = None
        self._file = self.path.open("wb") if self._is_csv else None

    def add(self, frame: pl.DataFrame) -> None:
        """Append the rows of one block; none is a block too."""
        is_first = self.rows == 0 and not self._waiting
        if self._is_csv:
            if is_first and self._file.tell() == 0:
                self._file.write((",".join(frame.columns) + "\n").encode())
            frame.write_csv(self._file, include_header=False)
        else:
            self._waiting.append(frame)
            if len(self._waiting) == ROW_GROUP_BLOCKS:
                self._flush()
        self.rows += frame.height

    def close(self) -> dict[str, str | int]:
        """Finish the file; return its entry for delivery.json."""
        if self._is_csv:
            self._file.close()
        else:
            self._flush()
            if self._writer:
                self._writer.close()
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"rows": self.rows, "sha256": digest}

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = as_arrow(pl.concat(self._waiting, rechunk=True))
        self._waiting = []
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self.path, table.schema, compression=COMPRESSION
            )
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)


def as_arrow(frame: pl.DataFrame) -> pa.Table:
    """Return a frame as Arrow, with types that every reader of Parquet knows."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.replace_schema_metadata(None)


def write_whole(path: Path, frame: pl.DataFrame) -> None:
    """Write one frame as one Parquet file."""
    pq.write_table(as_arrow(frame.rechunk()), path, compression=COMPRESSION)


def write_manifest(
    folder: Path, data_to: date, extracted_on: date, files: dict[str, dict]
) -> None:
    """Write delivery.json: when it was extracted, to what day, and what it holds."""
    content = {
        "extracted_at": f"{extracted_on.isoformat()}T02:00:00Z",
        "data_to": data_to.isoformat(),
        "files": files,
    }
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    (folder / "delivery.json").write_text(text, encoding="utf-8")


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give a folder to fill; it becomes `out` at the end, or is removed.

    It is filled beside `out`, in a new folder with a name of its own: nothing that is
    there already is touched.

    Args:
        out: Not there yet, or an empty folder.

    Raises:
        UsageError: `out` holds something or cannot be written, or the disk is full.
    """
    with told_to_the_user(out):
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise UsageError(
                f"{out} is not empty. A simulated service goes into a folder of its "
                "own: give another --out, or remove what is there."
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=BESIDE, dir=out.parent))
    try:
        # One folder further in: only we can read the one that mkdtemp makes.
        filled = beside / "service"
        filled.mkdir()
        yield filled
        with told_to_the_user(out):
            if out.exists():
                out.rmdir()
            filled.rename(out)
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise UsageError(
            f"There is no room left in {out.parent}; nothing was kept. Make room, give "
            "--out on another disk, or ask for fewer patients or years."
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def told_to_the_user(out: Path) -> Iterator[None]:
    """Turn what is wrong with a path that the user gave into an error for the user.

    Raises:
        UsageError: The path cannot be reached or written.
    """
    try:
        yield
    except OSError as error:
        is_below_a_file = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "part of it is a file" if is_below_a_file else error.strerror
        raise UsageError(
            f"{out} cannot be written: {reason}. Give --out a folder in a place where "
            "you may write."
        ) from error
