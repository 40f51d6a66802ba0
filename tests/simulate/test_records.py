from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from simulate.small_service import SEED, default, feeds, happened

from pipelines.intake.contract import instrument_ranges
from pipelines.intake.feeds import FEEDS
from pipelines.simulate import records
from pipelines.simulate.columns import POLARS_TYPES
from pipelines.simulate.parameters import BLOCK_PATIENTS, scenario

BLOCKS = range(4)
FIRST = date.fromisoformat(default().calendar.first_on)
LAST = FIRST + timedelta(days=default().data_days)


@pytest.fixture(scope="module")
def whole():
    """Every feed of four blocks, with the fixed tables."""
    made = {
        name: pl.concat([feeds(number)[name] for number in BLOCKS]) for name in feeds(0)
    }
    return made | records.fixed_tables(default(), SEED)


def test_the_feeds_are_the_contracts(whole):
    assert set(whole) == set(FEEDS)
    for name, frame in whole.items():
        columns = FEEDS[name].columns
        assert frame.columns == [column.name for column in columns]
        kinds = [POLARS_TYPES[column.kind] for column in columns]
        assert frame.dtypes == kinds, name
        assert frame.height > 0


def test_keys_are_given_once(whole):
    for name, frame in whole.items():
        key = frame[FEEDS[name].key]
        assert key.null_count() == 0
        assert key.n_unique() == frame.height, name


def test_required_columns_are_filled_and_codes_are_known(whole):
    for name, frame in whole.items():
        for column in FEEDS[name].columns:
            values = frame[column.name]
            if column.is_required:
                assert values.null_count() == 0, column.name
            if column.codes:
                assert set(values.drop_nulls().unique()) <= set(column.codes)
            if column.low is not None and values.count():
                assert values.min() >= column.low
                assert values.max() <= column.high


def test_references_are_there(whole):
    keys = {name: set(frame[FEEDS[name].key]) for name, frame in whole.items()}
    feed_of = {FEEDS[name].key: name for name in FEEDS}
    for frame in whole.values():
        for column in frame.columns[1:]:
            if column in feed_of:
                assert set(frame[column].drop_nulls()) <= keys[feed_of[column]]


def test_sessions_and_scores_agree_with_their_episode(whole):
    owner = whole["episodes"].select("episode_id", owner="patient_id")
    for name in ("sessions", "assessments"):
        joined = whole[name].join(owner, on="episode_id")
        assert joined.height > 0
        assert (joined["patient_id"] == joined["owner"]).all()
    held = whole["sessions"].select("session_id", "held_on", "attendance")
    scored = whole["assessments"].join(held, on="session_id")
    assert (scored["held_on"] == scored["completed_on"]).all()
    assert (scored["attendance"] == "attended").all()


def test_nothing_is_seen_outside_the_data_or_the_life(whole):
    patients = whole["patients"].select(
        "patient_id", "died_on", "observed_to", "observed_from"
    )
    for name, day in (
        ("sessions", "held_on"),
        ("assessments", "completed_on"),
        ("medications", "started_on"),
        ("diagnoses", "recorded_on"),
    ):
        joined = whole[name].join(patients, on="patient_id")
        assert (joined[day] <= joined["observed_to"]).all(), name
        assert (joined[day] >= joined["observed_from"]).all(), name
        assert (joined[day] <= LAST).all()
        dead = joined.filter(pl.col("died_on").is_not_null())
        assert dead.height > 0
        assert (dead[day] <= dead["died_on"]).all()


def test_episodes_run_forward(whole):
    episodes = whole["episodes"]
    for earlier, later in (
        ("referred_on", "started_on"),
        ("started_on", "ended_on"),
        ("referred_on", "ended_on"),
    ):
        both = episodes.drop_nulls([earlier, later])
        assert (both[earlier] <= both[later]).all()


def test_courses_start_with_an_attended_treatment_session(whole):
    treated = whole["sessions"].filter(pl.col("session_type") == "treatment")
    first = treated.group_by("episode_id").agg(
        pl.col("held_on").min(),
        pl.col("attendance").sort_by("held_on").first(),
        pl.col("held_on").max().alias("last_on"),
    )
    joined = whole["episodes"].join(first, on="episode_id")
    assert (joined["held_on"] == joined["started_on"]).all()
    assert (joined["attendance"] == "attended").all()
    ended = joined.drop_nulls("ended_on")
    assert (ended["last_on"] <= ended["ended_on"]).all()


def test_courses_of_one_person_do_not_overlap(whole):
    days = (
        whole["sessions"]
        .filter(pl.col("session_type") == "treatment")
        .group_by("patient_id", "episode_id")
        .agg(first=pl.col("held_on").min(), last=pl.col("held_on").max())
        .sort("patient_id", "first")
        .with_columns(before=pl.col("last").shift(1).over("patient_id"))
        .drop_nulls("before")
    )
    assert days.height > 50
    assert ((days["first"] - days["before"]).dt.total_days() > 60).all()


