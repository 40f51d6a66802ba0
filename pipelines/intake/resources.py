"""Keep a delivery to the memory, time and disk that settings.toml allows, and say so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.settings import Intake

POLL_SECONDS = 0.1
"""How often what has run too long is interrupted, until it ends."""


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
        needs = "memory than settings.toml allows"
        mend = "Raise memory_limit, or lower threads,"
        if _is_of_disk(error):
            needs = "temporary disk than there is, or than settings.toml allows"
            mend = "Free some, or raise maximum_adapter_disk under [intake],"
        raise _refused(
            f"{what} needs more {needs}.\n{mend} and run again; nothing was loaded."
        ) from None


@contextmanager
def limited(
    con: duckdb.DuckDBPyConnection, limits: Intake, what: str
) -> Iterator[None]:
    """Stop what runs on a connection when it takes too long; say so of disk, too.

    Args:
        con: Where it runs; it was told how much temporary disk it may fill.
        limits: Seconds, and the disk for the message.
        what: What runs, such as `Delivery a/b: sources/a/patients.sql`.

    Raises:
        DeliveryRefusedError: It was stopped, or memory or disk ran out.
    """
    ended, is_over = threading.Event(), threading.Event()
    seconds = limits.maximum_adapter_seconds
    watch = threading.Thread(
        target=_watch, args=(con, seconds, ended, is_over), daemon=True
    )
    watch.start()
    try:
        yield
    except duckdb.InterruptException:
        if not is_over.is_set():
            raise
        raise _refused(_told("maximum_adapter_seconds", limits, what)) from None
    except duckdb.OutOfMemoryException as error:
        name = "maximum_adapter_disk" if _is_of_disk(error) else "memory_limit"
        raise _refused(_told(name, limits, what)) from None
    finally:
        ended.set()
        watch.join()


def _watch(
    con: duckdb.DuckDBPyConnection,
    seconds: float,
    ended: threading.Event,
    is_over: threading.Event,
) -> None:
    """Interrupt what runs on the connection after the time; again, were it in between."""
    if ended.wait(seconds):
        return
    is_over.set()
    con.interrupt()
    while not ended.wait(POLL_SECONDS):
        con.interrupt()


def _is_of_disk(error: duckdb.OutOfMemoryException) -> bool:
    """Say which limit was reached; DuckDB names its setting."""
    return "max_temp_directory_size" in str(error)


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
