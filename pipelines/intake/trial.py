"""Read a folder of files as a delivery before a source describes it.

Also a delivery that would be refused for its date or its delivery.json: the rest of
it can still be looked at.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.deliveries import Delivery, read_delivery
from pipelines.intake.draft.dialect import Dialect
from pipelines.intake.sources import Source

STAND_IN_DAY = "2000-01-01"
"""Name of a folder whose delivery has no date of its own; nothing is loaded from it."""

DATA = (".csv", ".csv.gz", ".parquet")
"""Endings of what a delivery may hold, beside its delivery.json."""


def stand_in(name: str, dialect: Dialect) -> Source:
    """Return a source for files that none describes yet."""
    return Source(
        name=name,
        owner="",
        contact="",
        namespace="trial",
        kind="full",
        date_mode="calendar",
        expected_every_days=1,
        optional_feeds=(),
        csv_delimiter=dialect.delimiter,
        csv_encoding=dialect.encoding,
        csv_decimal=dialect.decimal,
        disclosure_profile="default",
        adapters={},
        fingerprint="",
    )


@dataclass(frozen=True)
class Readable:
    """A delivery that can be looked at."""

    delivery: Delivery
    refused: DeliveryRefusedError | None = None
    """Why it would be refused as it lies, before a file is opened."""


@contextmanager
def readable(folder: Path, source: Source, scratch: Path) -> Iterator[Readable]:
    """Yield a delivery; one that says too little of itself under a name that is dated.

    Args:
        folder: The delivery.
        source: Who sent it.
        scratch: Where its files may be linked to.

    Raises:
        DeliveryRefusedError: None of its files can be read at all.
    """
    refused = None
    try:
        delivery = read_delivery(folder, source)
    except DeliveryRefusedError as error:
        refused = error
    if refused is None:
        yield Readable(delivery)
        return
    with temporary(scratch) as parent:
        dated = parent / STAND_IN_DAY
        dated.mkdir()
        try:
            for path in sorted(folder.iterdir()):
                if path.is_file() and path.name.lower().endswith(DATA):
                    _take(path, dated / path.name)
            delivery = read_delivery(dated, source)
        except (DeliveryRefusedError, OSError):
            raise refused from None
        yield Readable(replace(delivery, is_dated=False), refused)


@contextmanager
def temporary(parent: Path) -> Iterator[Path]:
    """Make a folder that is removed at the end."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _take(path: Path, target: Path) -> None:
    try:
        os.link(path, target)  # a symbolic link would lead out of the folder
    except OSError:
        shutil.copyfile(path, target)
