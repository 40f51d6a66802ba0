"""One writer at a time: every command that writes holds the home's lock."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import AnotherWriterError
from pipelines.settings import Home

POLL_SECONDS = 0.2


@contextmanager
def only_writer(home: Home, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the home's lock; the system releases it when the process ends.

    Args:
        home: The home to write to.
        wait_seconds: How long to wait for another writer to finish.

    Raises:
        AnotherWriterError: Another process still holds the lock.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with home.lock_file.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise AnotherWriterError(
                        f"Another command is writing to {home.root}.\n"
                        "Try again when it has ended, or wait with --wait SECONDS."
                    ) from None
                time.sleep(POLL_SECONDS)
        yield
