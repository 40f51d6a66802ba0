"""Append-only record of who loaded, refused, published or exported what."""

import getpass
import json
from datetime import UTC, datetime

from pipelines.settings import Home


def note(home: Home, action: str, **details: str | int | None) -> None:
    """Append one line to audit.jsonl.

    Args:
        home: Whose record.
        action: loaded, refused, checked, built, published, ...
        **details: Ids and counts; never a value from a row.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    line = {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "by": _user(),
        "action": action,
        **details,
    }
    with home.audit_file.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user id may have no name
        return "unknown"