def test_a_deaths_course_ends_with_it(whole):
    died = whole["episodes"].filter(pl.col("end_reason") == "died")
    joined = died.join(whole["patients"], on="patient_id")

    assert joined.height > 0
    assert (joined["ended_on"] == joined["died_on"]).all()


def test_every_way_to_end_is_there(whole):
    ends = whole["episodes"]["end_reason"]

    assert set(ends.drop_nulls()) == set(FEEDS["episodes"].columns[6].codes)
    assert ends.null_count() > 0


def test_totals_are_the_sums_of_complete_answers(whole):
    for name, items in (("phq9", 9), ("gad7", 7)):
        rows = whole["assessments"].filter(pl.col("instrument") == name)
        columns = [f"item_{n}" for n in range(1, items + 1)]
        complete = rows.drop_nulls(columns)
        total = complete.select(pl.sum_horizontal(columns)).to_series()
        assert (complete["total_points"] == total).all()
        # an incomplete questionnaire has no total
        assert rows.height - complete.height == rows["total_points"].null_count()
        assert 0 < 1 - complete.height / rows.height < 0.2
        assert complete.select(pl.max_horizontal(columns)).max().item() == 3


def test_item_9_is_left_blank_twice_as_often(whole):
    rows = whole["assessments"].filter(pl.col("instrument") == "phq9")
    others = np.mean([rows[f"item_{n}"].null_count() for n in range(1, 9)])

    assert rows["item_9"].null_count() / others == pytest.approx(2, abs=0.3)
    share = others / rows.height
    assert share == pytest.approx(default().observation.item_missing, abs=0.003)


def test_totals_lie_in_range(whole):
    for instrument, (low, high) in instrument_ranges().items():
        rows = whole["assessments"].filter(pl.col("instrument") == instrument)
        if rows.height:
            assert rows["total_points"].min() >= low
            assert rows["total_points"].max() <= high


def test_all_collection_reasons_are_there(whole):
    assert set(whole["assessments"]["collection_reason"]) == {
        "session",
        "scheduled_follow_up",
        "return",
    }


def test_doses_are_recorded_from_the_system_change_on(whole):
    month = default().calendar.dose_recorded_from_month
    change = FIRST + timedelta(days=month * 30.4375 + 1)
    rows = whole["medications"]
    before = rows.filter(pl.col("started_on") < change - timedelta(days=2))
    after = rows.filter(pl.col("started_on") > change)

    assert before["daily_dose_mg"].count() == 0
    assert after["daily_dose_mg"].null_count() == 0


def test_people_of_90_and_over_have_no_birth_year(whole):
    old = whole["patients"].filter("is_aged_90_plus")

    assert old.height > 0
    assert old["birth_year"].count() == 0
    young = whole["patients"].filter(~pl.col("is_aged_90_plus"))
    assert young["birth_year"].min() > LAST.year - 90


def test_a_trial_is_inside_the_service(whole):
    trial = whole["episodes"].filter("is_randomised")
    arms = trial["allocated_arm"]

    assert arms.null_count() == 0
    assert 0.3 < (arms == "usual_care").mean() < 0.7
    assert (
        whole["episodes"].filter(~pl.col("is_randomised"))["allocated_arm"].count() == 0
    )


def test_groups_have_people_in_them(whole):
    sizes = whole["sessions"].group_by("format").agg(pl.col("participants_count").min())
    least = dict(sizes.drop_nulls().iter_rows())

    assert least["individual"] == 1
    assert least["couple"] == 2
    assert least["family"] >= 2
    assert least["group"] >= 3


def test_the_same_seed_gives_the_same_frames():
    again = records.clean_block(default(), SEED, 1, BLOCK_PATIENTS)
    for name, frame in feeds(1).items():
        assert_frame_equal(frame, again[name])


def test_another_seed_gives_others():
    other = records.clean_block(default(), SEED + 1, 1, BLOCK_PATIENTS)

    assert not other["patients"].equals(feeds(1)["patients"])


def test_fewer_people_of_a_block_are_the_first_of_it():
    """Whole rows of whole people: nothing of theirs hangs on the others."""
    few = records.clean_block(default(), SEED, 2, 100)
    kept = feeds(2)["patients"].head(100)
    assert_frame_equal(few["patients"], kept)
    for name in ("episodes", "sessions", "assessments", "medications", "diagnoses"):
        expected = feeds(2)[name].join(
            kept.select("patient_id"),
            on="patient_id",
            how="semi",
            maintain_order="left",
        )
        assert_frame_equal(few[name], expected)


def test_rows_are_by_patient_then_day(whole):
    for name, day in (
        ("sessions", "held_on"),
        ("assessments", "completed_on"),
        ("medications", "started_on"),
        ("diagnoses", "recorded_on"),
    ):
        frame = feeds(0)[name]
        order = {p: i for i, p in enumerate(feeds(0)["patients"]["patient_id"])}
        place = frame["patient_id"].replace_strict(order)
        assert place.is_sorted(), name
        steps = frame.select(
            pl.col(day).diff().over("patient_id").dt.total_days().min()
        ).item()
        assert steps >= 0, name


