"""Say in plain words that a delivery needs more than settings.toml allows."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.errors import DeliveryRefusedError


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
    except duckdb.OutOfMemoryException:
        raise DeliveryRefusedError(
            f"{what} needs more memory than settings.toml allows.\nRaise memory_limit, "
            "or lower threads, and run again; nothing was loaded.",
            kind="resources",
        ) from None
