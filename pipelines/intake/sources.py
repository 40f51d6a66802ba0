"""A source: who sends, in which shape, and the SQL that maps its files to feeds."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines import private
from pipelines.errors import UsageError
from pipelines.intake.feeds import FEEDS
from pipelines.settings import Home

KINDS = ("full", "increment")
DATE_MODES = ("calendar", "relative")
DISCLOSURE_PROFILES = ("default", "public_data")
CSV_DEFAULTS = {"delimiter": ",", "encoding": "utf-8", "decimal": "."}
DECIMALS = (".", ",")
ENCODINGS = ("utf-8", "latin-1", "windows-1252", "utf-16")
"""UTF-8 may begin with a byte order mark; UTF-16 should."""

DRAFTING = ".drafting-"
"""Begins the name of a folder in which a draft is written until it is whole."""

NOT_OPENED = (
    "cannot be read: it is no file or folder as it should be, or this user may not."
)

NO_DELIMITERS = "\"'\n\r\0"
"""Characters that mark fields or lines themselves."""
LONGEST_DAYS = 36_500
"""A hundred years, for a source that sends no more; what is longer is a slip of the pen
and no date can be reached by it."""

REQUIRED_KEYS = (
    "source",
    "owner",
    "contact",
    "namespace",
    "kind",
    "date_mode",
    "expected_every_days",
)
OPTIONAL_KEYS = ("optional_feeds", "csv", "disclosure_profile")


@dataclass(frozen=True)
class Source:
    """One sender of deliveries, as its source.yml and SQL files describe it."""

    name: str
    owner: str
    contact: str
    namespace: str
    kind: str
    date_mode: str
    expected_every_days: int
    optional_feeds: tuple[str, ...]
    csv_delimiter: str
    csv_encoding: str
    csv_decimal: str
    disclosure_profile: str
    adapters: dict[str, str]
    """SQL of each feed that has an adapter."""

    fingerprint: str
    """Hash of source.yml and the adapters: a mended adapter loads again."""


def load_sources(home: Home) -> list[Source]:
    """Return every source of a home, by name.

    A hidden folder is none: a draft is written in one until it is whole.

    Raises:
        UsageError: A source.yml is missing, unreadable or has a wrong key.
    """
    try:
        if not home.sources.is_dir():
            return []
        folders = sorted(
            path
            for path in home.sources.iterdir()
            if path.is_dir() and not path.name.startswith(".")
        )
    except OSError:
        raise UsageError(f"{home.sources} {NOT_OPENED}") from None
    return [load_source(folder) for folder in folders]


def load_source(folder: Path) -> Source:
    """Read one source folder.

    Raises:
        UsageError: As `load_sources`.
    """
    return _load(folder, folder.name)


def _load(folder: Path, name: str) -> Source:
    path = folder / "source.yml"
    values, described = _read_description(folder)
    _check_keys(path, values)
    if values["source"] != name:
        raise UsageError(f"{path}: `source` must be the folder's name, {name!r}.")
    dialect = CSV_DEFAULTS | (values.get("csv") or {})
    adapters = _read_adapters(folder)
    hashed = hashlib.sha256(described)
    for feed, sql in sorted(adapters.items()):
        hashed.update(f"\0{feed}\0{sql}".encode())
    return Source(
        name=values["source"],
        owner=str(values["owner"]),
        contact=str(values["contact"]),
        namespace=str(values["namespace"]),
        kind=values["kind"],
        date_mode=values["date_mode"],
        expected_every_days=values["expected_every_days"],
        optional_feeds=tuple(values.get("optional_feeds") or ()),
        csv_delimiter=dialect["delimiter"],
        csv_encoding=dialect["encoding"],
        csv_decimal=dialect["decimal"],
        disclosure_profile=values.get("disclosure_profile") or "default",
        adapters=adapters,
        fingerprint=hashed.hexdigest(),
    )


@private.files()
def add_source(example: Path, home: Home) -> Source:
    """Copy a source and its deliveries into a home; what is there stays.

    Args:
        example: A folder with `source/` (source.yml and SQL) and `delivery/`
            (one folder per delivery).
        home: The home to copy into.

    Raises:
        UsageError: The folder is not laid out so.
    """
    described = example / "source" / "source.yml"
    if not (described.is_file() and (example / "delivery").is_dir()):
        raise UsageError(
            f"{example} has no source/source.yml or no folder delivery/, so it is not an "
            "example source."
        )
    name = _read_description(example / "source")[0].get("source")
    if not isinstance(name, str) or Path(name).name != name or name.startswith("."):
        raise UsageError(
            f"{described} names no source that a folder can be called after; give "
            "`source` a name of letters, digits and _."
        )
    _load(example / "source", name)  # what is wrong is not copied
    try:
        shutil.copytree(example / "source", home.sources / name, dirs_exist_ok=True)
        for delivery in sorted((example / "delivery").iterdir()):
            target = home.landing / name / delivery.name
            if delivery.is_dir() and not target.exists():
                shutil.copytree(delivery, target)
                private.make_private(target)
    except OSError:
        raise UsageError(
            f"{example} could not be copied whole into {home.root}. See that it can be "
            "read and that there is room on the disk, and add it again."
        ) from None
    return load_source(home.sources / name)


def _read_description(folder: Path) -> tuple[dict[str, Any], bytes]:
    """Return what a source.yml says, and its bytes."""
    path = folder / "source.yml"
    try:
        if not path.is_file():
            raise UsageError(
                f"{folder} has no source.yml; see `Your own data` in README.md."
            )
        described = path.read_bytes()
        values = yaml.safe_load(described.decode("utf-8"))
    except OSError:
        raise UsageError(f"{path} {NOT_OPENED}") from None
    # A day that no calendar has is a ValueError or an OverflowError of yaml's.
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        raise UsageError(f"{path} is not valid YAML; mend it and try again.") from None
    if not isinstance(values, dict):
        raise UsageError(f"{path} must be a list of `key: value` lines.")
    try:
        "".join(map(str, values.values())).encode()
    except UnicodeEncodeError:  # half of a character, given by its number
        raise UsageError(f"{path} holds what is no text; mend it.") from None
    return values, described


def _check_keys(path: Path, values: dict[str, Any]) -> None:
    unknown = sorted(set(map(str, values)) - {*REQUIRED_KEYS, *OPTIONAL_KEYS})
    if unknown:
        raise UsageError(
            f"{path} has keys we do not know: {', '.join(unknown)}.\n"
            f"Known: {', '.join((*REQUIRED_KEYS, *OPTIONAL_KEYS))}."
        )
    missing = [key for key in REQUIRED_KEYS if values.get(key) in (None, "")]
    if missing:
        raise UsageError(f"{path} must also say: {', '.join(missing)}.")
    for key, allowed in (
        ("kind", KINDS),
        ("date_mode", DATE_MODES),
        ("disclosure_profile", DISCLOSURE_PROFILES),
    ):
        if values.get(key) is not None and values[key] not in allowed:
            raise UsageError(f"{path}: `{key}` must be one of {', '.join(allowed)}.")
    days = values["expected_every_days"]
    if type(days) is not int or not 1 <= days <= LONGEST_DAYS:
        raise UsageError(
            f"{path}: `expected_every_days` must be a whole number from 1 to "
            f"{LONGEST_DAYS}."
        )
    if not str(values["namespace"]).isidentifier():
        raise UsageError(f"{path}: `namespace` may hold letters, digits and _ only.")
    optional = values.get("optional_feeds") or []
    if not isinstance(optional, list) or set(map(str, optional)) - set(FEEDS):
        raise UsageError(
            f"{path}: `optional_feeds` must be a list of feeds; it names no feed of "
            f"{', '.join(FEEDS)}."
        )
    dialect = values.get("csv") or {}
    if not isinstance(dialect, dict) or set(dialect) - set(CSV_DEFAULTS):
        raise UsageError(f"{path}: `csv` may say {', '.join(CSV_DEFAULTS)} only.")
    dialect = CSV_DEFAULTS | dialect
    if not all(isinstance(value, str) for value in dialect.values()) or not (
        len(dialect["delimiter"]) == 1
        and dialect["delimiter"] not in NO_DELIMITERS
        and not dialect["delimiter"].isalnum()
        and dialect["decimal"] in DECIMALS
        and dialect["encoding"] in ENCODINGS
    ):
        raise UsageError(
            f"{path}: `csv` takes a delimiter of one character (no letter, digit "
            f"or quote), a decimal of "
            f"{' or '.join(DECIMALS)}, and an encoding of {', '.join(ENCODINGS)}."
        )


def _read_adapters(folder: Path) -> dict[str, str]:
    adapters = {}
    for path in sorted(folder.glob("*.sql")):
        if path.stem not in FEEDS:
            raise UsageError(
                f"{path} is named after no feed. Feeds: {', '.join(FEEDS)}."
            )
        try:
            adapters[path.stem] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not in UTF-8. Save it so again.") from None
        except OSError:
            raise UsageError(f"{path} {NOT_OPENED}") from None
    return adapters
