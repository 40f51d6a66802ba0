"""What a delivery says of itself: its delivery.json, and the days it gives."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipelines.errors import DeliveryRefusedError

MANIFEST = "delivery.json"
DATED = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})?Z?)?")
KNOWN_KEYS = {"extracted_at", "data_to", "files"}

FIRST_YEAR = 1980
"""The first year of a delivery's own dates. No service extracted its records before; a
date near year 1 is a blank that some program filled in."""

CLOCK_AHEAD = timedelta(days=1)
"""How far a source's clock may run ahead of ours. A folder's date is local time, up to
14 hours ahead of UTC; further on it is a mistake, and its rows would count as the
newest until that day came."""


def read_manifest(folder: Path, where: str) -> dict:
    """Return what delivery.json holds; nothing where there is none.

    Raises:
        DeliveryRefusedError: It cannot be read, or holds what it may not.
    """
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


def refuse_other_files(
    where: str, hashes: dict[str, str], declared: dict[str, dict]
) -> None:
    """Refuse files that are not those that delivery.json names.

    Args:
        where: The delivery, for the message.
        hashes: sha256 of each file that is there.
        declared: What delivery.json says, by file.

    Raises:
        DeliveryRefusedError: One is missing, or another than was sent.
    """
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


def read_extracted_at(manifest: dict, folder_name: str, where: str) -> datetime:
    """Return when a delivery was extracted, UTC: by delivery.json or its folder's name.

    Raises:
        DeliveryRefusedError: Neither says so, or it cannot be.
    """
    extracted_at = _extracted_at(manifest, folder_name, where)
    _refuse_impossible(extracted_at, where)
    return extracted_at


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


def read_data_to(manifest: dict, extracted_at: datetime, where: str) -> date | None:
    """Return the last day that a delivery covers; None where it does not say.

    Raises:
        DeliveryRefusedError: It is no date, or one that cannot be.
    """
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
