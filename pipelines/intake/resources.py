"""Keep a delivery to the memory, time and disk that settings.toml allows, and say so."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.setting_ranges import bytes_of
from pipelines.settings import Intake

POLL_SECONDS = 0.1
"""How often a running adapter is looked at."""


@contextmanager
def told_if_short(what: str) -> Iterator[None]:
    """Refuse a delivery for which the memory that may be used is too little.

    Args:
        what: What was done with which delivery, such as `Delivery a/b: loading it`.

    Raises:
        DeliveryRefusedError: Memory ran out; DuckDB's own words are not repeated.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        needs, mend = "memory", "memory_limit, or lower threads,"
        if _is_of_disk(error):
            needs, mend = "temporary disk", "maximum_adapter_disk under [intake]"
        raise _refused(
            f"{what} needs more {needs} than settings.toml allows.\nRaise {mend} and run "
            "again; nothing was loaded."
        ) from None


@contextmanager
def limited(
    con: duckdb.DuckDBPyConnection, scratch: Path, limits: Intake, what: str
) -> Iterator[None]:
    """Stop what runs on a connection when it takes too long or too much disk.

    Args:
        con: Where it runs.
        scratch: Folder of its database and of DuckDB's temporary files.
        limits: Seconds, and size of what it adds to the folder.
        what: What runs, such as `Delivery a/b: sources/a/patients.sql`.

    Raises:
        DeliveryRefusedError: It was stopped, or memory or disk ran out.
    """
    ended, reached = threading.Event(), []
    watch = threading.Thread(
        target=_watch, args=(con, scratch, limits, ended, reached), daemon=True
    )
    watch.start()
    try:
        yield
    except duckdb.InterruptException:
        if not reached:
            raise
        raise _refused(_told(reached[0], limits, what)) from None
    except duckdb.OutOfMemoryException as error:
        name = "maximum_adapter_disk" if _is_of_disk(error) else "memory_limit"
        raise _refused(_told(name, limits, what)) from None
    finally:
        ended.set()
        watch.join()


def _watch(
    con: duckdb.DuckDBPyConnection,
    scratch: Path,
    limits: Intake,
    ended: threading.Event,
    reached: list[str],
) -> None:
    """Interrupt the connection for as long as it runs past a limit."""
    started, before = time.monotonic(), _size(scratch)
    most = bytes_of(limits.maximum_adapter_disk)
    while not ended.wait(POLL_SECONDS):
        if time.monotonic() - started > limits.maximum_adapter_seconds:
            reached.append("maximum_adapter_seconds")
        elif _size(scratch) - before > most:
            reached.append("maximum_adapter_disk")
        if reached:
            con.interrupt()


def _is_of_disk(error: duckdb.OutOfMemoryException) -> bool:
    """Say which limit was reached; DuckDB names its setting."""
    return "max_temp_directory_size" in str(error)


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder; one that goes meanwhile has none."""
    found = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            found += path.stat().st_size
    return found


def _told(limit: str, limits: Intake, what: str) -> str:
    needs, setting = {
        "maximum_adapter_seconds": (
            f"ran for more than {limits.maximum_adapter_seconds} seconds",
            "maximum_adapter_seconds under [intake]",
        ),
        "maximum_adapter_disk": (
            f"filled more than {limits.maximum_adapter_disk} of temporary disk",
            "maximum_adapter_disk under [intake]",
        ),
        "memory_limit": ("needs more memory than settings.toml allows", "memory_limit"),
    }[limit]
    return (
        f"{what} {needs}, so it was stopped; nothing was loaded.\nDoes it join without "
        "a condition, or pair every row with every other? Mend it. If it is right, "
        f"raise {setting} in settings.toml, and run again."
    )


def _refused(message: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(message, kind="resources")
