"""What a service's records cannot hold: each was found in them once."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from simulate.small_service import default, feeds, happened

from pipelines.simulate import records
from pipelines.simulate.indication import CONTRACTS, FORMATS, MODALITIES
from pipelines.simulate.parameters import scenario

BLOCKS = range(4)
FIRST = date.fromisoformat(default().calendar.first_on)
LAST = FIRST + timedelta(days=default().data_days)


@pytest.fixture(scope="module")
def whole():
    """Every feed of four blocks."""
    return {name: pl.concat([feeds(n)[name] for n in BLOCKS]) for name in feeds(0)}


@pytest.mark.parametrize("years", [0.25, 5, 12])
def test_any_length_of_data_can_be_made(years):
    made = records.clean_block(scenario("small_clinics", 40, years), 1, 0, 40)

    assert made["patients"].height == 40


def test_the_parameters_list_shares_in_this_order():
    assert (
        *("cognitive", "behavioural", "cbt", "computerised_cbt"),
        *("interpersonal", "psychodynamic", "supportive"),
    ) == MODALITIES
    assert FORMATS == ("individual", "couple", "family", "group")
    assert CONTRACTS == ("short_term", "long_term", "open_ended")


def test_people_start_after_bad_weeks():
    excess = {True: [], False: []}
    for block in map(happened, BLOCKS):
        more = block.first_shown - block.people.severity
        for started in (True, False):
            who = block.choices.is_seen & (block.choices.is_started == started)
            excess[started].append(more[who])

    started, others = (np.concatenate(excess[key]) for key in (True, False))
    assert started.mean() > others.mean() + 3 * started.std() / np.sqrt(len(started))


def test_new_users_have_no_supply_in_the_washout():
    for block in map(happened, BLOCKS):
        new = ~block.choices.on_medication & ~block.people.is_resistant
        start = block.people.start_day[block.fills.person]
        earlier = (block.fills.day < start) & new[block.fills.person]
        covered_to = block.fills.day + block.fills.days_supply

        assert earlier.any()
        assert (covered_to[earlier] <= start[earlier] - 30 - 105).all()


def test_nobody_dies_after_the_service_lost_sight_of_them(whole):
    died = whole["patients"].drop_nulls("died_on")

    assert died.height > 5
    assert (died["died_on"] == died["observed_to"] + timedelta(days=1)).all()


def test_usual_care_ends_when_the_person_is_gone(whole):
    usual = whole["episodes"].filter(pl.col("modality") == "usual_care")
    joined = usual.join(whole["patients"], on="patient_id")
    gone = joined.filter(pl.col("observed_to") < LAST)

    assert gone.height > 0
    assert set(gone["end_reason"]) <= {"died", "transferred"}
    assert gone["ended_on"].null_count() == 0
    assert set(joined.filter(pl.col("observed_to") >= LAST)["end_reason"]) == {
        "ongoing"
    }


def test_no_contact_is_planned_after_the_end_of_its_course(whole):
    joined = whole["sessions"].join(
        whole["episodes"].drop_nulls("ended_on"), on="episode_id"
    )

    assert joined.height > 1000
    assert (joined["held_on"] <= joined["ended_on"]).all()


def test_homework_is_done_only_where_it_was_set(whole):
    attended = whole["sessions"].filter(
        (pl.col("attendance") == "attended") & (pl.col("session_type") == "treatment")
    )
    before = attended.sort("episode_id", "held_on", maintain_order=True).with_columns(
        was_set=pl.col("is_homework_assigned").shift(1).over("episode_id")
    )
    done = before.drop_nulls("homework_completed_percent")

    assert done.height > 1000
    assert done["was_set"].all()
    assert before.filter(~pl.col("is_homework_assigned")).height > 100


def test_sessions_spread_over_the_weekdays(whole):
    treatment = whole["sessions"].filter(pl.col("session_type") == "treatment")
    shares = treatment["held_on"].dt.weekday().value_counts(normalize=True)
    by_day = dict(shares.iter_rows())

    assert set(by_day) == {1, 2, 3, 4, 5}
    assert all(0.15 < share < 0.26 for share in by_day.values())


def test_a_person_has_one_history_of_medication_trials(whole):
    told = (
        whole["episodes"]
        .group_by("patient_id")
        .agg(pl.col("adequate_medication_trials").n_unique())
    )

    assert (told["adequate_medication_trials"] == 1).all()


def test_family_therapy_changes_nothing_for_people_not_in_it():
    shares = {True: [], False: []}
    for block in map(happened, BLOCKS):
        never = (block.course.course_number == 0).all(0) & block.choices.on_medication
        for is_family in (True, False):
            who = never & (
                (block.course.format == FORMATS.index("family")) == is_family
            )
            shares[is_family].append(block.course.on_medication[:52, who].mean(0))
    family, others = (np.concatenate(shares[key]) for key in (True, False))

    error = np.sqrt(family.var() / len(family) + others.var() / len(others))
    assert abs(family.mean() - others.mean()) < 3 * error


def test_the_index_year_is_the_year_of_the_referral(whole):
    first = whole["episodes"].group_by("patient_id").agg(pl.col("referred_on").min())
    joined = whole["patients"].join(first, on="patient_id")

    assert (joined["index_year"] == joined["referred_on"].dt.year()).all()


def test_homework_and_recovery_go_together_without_being_an_effect():
    people = happened(0).people
    r = np.corrcoef(people.homework_trait, -people.floor_own)[0, 1]

    assert r == pytest.approx(default().course.homework_with_recovery, abs=0.06)
    assert people.homework_trait.std() == pytest.approx(1, abs=0.05)


def test_under_us_attendance_under_a_quarter_have_five_sessions():
    """Published: two in five never return, and under a quarter complete five."""
    parameters = scenario("us_attendance", 8192)
    made = [records.clean_block(parameters, 1, n, 2048) for n in (0, 1)]
    sessions = pl.concat([feeds["sessions"] for feeds in made])
    ended = pl.concat([feeds["episodes"] for feeds in made]).drop_nulls("ended_on")
    counts = (
        sessions.filter(
            (pl.col("session_type") == "treatment")
            & (pl.col("attendance") == "attended")
        )
        .group_by("episode_id")
        .len()
        .join(ended, on="episode_id")["len"]
    )

    assert 0.38 < (counts == 1).mean() < 0.45
    assert 0.18 < (counts >= 5).mean() < 0.25
