"""Say what a delivery holds and whether it would load, without loading it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.intake import ledger, raw
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.ingest import Checked, checked
from pipelines.intake.sources import load_source
from pipelines.settings import Home, Settings


@dataclass(frozen=True)
class FeedFound:
    """How one feed of the delivery would load."""

    name: str
    row_count: int
    duplicate_count: int
    quarantined_count: int
    not_sent: tuple[str, ...]
    """Contract columns that the delivery does not send."""


@dataclass(frozen=True)
class Preflight:
    """What a delivery that would load holds."""

    feeds: tuple[FeedFound, ...]
    feeds_not_sent: tuple[str, ...]
    is_known: bool


def preflight(
    home: Home, settings: Settings, run_id: str, folder: Path, source_name: str
) -> Preflight:
    """Read, lay out and check one delivery.

    Args:
        home: Where its source is described.
        settings: Limits and resources.
        run_id: Under which check results are kept.
        folder: The delivery; need not be in the home's landing folder.
        source_name: Its source; empty takes the name of the folder above it.

    Raises:
        UsageError: There is no such folder or source.
        DeliveryRefusedError: It would be refused; says why.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise UsageError("There is no such delivery folder. Give the folder's path.")
    name = source_name or folder.parent.name
    described = home.sources / name
    if not described.is_dir():
        known = sorted(path.name for path in home.sources.glob("*/"))
        raise UsageError(
            f"There is no source {name}. Say which with --source; "
            f"known: {', '.join(known) or 'none'}."
        )
    delivery = read_delivery(folder, load_source(described))
    if home.raw_file.exists():
        raw.prepare(home.raw_file)  # it may be of an earlier version
    with checked(home, settings, run_id, delivery, home.scratch) as found:
        feeds = tuple(_feeds(found))
    is_known = home.raw_file.exists() and (
        ledger.standing(ledger.read_loads(home.raw_file), delivery)
        is not ledger.Standing.NEW
    )
    absent = tuple(name for name in FEEDS if name not in found.landed)
    return Preflight(feeds, absent, is_known)


def _feeds(found: Checked) -> Iterator[FeedFound]:
    with duckdb.connect(str(found.landing_file), read_only=True) as con:
        for name, item in found.landed.items():
            broken = con.execute(
                f"select count(distinct row_position) from {name}_broken"
            ).fetchone()
            columns = (column.name for column in item.feed.columns)
            yield FeedFound(
                name,
                item.yielded_count,
                item.duplicate_count,
                broken[0],
                tuple(column for column in columns if column not in item.supplied),
            )
