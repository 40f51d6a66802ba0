"""A simulated service's deliveries: the same bytes, and the contract's own rules."""

import hashlib
import json
from collections.abc import Callable
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
from pipelines.simulate.increments import KNOWN_AT_START, SENT_ON, with_day_sent

PATIENTS = 60


INCREMENTS = pytest.mark.parametrize("eventful", ["monthly", "daily"], indirect=True)


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "BLOCK_PATIENTS", 7)
        patched.setattr(files, "ROW_GROUP_BLOCKS", 2)
        yield


@pytest.fixture(scope="module")
def eventful(request, small_blocks, tmp_path_factory) -> Path:
    """The folder of the eventful service, sent on the schedule that a test asks for."""
    folder = tmp_path_factory.mktemp("eventful")
    return written(folder, sending(schedule=request.param), make=eventful_block)


def sending(file_format="parquet", schedule="full") -> Sending:
    return Sending(stand_in.DATA_FROM, stand_in.DATA_TO, file_format, schedule)


def eventful_block(block: int, patients: int) -> dict[str, pl.DataFrame]:
    """The stand-in's people, but a third dies when no longer seen, a third when seen
    last; each is assessed a week before the start, and referred again after the end."""
    frames = stand_in.make_block(block, patients)
    days = frames["episodes"].select("patient_id", last="ended_on")
    third = pl.int_range(pl.len()) % 3
    seen_to = pl.col("last").dt.offset_by("10d")
    frames["patients"] = (
        frames["patients"]
        .join(days, on="patient_id", how="left", maintain_order="left")
        .with_columns(
            observed_to=pl.when(third < 2).then(seen_to).otherwise("observed_to"),
            died_on=pl.when(third == 0)
            .then(seen_to.dt.offset_by("48d"))
            .when(third == 1)
            .then(seen_to.dt.offset_by("1d")),
        )
        .drop("last")
    )
    for feed, day, names in (
        ("sessions", "held_on", ["session_id"]),
        ("assessments", "completed_on", ["assessment_id", "session_id"]),
    ):
        first = frames[feed].unique("patient_id", keep="first", maintain_order=True)
        first = first.with_columns(
            pl.col(day).dt.offset_by("-7d"), *(pl.col(name) + "x" for name in names)
        )
        frames[feed] = pl.concat([frames[feed], first])
    is_declined = pl.int_range(pl.len()) % 2 == 0
    again = frames["episodes"].with_columns(
        pl.col("episode_id") + "r",
        pl.col("ended_on").dt.offset_by("5d").alias("referred_on"),
        pl.when(is_declined).then(pl.col("ended_on").dt.offset_by("9d")),
        pl.when(is_declined)
        .then(pl.lit("declined"))
        .otherwise(pl.lit("ongoing"))
        .alias("end_reason"),
        *(
            pl.lit(None).cast(frames["episodes"].schema[name]).alias(name)
            for name in ("started_on", "intended_length", "modality")
        ),
    )
    frames["episodes"] = pl.concat([frames["episodes"], again])
    return frames


def written(
    folder: Path,
    sent: Sending,
    sharing: Sharing | None = None,
    make: Callable = stand_in.make_block,
) -> Path:
    write_source(folder, sent, "A test")
    made = in_order(make, PATIENTS, sharing or Sharing(), "test")
    write_deliveries(folder, sent, made, stand_in.fixed_tables())
    return folder


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def whole_service(make: Callable) -> dict[str, pl.DataFrame]:
    made = [make(n, size) for n, size in enumerate(blocks.sizes(PATIENTS))]
    return {feed: pl.concat(block[feed] for block in made) for feed in made[0]}


def each_delivery(folder: Path) -> list[tuple[date, dict[str, pl.DataFrame]]]:
    """Last day told of and rows by feed, in the order of arrival."""
    found = []
    for delivery in sorted((folder / "delivery").iterdir()):
        manifest = json.loads((delivery / "delivery.json").read_text())
        rows = {path.stem: pl.read_parquet(path) for path in delivery.glob("*.parquet")}
        found.append((date.fromisoformat(manifest["data_to"]), rows))
    return found


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


@INCREMENTS
def test_all_increments_together_are_the_full_delivery(eventful):
    newest: dict[str, list[pl.DataFrame]] = {feed: [] for feed in FEEDS}
    for _, rows in each_delivery(eventful):
        for feed, frame in rows.items():
            newest[feed].append(frame)

    for feed, expected in (
        whole_service(eventful_block) | stand_in.fixed_tables()
    ).items():
        key = FEEDS[feed].key
        found = pl.concat(newest[feed]).unique(key, keep="last", maintain_order=True)
        assert_frame_equal(found.sort(key), expected.sort(key))


