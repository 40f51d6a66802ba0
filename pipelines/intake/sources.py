"""A source: who sends, in which shape, and the SQL that maps its files to feeds."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

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

NO_DELIMITERS = "\"'\n\r\0"
"""Characters that mark fields or lines themselves."""
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

    Raises:
        UsageError: A source.yml is missing, unreadable or has a wrong key.
    """
    if not home.sources.is_dir():
        return []
    folders = sorted(path for path in home.sources.iterdir() if path.is_dir())
    return [load_source(folder) for folder in folders]


def load_source(folder: Path) -> Source:
    """Read one source folder.

    Raises:
        UsageError: As `load_sources`.
    """
    path = folder / "source.yml"
    if not path.is_file():
        raise UsageError(
            f"{folder} has no source.yml; see `Your own data` in README.md."
        )
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UsageError(f"{path} is not valid YAML; mend it and try again.") from None
    if not isinstance(values, dict):
        raise UsageError(f"{path} must be a list of `key: value` lines.")
    _check_keys(path, values)
    if values["source"] != folder.name:
        raise UsageError(
            f"{path}: `source` must be the folder's name, {folder.name!r}."
        )
    dialect = CSV_DEFAULTS | (values.get("csv") or {})
    adapters = _read_adapters(folder)
    hashed = hashlib.sha256(path.read_bytes())
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
    if not described.is_file():
        raise UsageError(
            f"{example} has no source/source.yml, so it is not an example source."
        )
    try:
        name = yaml.safe_load(described.read_text(encoding="utf-8"))["source"]
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError):
        raise UsageError(f"{described} names no source; mend it.") from None
    shutil.copytree(example / "source", home.sources / name, dirs_exist_ok=True)
    for delivery in sorted((example / "delivery").iterdir()):
        target = home.landing / name / delivery.name
        if delivery.is_dir() and not target.exists():
            shutil.copytree(delivery, target)
    return load_source(home.sources / name)


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
    if not isinstance(values["expected_every_days"], int):
        raise UsageError(f"{path}: `expected_every_days` must be a whole number.")
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
        adapters[path.stem] = path.read_text(encoding="utf-8")
    return adapters
