"""Keep what holds rows of people from the other users of the machine.

New folders are 0700 and new files 0600, whoever makes them: Python, DuckDB, dbt. What an
earlier version made is closed to others; a group that a service has set stays.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.settings import Home

CLOSED = 0o077
"""The umask under which rows are written: nothing for the group, nothing for others."""


@contextmanager
def files() -> Iterator[None]:
    """Make what is created meanwhile readable by its owner alone; also a decorator.

    It holds for the whole process and what it starts, such as dbt.
    """
    before = os.umask(CLOSED)
    try:
        yield
    finally:
        os.umask(before)


def tighten(home: Home) -> None:
    """Close to others what is there already; what is not ours to change stays.

    `landing/` is left alone: the service says who may deliver there.
    """
    ours = [path for path in home.restricted if path != home.landing]
    for path in (*ours, *home.raw_file.parent.glob(f"{home.raw_file.name}*")):
        try:
            mode = path.stat().st_mode
            if mode & stat.S_IRWXO:
                path.chmod(stat.S_IMODE(mode) & ~stat.S_IRWXO)
        except OSError:  # not there, or another user's: the doctor tells
            continue


def make_private(folder: Path) -> None:
    """Give a folder and all below it to its owner alone, as copies keep their modes."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def open_to_others(home: Home) -> list[Path]:
    """Return the restricted folders that users outside their group may enter."""
    return [
        path
        for path in home.restricted
        if path.exists() and path.stat().st_mode & stat.S_IRWXO
    ]
