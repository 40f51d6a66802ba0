"""A delivery: the files a source sent at one time, and the identity of loading them."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.contract import CONTRACT_VERSION
from pipelines.intake.sources import Source
from pipelines.settings import Home

MANIFEST = "delivery.json"
ENDINGS = (".csv", ".csv.gz", ".parquet")
"""Files that are read; capitals do not matter."""
LOAD_ID_LENGTH = 16
DATED = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})?Z?)?")
PLAIN_NAME = re.compile(r"[^*?\[\]\x00-\x1f\ud800-\udfff]+")
"""Python reads each byte of a name that is not UTF-8 as one of \\ud800 to \\udfff, which
neither DuckDB nor a hash takes."""

KNOWN_KEYS = {"extracted_at", "data_to", "files"}
FIRST_YEAR = 1980
"""The first year of a delivery's own dates. No service extracted its records before; a
date near year 1 is a blank that some program filled in."""

NOT_OPENED = (
    "Let this user read the folder and its files (their owner and permissions), see that "
    "the disk is there, and run again."
)

CLOCK_AHEAD = timedelta(days=1)
"""How far a source's clock may run ahead of ours. A folder's date is local time, up to
14 hours ahead of UTC; further on it is a mistake, and its rows would count as the
newest until that day came."""


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
    manifest = _read_manifest(folder, where)
    hashes = {path.name: hash_of(path) for path in files}
    declared = manifest.get("files") or {}
    _compare_with_manifest(where, hashes, declared)
    content = json.dumps([sorted(hashes.items()), manifest], sort_keys=True)
    files_id = hashlib.sha256(content.encode()).hexdigest()
    read_by = f"{CONTRACT_VERSION}\0{source.fingerprint}\0{files_id}"
    content_id = hashlib.sha256(read_by.encode()).hexdigest()[:LOAD_ID_LENGTH]
    extracted_at = _extracted_at(manifest, folder.name, where)
    _refuse_impossible(extracted_at, where)
    return Delivery(
        source=source,
        folder=folder,
        files=files,
        extracted_at=extracted_at,
        data_to=_data_to(manifest, extracted_at, where),
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


def _read_manifest(folder: Path, where: str) -> dict:
    path = folder / MANIFEST
    if not path.exists():
        return {}
    if not path.is_file():
        raise DeliveryRefusedError(
            f"Delivery {where}: {MANIFEST} is not a file. Remove it, or ask for it again.",
            kind="manifest",
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        raise DeliveryRefusedError(
            f"Delivery {where}: {MANIFEST} is not valid JSON. Ask for it again.",
            kind="manifest",
        ) from None
    if not isinstance(manifest, dict) or set(manifest) - KNOWN_KEYS:
        raise DeliveryRefusedError(
            f"Delivery {where}: {MANIFEST} may hold only "
            f"{', '.join(sorted(KNOWN_KEYS))}.",
            kind="manifest",
        )
    files = manifest.get("files") or {}
    if not isinstance(files, dict) or not all(
        isinstance(entry, dict)
        and set(entry) <= {"rows", "sha256"}
        and isinstance(entry.get("rows", 0), int)
        and isinstance(entry.get("sha256", ""), str)
        for entry in files.values()
    ):
        raise DeliveryRefusedError(
            f"Delivery {where}: `files` in {MANIFEST} must give each file's rows, a "
            "whole number, and sha256, a text.",
            kind="manifest",
        )
    return manifest


def _compare_with_manifest(
    where: str, hashes: dict[str, str], declared: dict[str, dict]
) -> None:
    absent = sorted(set(declared) - set(hashes))
    if absent:
        raise DeliveryRefusedError(
            f"Delivery {where}: {len(absent)} file(s) named in {MANIFEST} did not "
            "arrive. Wait for the whole delivery, or ask for it again.",
            kind="manifest",
        )
    changed = [
        position
        for position, (name, entry) in enumerate(sorted(declared.items()), start=1)
        if entry.get("sha256") not in (None, hashes[name])
    ]
    if changed:
        raise DeliveryRefusedError(
            f"Delivery {where}: {len(changed)} file(s) differ from the sha256 in "
            f"{MANIFEST} (entries {changed}, in order of name). The transfer was "
            "damaged or cut short: ask for it again.",
            kind="manifest",
        )


def _extracted_at(manifest: dict, folder_name: str, where: str) -> datetime:
    if "extracted_at" in manifest:
        try:
            instant = datetime.fromisoformat(str(manifest["extracted_at"]))
            return instant if instant.tzinfo is None else _naive_utc(instant)
        except (ValueError, OverflowError):
            raise DeliveryRefusedError(
                f"Delivery {where}: `extracted_at` in {MANIFEST} is not an ISO time.",
                kind="undated",
            ) from None
    match = DATED.match(folder_name)
    try:
        parts = [int(part) for part in match.groups(default="0")]
        return datetime(*parts)
    except (AttributeError, ValueError):
        raise DeliveryRefusedError(
            f"Delivery {where} does not say when it was extracted.\n"
            f"Name its folder with the date, such as 2026-11-22, or give "
            f"`extracted_at` in {MANIFEST}.",
            kind="undated",
        ) from None


def _refuse_impossible(extracted_at: datetime, where: str) -> None:
    if extracted_at.year < FIRST_YEAR:
        raise DeliveryRefusedError(
            f"Delivery {where} says that it was extracted before {FIRST_YEAR}.\n"
            f"Mend `extracted_at` in {MANIFEST} or the date in the folder's name.",
            kind="undated",
        )
    if extracted_at > _naive_utc(datetime.now(UTC)) + CLOCK_AHEAD:
        raise DeliveryRefusedError(
            f"Delivery {where} says that it was extracted in the future.\n"
            f"Until then it would hide what is sent later. Mend `extracted_at` in "
            f"{MANIFEST} or the date in the folder's name, and this machine's clock.",
            kind="undated",
        )


def _naive_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _data_to(manifest: dict, extracted_at: datetime, where: str) -> date | None:
    if manifest.get("data_to") is None:
        return None
    try:
        last = date.fromisoformat(str(manifest["data_to"]))
    except ValueError:
        raise DeliveryRefusedError(
            f"Delivery {where}: `data_to` in {MANIFEST} is not an ISO date.",
            kind="manifest",
        ) from None
    now = _naive_utc(datetime.now(UTC))
    if last.year < FIRST_YEAR or last > (min(now, extracted_at) + CLOCK_AHEAD).date():
        raise DeliveryRefusedError(
            f"Delivery {where}: `data_to` in {MANIFEST} lies before {FIRST_YEAR} or after "
            "the day of extraction.\nIt is the last day that the delivery covers. Mend it, "
            "or `extracted_at`.",
            kind="manifest",
        )
    return last
