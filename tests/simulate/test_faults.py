"""Planted faults: where the answer key says, nowhere else, and each of its kind."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from simulate import stand_in

from pipelines.checks import catalogue
from pipelines.intake.feeds import FEEDS
from pipelines.simulate.deliveries import PLANTED
from pipelines.simulate.faults import dirty, reasons
from pipelines.simulate.faults.planting import as_text

LEAST_KINDS = 40
BLOCK = 3
SEED = 7


@pytest.fixture(scope="module")
def clean() -> dict[str, pl.DataFrame]:
    return stand_in.make_block(BLOCK, 600)


@pytest.fixture(scope="module")
def planted(clean) -> dict[str, pl.DataFrame]:
    return dirty.plant(clean, stand_in.fixed_tables(), SEED, BLOCK)


@pytest.fixture(scope="module")
def key(planted) -> pl.DataFrame:
    return planted[PLANTED]


def rows_of(key: pl.DataFrame, kind: str) -> pl.DataFrame:
    return key.filter(pl.col("kind") == kind)


def test_there_are_at_least_forty_kinds_each_with_a_name_of_its_own():
    kinds = [fault.kind for fault in (*dirty.FAULTS, *dirty.DELIVERY_FAULTS)]

    assert len(kinds) == len(set(kinds)) >= LEAST_KINDS
    assert all(fault.what.endswith(".") for fault in dirty.FAULTS)


@pytest.mark.parametrize("fault", dirty.FAULTS, ids=lambda fault: fault.kind)
def test_each_kind_is_planted_and_described(fault, key):
    mine = rows_of(key, fault.kind)

    assert mine.height >= 1
    assert mine["rows_count"].min() >= 1
    assert mine["feed"].unique().to_list() == [fault.feed]
    assert mine["column_name"].unique().to_list() == [fault.column]
    assert fault.column in {column.name for column in FEEDS[fault.feed].columns}


def test_the_key_points_at_the_row(planted, key):
    for feed, rows in key.drop_nulls("row_position").group_by("feed"):
        frame = planted[feed[0]].with_row_index("row_position", offset=1)
        found = rows.join(
            frame.cast({"row_position": pl.Int64}), on="row_position", how="left"
        )

        assert found.height == rows.height
        named = pl.Series(found[FEEDS[feed[0]].key])
        assert named.equals(pl.Series(found["row_key"]), null_equal=True)


def test_no_row_carries_two_faults(key):
    places = key.drop_nulls("row_position").select("feed", "row_position")

    assert not places.is_duplicated().any()


def patients_at(frames, site: str) -> pl.Series:
    episodes = frames["episodes"].filter(pl.col("site_id") == site)
    return episodes["patient_id"].unique()


def test_nothing_else_is_planted_where_a_pattern_is_the_fault(clean, planted, key):
    patterns = key.filter(pl.col("row_position").is_null())
    seen = 0
    for pattern in patterns.iter_rows(named=True):
        people = patients_at(clean, pattern["row_key"])
        feeds = {pattern["feed"], "patients"}
        if pattern["kind"] == "site_silent_for_a_month":
            feeds.add("assessments")
        for feed in feeds:
            places = key.filter(pl.col("feed") == feed)["row_position"].drop_nulls()
            rows = planted[feed].with_row_index("row_position", offset=1)
            mine = rows.filter(pl.col("patient_id").is_in(people.implode()))
            seen += mine.height
            assert not set(mine["row_position"]) & set(places), pattern["kind"]

    assert patterns.height == 4
    assert seen > 1000


def test_one_site_is_silent_for_one_month_in_every_block(clean):
    """Blocks follow each other in time: here the early referrals and the late ones."""
    starts = clean["episodes"].sort("started_on")["patient_id"]
    parts = (starts.head(480).implode(), starts.tail(480).implode())
    feeds = {"sessions": "held_on", "assessments": "completed_on"}
    silent, before, now, elsewhere = [], 0, 0, 0
    for number, people in enumerate(parts):
        block = {
            feed: frame.filter(pl.col("patient_id").is_in(people))
            for feed, frame in clean.items()
        }
        made = dirty.plant(block, stand_in.fixed_tables(), SEED, number)
        told = rows_of(made[PLANTED], "site_silent_for_a_month")
        silent += told.select("row_key", "starts_on").rows()
        site, month_on = silent[-1]
        is_at = pl.col("patient_id").is_in(patients_at(block, site).implode())
        for feed, column in feeds.items():
            of_month = (
                pl.col(column).cast(pl.String).str.starts_with(f"{month_on:%Y-%m}")
            )
            gone = block[feed].filter(of_month, is_at).height
            before += gone
            now += made[feed].filter(of_month, is_at).height
            elsewhere += made[feed].filter(of_month, ~is_at).height
            told = told.with_columns(pl.col("rows_count") - gone)
        assert told["rows_count"].to_list() == [0]

    assert len(silent) == 2
    assert len(set(silent)) == 1
    assert silent[0][1].day == 1
    assert before > 10
    assert now == 0
    assert elsewhere > 100


def test_every_other_row_is_as_it_was(clean, planted, key):
    """But for the rows of the sites whose pattern as a whole is the fault."""
    sites = key.filter(pl.col("row_position").is_null())["row_key"].unique()
    episodes = clean["episodes"].filter(pl.col("site_id").is_in(sites.implode()))
    elsewhere = ~pl.col("patient_id").is_in(episodes["patient_id"].implode())
    for feed, frame in clean.items():
        faulty = key.filter(pl.col("feed") == feed)["row_position"].drop_nulls()
        name = FEEDS[feed].key
        sound = (
            planted[feed]
            .with_row_index("row_position", offset=1)
            .filter(~pl.col("row_position").is_in(faulty.implode()), elsewhere)
            .drop("row_position")
        )
        expected = as_text(frame).filter(
            pl.col(name).is_in(sound[name].implode()), elsewhere
        )

        assert sound.height > 100
        assert_frame_equal(sound, expected)


def test_the_same_seed_plants_the_same_and_another_block_elsewhere(clean, planted):
    fixed = stand_in.fixed_tables()
    again = dirty.plant(clean, fixed, SEED, BLOCK)
    other = dirty.plant(clean, fixed, SEED, BLOCK + 1)

    for name, frame in planted.items():
        assert_frame_equal(again[name], frame)
    assert not other["sessions"].equals(planted["sessions"])


def test_a_patient_whose_own_row_is_spoiled_carries_no_other_fault(planted, key):
    spoiled = key.filter(pl.col("feed") == "patients")["row_key"]
    for feed in ("sessions", "assessments", "medications", "episodes"):
        rows = key.filter(pl.col("feed") == feed).drop_nulls("row_position")
        frame = planted[feed].with_row_index("row_position", offset=1)
        patients = frame.filter(
            pl.col("row_position").is_in(rows["row_position"].implode())
        )["patient_id"]

        assert not set(patients) & set(spoiled)


def test_what_is_planted_between_rows_is_so(planted, key):
    sessions = planted["sessions"].with_row_index("row_position", offset=1)

    def chosen(kind: str) -> pl.DataFrame:
        positions = rows_of(key, kind)["row_position"].implode()
        return sessions.filter(pl.col("row_position").is_in(positions))

    late = chosen("session_after_death").join(planted["patients"], on="patient_id")
    assert (late["held_on"] > late["died_on"]).all()
    early = chosen("session_before_birth").join(planted["patients"], on="patient_id")
    assert (early["held_on"].str.slice(0, 4) < early["birth_year"]).all()
    lent = chosen("session_in_anothers_episode").join(
        planted["episodes"], on="episode_id", suffix="_of_episode"
    )
    assert lent.height
    assert (lent["patient_id"] != lent["patient_id_of_episode"]).all()
    assert (lent["held_on"] >= lent["started_on"]).all()
    assert (lent["held_on"] <= lent["ended_on"]).all()
    twice = chosen("exact_duplicate").drop("row_position")
    assert twice.join(planted["sessions"], on="session_id").height == 2 * twice.height


def test_a_clinician_over_capacity_is_that_and_nothing_else(clean, planted, key):
    positions = rows_of(key, "clinician_over_capacity")["row_position"].implode()
    busy = (
        planted["sessions"]
        .with_row_index("row_position", offset=1)
        .filter(pl.col("row_position").is_in(positions))
        .with_columns(pl.col("held_on").str.to_date())
        .join(clean["sessions"], on="session_id", suffix="_before")
        .join(clean["episodes"], on="episode_id", suffix="_of_course")
    )
    same_day = planted["sessions"].filter(
        pl.col("held_on") == str(busy["held_on"][0]),
        pl.col("patient_id").is_in(busy["patient_id"].implode()),
    )

    assert busy.height == 25
    assert busy.select("clinician_id", "site_id", "held_on").n_unique() == 1
    moved = (busy["held_on"] - busy["held_on_before"]).dt.total_days()
    assert moved.abs().max() <= 3
    assert (busy["held_on"] >= busy["started_on"]).all()
    assert (busy["held_on"] <= busy["ended_on"]).all()
    assert not same_day["patient_id"].is_duplicated().any()


def test_what_is_planted_at_sites_is_so(planted, key):
    site = {row["kind"]: row["row_key"] for row in key.iter_rows(named=True)}
    at = {
        kind: planted["assessments"].join(
            planted["episodes"]
            .filter(pl.col("site_id") == site[kind])
            .select("episode_id"),
            on="episode_id",
        )
        for kind in ("item_9_always_zero", "scores_on_one_day_of_the_month")
    }
    planted_here = key.drop_nulls("row_position")["row_key"].implode()
    calm = at["item_9_always_zero"].filter(
        ~pl.col("assessment_id").is_in(planted_here), pl.col("item_9").is_not_null()
    )
    dated = at["scores_on_one_day_of_the_month"].filter(
        ~pl.col("assessment_id").is_in(planted_here)
    )

    assert calm.height > 100
    assert set(calm["item_9"]) == {"0"}
    assert dated.height > 100
    assert set(dated["completed_on"].str.slice(8)) == {"01"}


def expected_checks() -> set[str]:
    told = {fault.expected for fault in dirty.FAULTS}
    told |= {fault.mistaken_by for fault in dirty.FAULTS}
    told |= {
        broken.expected
        for broken in dirty.DELIVERY_FAULTS
        if reasons.is_check(broken.expected)
    }
    return told - {""}


def test_every_check_that_is_expected_exists():
    known = {(entry.table_name, entry.check_id) for entry in catalogue.entries()}
    known |= {("load_feeds", "duplicate_count")}

    assert {tuple(name.split(".", 1)) for name in expected_checks()} <= known