@INCREMENTS
def test_an_increment_has_no_key_twice_and_a_day_of_its_own(eventful):
    names = sorted(path.name for path in (eventful / "delivery").iterdir())
    sent = each_delivery(eventful)

    assert len(sent) > 15
    for name, (data_to, rows) in zip(names, sent, strict=True):
        assert date.fromisoformat(name) >= data_to + timedelta(days=1)
        for feed, frame in rows.items():
            assert not frame[FEEDS[feed].key].is_duplicated().any()


@pytest.mark.parametrize("eventful", ["full", "monthly", "daily"], indirect=True)
def test_no_delivery_tells_of_a_day_after_its_last(eventful):
    for data_to, rows in each_delivery(eventful):
        for feed, frame in rows.items():
            latest = frame.select(pl.col(pl.Date).max())
            told = [day for day in latest.row(0) if day] if latest.width else []
            assert all(day <= data_to for day in told), (feed, data_to)


@INCREMENTS
def test_a_death_is_told_in_the_first_delivery_after_it(eventful):
    dead = whole_service(eventful_block)["patients"].drop_nulls("died_on")
    died_on = dict(dead.select("patient_id", "died_on").iter_rows())
    sent = each_delivery(eventful)
    last_days = [data_to for data_to, _ in sent]
    told: dict[str, date] = {}
    for data_to, rows in sent:
        if "patients" in rows:
            given = rows["patients"].drop_nulls("died_on")
            told |= {who: data_to for who in given["patient_id"] if who not in told}

    assert len(died_on) > 20
    assert told == {
        who: min(last for last in last_days if last >= day)
        for who, day in died_on.items()
    }


@INCREMENTS
def test_a_row_comes_with_its_course_and_patient_or_after_them(eventful):
    known: dict[str, set[str]] = {"episode_id": set(), "patient_id": set()}

    for _, rows in each_delivery(eventful):
        for feed, key in (("episodes", "episode_id"), ("patients", "patient_id")):
            if feed in rows:
                known[key] |= set(rows[feed][key])
        for frame in rows.values():
            for key, sent in known.items():
                if key in frame.columns:
                    assert set(frame[key].drop_nulls()) <= sent


def test_what_is_later_than_the_data_is_never_sent():
    frames = eventful_block(0, 30)
    data_to = frames["patients"]["died_on"].drop_nulls().sort()[10]
    sent = with_day_sent(frames, stand_in.DATA_FROM, data_to)

    assert frames["patients"]["died_on"].max() > data_to
    for frame in sent.values():
        assert frame.height > 10
        days = frame.select(pl.col(pl.Date).max()).row(0)
        assert all(day is None or day <= data_to for day in days)


def test_a_course_of_care_is_sent_when_referred_started_and_ended(tmp_path):
    folder = written(tmp_path, sending(schedule="daily"))
    sent = pl.concat(
        rows["episodes"].with_columns(pl.lit(data_to).alias(SENT_ON))
        for data_to, rows in each_delivery(folder)
        if "episodes" in rows
    )
    whole = whole_service(stand_in.make_block)["episodes"].sort("episode_id")
    referred, started, ended = (
        sent.filter(pl.int_range(pl.len()).over("episode_id") == n).sort("episode_id")
        for n in range(3)
    )

    assert sent.height == 3 * PATIENTS
    assert referred[SENT_ON].equals(whole["referred_on"])
    assert started[SENT_ON].equals(whole["started_on"])
    assert ended[SENT_ON].equals(whole["ended_on"])
    assert referred.select(KNOWN_AT_START).null_count().row(0) == (
        (PATIENTS,) * len(KNOWN_AT_START)
    )
    assert_frame_equal(started.select(KNOWN_AT_START), whole.select(KNOWN_AT_START))
    for still_open in (referred, started):
        assert set(still_open["end_reason"]) == {"ongoing"}
        assert still_open["ended_on"].null_count() == PATIENTS
    assert_frame_equal(ended.drop(SENT_ON), whole)


def test_who_will_start_cannot_be_read_off_a_referral():
    frames = eventful_block(0, 30)
    sent = with_day_sent(frames, stand_in.DATA_FROM, stand_in.DATA_TO)["episodes"]
    first = sent.unique("episode_id", keep="first", maintain_order=True)
    starts = frames["episodes"].drop_nulls("started_on")["episode_id"].implode()
    blanks = [
        first.filter(pl.col("episode_id").is_in(starts) == will_start).select(
            pl.all().is_null().all()
        )
        for will_start in (True, False)
    ]

    assert_frame_equal(blanks[0], blanks[1])


def test_blocks_come_in_order_whoever_makes_them():
    made = list(in_order(stand_in.numbered, 60, Sharing(processes=2, chunk=2), "test"))

    assert made == [(0, 7), *((n, 7) for n in range(1, 8)), (8, 4)]


def _as_home(folder: Path) -> Path:
    """The source folder under the name that a home gives it."""
    target = folder.parent / "sources" / SOURCE
    target.mkdir(parents=True)
    (target / "source.yml").write_bytes((folder / "source" / "source.yml").read_bytes())
    return target
