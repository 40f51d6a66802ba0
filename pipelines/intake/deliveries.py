"""A delivery: the files a source sent at one time, and the identity of loading them."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.contract import CONTRACT_VERSION
from pipelines.intake.manifest import (
    MANIFEST,
    read_data_to,
    read_extracted_at,
    read_manifest,
    refuse_other_files,
)
from pipelines.intake.sources import Source
from pipelines.settings import Home

ENDINGS = (".csv", ".csv.gz", ".parquet")
"""Files that are read; capitals do not matter."""
LOAD_ID_LENGTH = 16
PLAIN_NAME = re.compile(r"[^*?\[\]\x00-\x1f\ud800-\udfff]+")
"""Python reads each byte of a name that is not UTF-8 as one of \\ud800 to \\udfff, which
neither DuckDB nor a hash takes."""

NOT_OPENED = (
    "Let this user read the folder and its files (their owner and permissions), see that "
    "the disk is there, and run again."
)


@dataclass(frozen=True)
class Delivery:
    """One folder under landing/<source>/."""

    source: Source
    folder: Path
    files: tuple[Path, ...]
    extracted_at: datetime
    """The source's own clock, which orders its deliveries; UTC."""

    data_to: date | None
    """Last day the delivery covers, where it says so."""

    declared_rows: dict[str, int]
    """Records per file that delivery.json declares."""

    files_id: str
    """Hash of the files alone: a mended adapter loads the same files again."""

    content_id: str
    """Hash of files, adapters, source.yml and contract: the same content gives
    the same id, whatever the folder is called."""

    load_id: str
    """The content's id; another one where this content is loaded a second time
    (`ledger.load_id_of`)."""

    is_dated: bool = True
    """False where `extracted_at` only stands in for a clock that is not known
    (`trial.py`)."""

    @property
    def name(self) -> str:
        """Folder name."""
        return self.folder.name

    def parts_of(self, feed: str) -> tuple[Path, ...]:
        """Return the files that are named after a feed: `<feed>`, or `<feed>` and a part.

        A part begins with `_`, `-` or `.`: `sessions_2025.csv`, `sessions.2.csv.gz`.
        They are in order of name, which is the order of the feed's rows.
        """
        named = re.compile(rf"{feed}([._-].+)?")
        return tuple(p for p in self.files if named.fullmatch(stem_of(p.name)))


def ending_of(file_name: str) -> str:
    """Return which of ENDINGS a file name has, in small letters; empty if none.

    Examples:
        >>> ending_of("SITES.CSV.GZ")
        '.csv.gz'
    """
    endings = (e for e in reversed(ENDINGS) if file_name.lower().endswith(e))
    return next(endings, "")


def stem_of(file_name: str) -> str:
    """Return a file's name without its ending, in small letters.

    Examples:
        >>> stem_of("SITES.CSV.GZ")
        'sites'
    """
    return file_name.lower().removesuffix(ending_of(file_name))


def find_deliveries(home: Home, source: Source) -> list[Path]:
    """Return the delivery folders of a source, by name.

    A hidden folder is none: backups and file systems keep theirs there.

    Raises:
        DeliveryRefusedError: The system does not let us look.
    """
    folder = home.landing / source.name
    try:
        if not folder.is_dir():
            return []
        return sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.name.startswith(".")
        )
    except OSError:
        raise DeliveryRefusedError(
            f"landing/{source.name} cannot be read, so none of its deliveries was "
            f"loaded. {NOT_OPENED}",
            kind="unreadable",
        ) from None


def name_of_folder(folder: Path) -> str:
    """Return a folder's name; bytes that are not UTF-8 are replaced by a mark."""
    return os.fsencode(folder.name).decode("utf-8", errors="replace")


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_delivery(
    folder: Path, source: Source, hash_of: Callable[[Path], str] = sha256_of
) -> Delivery:
    """Identify a delivery and compare it with its own delivery.json.

    Args:
        folder: The delivery.
        source: Who sent it.
        hash_of: Gives a file's sha256; an ingest need not read it again.

    Raises:
        DeliveryRefusedError: It cannot be read, has no files, no date or one in the
            future, or is not what its delivery.json says was sent.
    """
    where = f"{source.name}/{name_of_folder(folder)}"
    try:
        return _read(folder, source, hash_of, where)
    except OSError:
        raise DeliveryRefusedError(
            f"Delivery {where} cannot be read: the system does not open its folder or one "
            f"of its files. {NOT_OPENED}",
            kind="unreadable",
        ) from None


def _read(
    folder: Path, source: Source, hash_of: Callable[[Path], str], where: str
) -> Delivery:
    files = _data_files(folder, where)
    manifest = read_manifest(folder, where)
    hashes = {path.name: hash_of(path) for path in files}
    declared = manifest.get("files") or {}
    refuse_other_files(where, hashes, declared)
    content = json.dumps([sorted(hashes.items()), manifest], sort_keys=True)
    files_id = hashlib.sha256(content.encode()).hexdigest()
    read_by = f"{CONTRACT_VERSION}\0{source.fingerprint}\0{files_id}"
    content_id = hashlib.sha256(read_by.encode()).hexdigest()[:LOAD_ID_LENGTH]
    extracted_at = read_extracted_at(manifest, folder.name, where)
    return Delivery(
        source=source,
        folder=folder,
        files=files,
        extracted_at=extracted_at,
        data_to=read_data_to(manifest, extracted_at, where),
        declared_rows={
            name: entry["rows"] for name, entry in declared.items() if "rows" in entry
        },
        files_id=files_id[:LOAD_ID_LENGTH],
        content_id=content_id,
        load_id=content_id,
    )


def _data_files(folder: Path, where: str) -> tuple[Path, ...]:
    """Return the delivery's data files; refuse what would be passed over in silence."""
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = [path for path in entries if path.name != MANIFEST]
    strange = sum(
        not path.is_file()
        or path.resolve().parent != folder.resolve()
        or not stem_of(path.name)
        or not ending_of(path.name)
        or not PLAIN_NAME.fullmatch(path.name)
        for path in files
    )
    if strange:
        raise DeliveryRefusedError(
            f"Delivery {where}: {strange} of {len(files)} entries are not plain "
            f"{', '.join(ENDINGS)} files (no folders, no links to elsewhere, none of "
            "*?[] or control characters in a name, which is in UTF-8), so they would not be read.\nUnpack, "
            "rename or remove them and run again.",
            kind="unreadable",
        )
    if len({stem_of(path.name) for path in files}) < len(files):
        raise DeliveryRefusedError(
            f"Delivery {where}: two files differ only in their ending or in capital "
            "letters. Leave one.",
            kind="unreadable",
        )
    if not PLAIN_NAME.fullmatch(str(folder)):
        raise DeliveryRefusedError(
            f"Delivery {where} lies in a folder whose path has one of *?[] or is not "
            "in UTF-8, which cannot be read. Move it and run again.",
            kind="unreadable",
        )
    if not files:
        raise DeliveryRefusedError(
            f"Delivery {where} has no .csv, .csv.gz or .parquet file.\n"
            "Put the extract's files into the delivery's folder and run again.",
            kind="unreadable",
        )
    return tuple(files)
