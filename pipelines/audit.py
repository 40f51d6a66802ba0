"""Append-only record of who loaded, refused, published or exported what."""

import getpass
import json
from datetime import UTC, datetime

from pipelines.settings import Home


def note(home: Home, action: str, **details: str | int | None) -> None:
    """Append one line to audit.jsonl.

    Args:
        home: Whose record.
        action: loaded, repeated, refused, checked, built, published, ...
        **details: Ids and counts; never a value from a row.
    """
    append(home, line_of(action, **details))


def line_of(action: str, **details: str | int | None) -> str:
    """Return the line that `note` would append now."""
    return json.dumps(
        {
            "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "by": _user(),
            "action": action,
            **details,
        }
    )


def append(home: Home, line: str) -> None:
    """Append a line that was made before."""
    home.root.mkdir(parents=True, exist_ok=True)
    with home.audit_file.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def append_once(home: Home, line: str) -> None:
    """Append a line unless it is there already; reads the whole record."""
    if home.audit_file.exists():
        with home.audit_file.open(encoding="utf-8") as file:
            if any(there == line + "\n" for there in file):
                return
    append(home, line)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user id may have no name
        return "unknown"
