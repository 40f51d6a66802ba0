"""A simulated service's deliveries: the same bytes, and the contract's own rules."""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from simulate import stand_in

from pipelines.intake.adapters import count_records, delivery_connection
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.sources import load_source
from pipelines.simulate import blocks, files
from pipelines.simulate.blocks import Sharing, in_order
from pipelines.simulate.deliveries import (
    SOURCE,
    Sending,
    write_deliveries,
    write_source,
)

PATIENTS = 60


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_PATIENTS", 7)
    monkeypatch.setattr(files, "ROW_GROUP_BLOCKS", 2)


def sending(file_format="parquet", schedule="full") -> Sending:
    return Sending(stand_in.DATA_FROM, stand_in.DATA_TO, file_format, schedule)


def written(folder: Path, sent: Sending, sharing: Sharing | None = None) -> Path:
    write_source(folder, sent, "A test")
    made = in_order(stand_in.make_block, PATIENTS, sharing or Sharing(), "test")
    write_deliveries(folder, sent, made, stand_in.fixed_tables())
    return folder


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def whole_service() -> dict[str, pl.DataFrame]:
    made = [stand_in.make_block(n, size) for n, size in enumerate(blocks.sizes(60))]
    return {feed: pl.concat(block[feed] for block in made) for feed in made[0]}


@pytest.mark.parametrize(
    ("file_format", "schedule", "sharing"),
    [
        ("parquet", "full", Sharing(processes=2, chunk=3)),
        ("parquet", "full", Sharing(chunk=1)),
        ("csv", "full", Sharing(chunk=2)),
        ("parquet", "monthly", Sharing(chunk=1)),
        ("csv", "daily", Sharing(processes=2, chunk=2)),
    ],
)
def test_the_bytes_do_not_depend_on_how_the_work_is_shared(
    tmp_path, file_format, schedule, sharing
):
    sent = sending(file_format, schedule)
    once = written(tmp_path / "once", sent, Sharing(chunk=100))
    shared = written(tmp_path / "shared", sent, sharing)

    assert len(bytes_of(once)) >= 9
    assert bytes_of(shared) == bytes_of(once)


def test_another_seed_gives_other_bytes(tmp_path):
    first = stand_in.make_block(0, 20, seed=1)
    second = stand_in.make_block(0, 20, seed=2)
    for name, block in (("first", first), ("second", second)):
        write_deliveries(tmp_path / name, sending(), [block], stand_in.fixed_tables())

    assert bytes_of(tmp_path / "first") != bytes_of(tmp_path / "second")


def test_a_row_group_is_made_of_blocks_and_not_of_chunks(tmp_path):
    folder = written(tmp_path, sending(), Sharing(chunk=3))
    file = pq.ParquetFile(folder / "delivery" / "2025-01-01" / "patients.parquet")
    groups = [
        file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)
    ]

    assert groups == [14, 14, 14, 14, 4]


@pytest.mark.parametrize("file_format", files.FORMATS)
def test_a_full_delivery_is_what_its_manifest_says(tmp_path, file_format):
    folder = written(tmp_path / SOURCE, sending(file_format))
    source = load_source(_as_home(folder))
    delivery = read_delivery(folder / "delivery" / "2025-01-01", source)

    with delivery_connection(delivery, tmp_path, "1GB") as con:
        counted = count_records(con, delivery)

    assert counted == delivery.declared_rows
    assert {name.split(".")[0] for name in counted} == set(FEEDS)
    assert delivery.data_to == stand_in.DATA_TO
    assert source.kind == "full"
    assert source.name.startswith("simulated_")


def test_csv_and_parquet_hold_the_same(tmp_path):
    for file_format in files.FORMATS:
        written(tmp_path / file_format, sending(file_format))
    for feed in FEEDS:
        table = pl.read_parquet(
            tmp_path / "parquet" / "delivery" / "2025-01-01" / f"{feed}.parquet"
        )
        text = pl.read_csv(
            tmp_path / "csv" / "delivery" / "2025-01-01" / f"{feed}.csv",
            schema=table.schema,
        )

        assert_frame_equal(text, table)


@pytest.mark.parametrize("schedule", ["monthly", "daily"])
def test_all_increments_together_are_the_full_delivery(tmp_path, schedule):
    folder = written(tmp_path, sending(schedule=schedule))
    newest: dict[str, list[pl.DataFrame]] = {feed: [] for feed in FEEDS}
    for delivery in sorted((folder / "delivery").iterdir()):
        for path in delivery.glob("*.parquet"):
            newest[path.stem].append(pl.read_parquet(path))

    for feed, expected in (whole_service() | stand_in.fixed_tables()).items():
        key = FEEDS[feed].key
        found = pl.concat(newest[feed]).unique(key, keep="last")
        if feed == "patients":  # who is still observed is told at the end of the data
            expected = expected.with_columns(
                pl.col("observed_to").fill_null(stand_in.DATA_TO)
            )
        assert_frame_equal(found.sort(key), expected.sort(key))


@pytest.mark.parametrize("schedule", ["monthly", "daily"])
def test_an_increment_tells_nothing_of_the_future_and_no_key_twice(tmp_path, schedule):
    folder = written(tmp_path, sending(schedule=schedule))
    deliveries = sorted((folder / "delivery").iterdir())

    assert len(deliveries) > 15
    for delivery in deliveries:
        manifest = json.loads((delivery / "delivery.json").read_text())
        data_to = date.fromisoformat(manifest["data_to"])
        assert date.fromisoformat(delivery.name) >= data_to + timedelta(days=1)
        for path in delivery.glob("*.parquet"):
            frame = pl.read_parquet(path)
            assert not frame[FEEDS[path.stem].key].is_duplicated().any()
            days = frame.select(pl.col(pl.Date).exclude("observed_from"))
            latest = [day for day in days.max().row(0) if day]
            assert all(day <= data_to for day in latest), path


def test_a_course_of_care_is_sent_open_and_then_closed(tmp_path):
    folder = written(tmp_path, sending(schedule="daily"))
    sent = pl.concat(
        pl.read_parquet(path).select("episode_id", "ended_on", "end_reason")
        for path in sorted((folder / "delivery").glob("*/episodes.parquet"))
    )
    twice = sent.filter(pl.len().over("episode_id") == 2)

    assert twice["episode_id"].n_unique() == PATIENTS
    first = twice.unique("episode_id", keep="first", maintain_order=True)
    assert first["end_reason"].unique().to_list() == ["ongoing"]
    assert first["ended_on"].null_count() == PATIENTS


def test_blocks_come_in_order_whoever_makes_them():
    made = list(in_order(_numbered, 60, Sharing(processes=2, chunk=2), "test"))

    assert made == [(0, 7), *((n, 7) for n in range(1, 8)), (8, 4)]


def _numbered(block: int, patients: int) -> tuple[int, int]:
    return block, patients


def _as_home(folder: Path) -> Path:
    """The source folder under the name that a home gives it."""
    target = folder.parent / "sources" / SOURCE
    target.mkdir(parents=True)
    (target / "source.yml").write_bytes((folder / "source" / "source.yml").read_bytes())
    return target