def test_injuries_do_not_hang_on_treatment(whole):
    injuries = whole["diagnoses"].filter(pl.col("code").str.contains("^[ST]"))

    share = injuries["patient_id"].n_unique() / whole["patients"].height

    assert 0.03 < share < 0.25


def test_no_code_says_that_data_are_real(whole):
    assert whole["sites"]["site_name"].str.starts_with("Simulated").all()


def test_one_year_and_a_tiny_service_work():
    tiny = scenario("small_clinics", patients=3, years=0.5)

    made = records.clean_block(tiny, 1, 0, 3)

    assert made["patients"].height == 3
    assert records.fixed_tables(tiny, 1)["sites"].height == tiny.sites_count


@pytest.fixture(scope="module")
def courses(whole):
    """Finished courses with first and last scores, by the product's definitions."""
    held = whole["sessions"].filter(
        (pl.col("session_type") == "treatment") & (pl.col("attendance") == "attended")
    )
    counts = held.group_by("episode_id").agg(
        sessions=pl.len(), start=pl.col("held_on").min()
    )
    done = whole["episodes"].join(counts, on="episode_id").drop_nulls("ended_on")
    done = done.filter(pl.col("sessions") >= 2)
    scores = (
        whole["assessments"]
        .drop_nulls("total_points")
        .join(done.select("episode_id", "start", "ended_on"), on="episode_id")
        .filter(
            pl.col("completed_on").is_between(
                pl.col("start") - pl.duration(days=30), pl.col("ended_on")
            )
        )
        .sort("completed_on")
    )
    for name in ("phq9", "gad7"):
        ends = (
            scores.filter(pl.col("instrument") == name)
            .group_by("episode_id")
            .agg(
                pl.col("total_points").first().alias(f"{name}_first"),
                pl.when(pl.col("completed_on").n_unique() > 1)
                .then(pl.col("total_points").last())
                .alias(f"{name}_last"),
            )
        )
        done = done.join(ends, on="episode_id", how="left")
    return done


def test_recovery_improvement_and_completeness_lie_in_their_bands(courses):
    paired = pl.col("phq9_last").is_not_null() & pl.col("gad7_last").is_not_null()
    fell = pl.col("phq9_first") - pl.col("phq9_last")
    eased = pl.col("gad7_first") - pl.col("gad7_last")
    rates = courses.with_columns(
        is_case=(pl.col("phq9_first") >= 10) | (pl.col("gad7_first") >= 8),
        recovered=paired & (pl.col("phq9_last") < 10) & (pl.col("gad7_last") < 8),
        improved=paired & (((fell >= 6) & (eased > -4)) | ((eased >= 4) & (fell > -6))),
        paired=paired,
    )
    cases = rates.filter(pl.col("is_case").fill_null(True))

    assert 0.43 < cases["recovered"].fill_null(False).mean() < 0.57
    assert 0.60 < rates["improved"].fill_null(False).mean() < 0.74
    assert rates["paired"].mean() > 0.9


def test_first_and_last_scores_are_those_of_services(courses):
    assert courses["phq9_first"].mean() == pytest.approx(15.4, abs=0.6)
    assert courses["phq9_first"].std() == pytest.approx(5.5, abs=0.4)
    assert courses["phq9_last"].mean() == pytest.approx(9.4, abs=1.2)
    assert courses["phq9_last"].std() == pytest.approx(6.4, abs=0.5)


def test_a_third_of_referrals_finish_and_a_fifth_drop_out(whole, courses):
    old = pl.col("referred_on") < LAST - timedelta(days=420)
    referred = whole["episodes"].filter(old)
    finished = courses.filter(old)

    assert finished.height / referred.height == pytest.approx(0.37, abs=0.03)
    assert finished["sessions"].mean() == pytest.approx(6.8, abs=0.6)
    treated = referred.filter(
        pl.col("intended_length").is_not_null()
        & pl.col("ended_on").is_not_null()
        & ~pl.col("end_reason").is_in(["died", "transferred"]).fill_null(False)
    )
    dropped = (treated["end_reason"] == "dropped_out").fill_null(False).mean()
    assert dropped == pytest.approx(0.197, abs=0.03)


def test_plain_averages_by_length_have_the_wrong_sign():
    """Among people in therapy at week 26, who stays on looks worse a year later."""
    later = {"stays": [], "leaves": []}
    for number in (0, 1):  # with two years of data
        made = happened(number).course
        inside = made.course_number[26] == 1
        stop = made.stopped_week[0]
        later["stays"].append(made.points[52, inside & (stop >= 52)])
        later["leaves"].append(made.points[52, inside & (stop < 32)])
    stays, leaves = (np.concatenate(later[k]).astype(float) for k in later)

    error = np.sqrt(stays.var() / len(stays) + leaves.var() / len(leaves))
    assert stays.mean() - leaves.mean() > -error
