"""Write what a simulated service sends: its source, and its deliveries."""

import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import yaml

from pipelines.intake.feeds import FEEDS
from pipelines.simulate.files import FeedFile, write_manifest
from pipelines.simulate.increments import SENT_ON, with_day_sent

logger = logging.getLogger(__name__)

Frames = dict[str, pl.DataFrame]

SCHEDULES = ("full", "daily", "monthly")

SOURCE = "simulated_service"
"""A source whose name begins with `simulated_` is labelled so on every page."""

PLANTED = "planted"
"""The extra frame that a block of scenario `dirty` brings: what was planted where."""

SPOOL = ".spool"
"""Rows of an increment wait here, by month, until every block has been made."""


@dataclass(frozen=True)
class Sending:
    """How and until when the service sends."""

    data_from: date
    data_to: date
    file_format: str = "parquet"
    schedule: str = "full"

    @property
    def extracted_on(self) -> date:
        """The day after the last: when a full delivery is made."""
        return self.data_to + timedelta(days=1)


@dataclass(frozen=True)
class Written:
    """What was written."""

    deliveries: int
    rows: dict[str, int]
    planted: pl.DataFrame | None = None
    """Planted faults, `row_position` counted over the whole delivery."""


def write_source(folder: Path, sending: Sending, about: str) -> None:
    """Write source/source.yml.

    Args:
        folder: The example folder, with `source/` and `delivery/`.
        sending: How the service sends.
        about: Scenario, seed and hash of the parameters, in one line.
    """
    values = {
        "source": SOURCE,
        "owner": "Simulated: no real patient, no real service",
        "contact": "simulated@service.invalid",
        "namespace": SOURCE,
        "kind": "full" if sending.schedule == "full" else "increment",
        "date_mode": "calendar",
        "expected_every_days": {"full": 365, "monthly": 31, "daily": 1}[
            sending.schedule
        ],
        "disclosure_profile": "default",
    }
    path = folder / "source" / "source.yml"
    path.parent.mkdir(parents=True)
    text = yaml.safe_dump(values, sort_keys=False)
    path.write_text(f"# Simulated: nobody's records. {about}\n{text}", "utf-8")


def write_deliveries(
    folder: Path,
    sending: Sending,
    blocks: Iterable[Frames],
    fixed: Frames,
) -> Written:
    """Write every delivery of the service below `folder`/delivery.

    Args:
        folder: The example folder.
        sending: How and until when the service sends.
        blocks: Each block's feeds, in order of the blocks.
        fixed: The feeds that are the same for every block: clinicians and sites.

    Returns:
        What was written.
    """
    root = folder / "delivery"
    root.mkdir(parents=True)
    if sending.schedule == "full":
        return _write_full(root, sending, blocks, fixed)
    return _write_increments(root, sending, blocks, fixed)


def _write_full(
    root: Path, sending: Sending, blocks: Iterable[Frames], fixed: Frames
) -> Written:
    target = root / sending.extracted_on.isoformat()
    target.mkdir()
    files: dict[str, FeedFile] = {}
    planted = []
    _add(files, target, sending, fixed)
    for block in blocks:
        if PLANTED in block:
            before = {feed: file.rows for feed, file in files.items()}
            planted.append(_moved(block[PLANTED], before))
        _add(files, target, sending, block)
    _finish(target, files, sending.data_to, sending.extracted_on)
    return Written(
        1,
        {feed: files[feed].rows for feed in FEEDS if feed in files},
        pl.concat(planted) if planted else None,
    )


def _add(
    files: dict[str, FeedFile], target: Path, sending: Sending, block: Frames
) -> None:
    for feed, frame in block.items():
        if feed in FEEDS:
            if feed not in files:
                files[feed] = FeedFile(target, feed, sending.file_format)
            files[feed].add(frame)


def _finish(
    target: Path, files: dict[str, FeedFile], data_to: date, extracted_on: date
) -> None:
    entries = {file.path.name: file.close() for file in files.values()}
    write_manifest(target, data_to, extracted_on, entries)


def _moved(planted: pl.DataFrame, before: dict[str, int]) -> pl.DataFrame:
    """Count row positions from the start of the file, not of the block."""
    offset = pl.col("feed").replace_strict(before, default=0, return_dtype=pl.Int64)
    return planted.with_columns(pl.col("row_position") + offset)


def _write_increments(
    root: Path, sending: Sending, blocks: Iterable[Frames], fixed: Frames
) -> Written:
    spool = root / SPOOL
    files: dict[tuple[str, str], FeedFile] = {}
    for block in blocks:
        sent = with_day_sent(block, sending.data_from, sending.data_to)
        for feed, frame in sent.items():
            month = pl.col(SENT_ON).dt.strftime("%Y-%m")
            for (name,), rows in frame.group_by(month, maintain_order=True):
                if (name, feed) not in files:
                    (spool / name).mkdir(parents=True, exist_ok=True)
                    files[name, feed] = FeedFile(spool / name, feed, "parquet")
                files[name, feed].add(rows)
    for file in files.values():
        file.close()
    written = Written(0, dict.fromkeys(fixed, 0))
    for month in sorted({name for name, _ in files}):
        frames = {
            feed: pl.read_parquet(files[month, feed].path)
            for feed in FEEDS
            if (month, feed) in files
        }
        for day, rows in _by_delivery(frames, sending.schedule):
            first = fixed if written.deliveries == 0 else {}
            written = _write_increment(root, sending, day, {**rows, **first}, written)
        shutil.rmtree(spool / month)
        logger.info("delivering: %s", month)
    spool.rmdir()
    return written


def _by_delivery(frames: Frames, schedule: str) -> list[tuple[date, Frames]]:
    """Split a month's rows into deliveries, each with the last day it tells of."""
    if schedule == "monthly":
        last = max(frame[SENT_ON].max() for frame in frames.values())
        return [(last + _to_month_end(last), frames)]
    by_day: dict[date, Frames] = {}
    for feed, frame in frames.items():
        for (day,), rows in frame.group_by(SENT_ON, maintain_order=True):
            by_day.setdefault(day, {})[feed] = rows
    return sorted(by_day.items())


def _to_month_end(day: date) -> timedelta:
    """Days from a day to the last one of its month."""
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1) - day


def _write_increment(
    root: Path, sending: Sending, data_to: date, frames: Frames, written: Written
) -> Written:
    extracted_on = data_to + timedelta(days=1)
    target = root / extracted_on.isoformat()
    target.mkdir()
    files: dict[str, FeedFile] = {}
    counts = dict(written.rows)
    for feed, frame in frames.items():
        key = FEEDS[feed].key
        rows = frame.drop(SENT_ON, strict=False).unique(
            key, keep="last", maintain_order=True
        )
        files[feed] = FeedFile(target, feed, sending.file_format)
        files[feed].add(rows)
        counts[feed] = counts.get(feed, 0) + rows.height
    _finish(target, files, min(data_to, sending.data_to), extracted_on)
    return replace(written, deliveries=written.deliveries + 1, rows=counts)
