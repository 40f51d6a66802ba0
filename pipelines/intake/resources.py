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
"""How often a running adapter is looked at, and interrupted when it is over a limit."""


def stops(error: duckdb.Error) -> bool:
    """Say whether an error tells of what may be used, and not of what was read or run."""
    return isinstance(
        error, (duckdb.InterruptException, duckdb.OutOfMemoryException)
    ) or _is_of_disk(error)


@contextmanager
def told_if_short(what: str) -> Iterator[None]:
    """Refuse a delivery for which there is too little memory or disk.

    Args:
        what: What was done with which delivery, such as `Delivery a/b: loading it`.

    Raises:
        DeliveryRefusedError: They ran out; DuckDB's own words are not repeated.
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        if not stops(error):
            raise
        raise _refused(_told_short(what, error)) from None


@contextmanager
def limited(
    con: duckdb.DuckDBPyConnection, scratch: Path, limits: Intake, what: str
) -> Iterator[None]:
    """Stop what runs on a connection when it takes too long or too much disk.

    Args:
        con: Where it runs.
        scratch: Folder of DuckDB's temporary files.
        limits: Seconds, and size of what it adds to the folder beside the rows that the
            connection holds already, which can be put there.
        what: What runs, such as `Delivery a/b: sources/a/patients.sql`.

    Raises:
        DeliveryRefusedError: It was stopped, or memory or disk ran out.
    """
    most = _held(con) + bytes_of(limits.maximum_adapter_disk)
    ended, reached = threading.Event(), []
    watch = threading.Thread(
        target=_watch, args=(con, scratch, limits, most, ended, reached), daemon=True
    )
    watch.start()
    try:
        yield
    except duckdb.InterruptException:
        if not reached:
            raise
        raise _refused(_told(reached[0], limits, what)) from None
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        if not stops(error):
            raise
        told = (
            _told_short(what, error)
            if _is_of_disk(error)
            else _told("memory_limit", limits, what)
        )
        raise _refused(told) from None
    finally:
        ended.set()
        watch.join()


def _watch(
    con: duckdb.DuckDBPyConnection,
    scratch: Path,
    limits: Intake,
    most: int,
    ended: threading.Event,
    reached: list[str],
) -> None:
    """Interrupt the connection for as long as it runs past a limit."""
    started = time.monotonic()
    while not ended.wait(POLL_SECONDS):
        if time.monotonic() - started > limits.maximum_adapter_seconds:
            reached.append("maximum_adapter_seconds")
        elif _size(scratch) > most:
            reached.append("maximum_adapter_disk")
        if reached:
            con.interrupt()


def _held(con: duckdb.DuckDBPyConnection) -> int:
    """Return the bytes of all that a connection's tables hold, in memory and on disk."""
    (held,) = con.execute(
        "select sum(memory_usage_bytes + temporary_storage_bytes)::bigint "
        "from duckdb_memory()"
    ).fetchone()
    return held


def _is_of_disk(error: duckdb.Error) -> bool:
    """Say whether a disk is full; DuckDB keeps a tenth of it free, or finds none left."""
    return (
        isinstance(error, duckdb.OutOfMemoryException)
        and "max_temp_directory_size" in str(error)
    ) or (
        isinstance(error, duckdb.IOException)
        and "No space left on device" in str(error)
    )


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder; one that goes meanwhile has none."""
    found = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            found += path.stat().st_size
    return found


def _told_short(what: str, error: duckdb.Error) -> str:
    if _is_of_disk(error):
        return (
            f"{what} needs more disk than there is.\nFree some where the home's scratch/ "
            "and warehouse/ lie, and run again; nothing was loaded."
        )
    return (
        f"{what} needs more memory than settings.toml allows.\nRaise memory_limit, or "
        "lower threads, and run again; nothing was loaded."
    )


def _told(limit: str, limits: Intake, what: str) -> str:
    needs, setting = {
        "maximum_adapter_seconds": (
            f"ran for more than {limits.maximum_adapter_seconds} seconds",
            "maximum_adapter_seconds under [intake]",
        ),
        "maximum_adapter_disk": (
            f"filled more than {limits.maximum_adapter_disk} of temporary disk beside "
            "the rows that were read",
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
