"""Faults between rows: each row alone is possible."""

import polars as pl

from pipelines.simulate.faults import booking
from pipelines.simulate.faults.planting import (
    MARK,
    Fault,
    Planter,
    day,
    days_later,
    number,
    whole,
)

PHQ9 = pl.col("instrument") == "phq9"
OVERLAP_FROM_DAY = 7
"""Days from the start of a course to that of a second within it."""
SAME_SCORES = 10
"""Questionnaires in a row with one and the same answers: neither all the lowest nor all
the highest, which somebody well or very ill may give."""
NINE = [f"item_{n}" for n in range(1, 10)]


def _copied(feed_where: pl.Expr | None = None, **values: object):
    """Return a planter that adds copies of chosen rows under keys of their own."""

    def plant(planter: Planter, fault: Fault) -> None:
        rows = planter.pick(fault, feed_where)
        planter.take(fault.feed, rows)
        planter.add(fault, rows, **values)

    return plant


def _exact_duplicate(planter: Planter, fault: Fault) -> None:
    rows = planter.pick(fault)
    planter.take(fault.feed, rows)
    planter.add(fault, rows, session_id=pl.col("session_id"))


def _after_death(planter: Planter, fault: Fault) -> None:
    is_session = fault.feed == "sessions"
    column = "held_on" if is_session else "started_on"
    died = planter.frames["patients"].select("patient_id", "died_on").drop_nulls()
    rows = planter.pick(
        fault,
        pl.col("patient_id").is_in(died["patient_id"].implode())
        # An appointment that a dead person did not come to is a sound record.
        & (booking.ATTENDED if is_session else pl.lit(True)),
    )
    rows = rows.join(died, on="patient_id", how="left", maintain_order="left")
    planter.change(fault, rows, **{column: days_later("died_on", 20)})


def _before_birth(planter: Planter, fault: Fault) -> None:
    born = planter.frames["patients"].select("patient_id", "birth_year").drop_nulls()
    rows = planter.pick(fault, pl.col("patient_id").is_in(born["patient_id"].implode()))
    rows = rows.join(born, on="patient_id", how="left", maintain_order="left")
    year = whole(number("birth_year") - 2)
    planter.change(fault, rows, held_on=pl.format("{}-06-01", year))


def _child(planter: Planter, fault: Fault) -> None:
    started = (
        planter.frames["episodes"]
        .group_by("patient_id")
        .agg(day("started_on").min().dt.year().alias("year"))
        .drop_nulls()
    )
    rows = planter.pick(
        fault, pl.col("patient_id").is_in(started["patient_id"].implode())
    ).join(started, on="patient_id", how="left", maintain_order="left")
    planter.change(
        fault, rows, birth_year=whole(pl.col("year") - 9), is_aged_90_plus="false"
    )


def _twice_a_day(planter: Planter, fault: Fault) -> None:
    total = number("total_points")
    rows = planter.pick(fault, PHQ9 & (total < 20))
    blank = {f"item_{n}": None for n in range(1, 10)}
    planter.take(fault.feed, rows)
    planter.add(fault, rows, total_points=whole(total + 7), **blank)


def _same_score(planter: Planter, fault: Fault) -> None:
    scores = planter.frames["assessments"].filter(PHQ9, pl.col(MARK).is_null())
    counts = scores.group_by("patient_id").len().filter(pl.col("len") >= SAME_SCORES)
    if counts.is_empty():
        return
    people = (
        counts["patient_id"].sort().gather_every(max(1, counts.height // planter.count))
    )
    for nth, person in enumerate(people[: planter.count]):
        rows = planter.pick(
            fault, PHQ9 & (pl.col("patient_id") == person), count=SAME_SCORES * 10
        ).with_columns(pl.lit(nth, pl.UInt32).alias("nth"))
        if rows.height < SAME_SCORES:
            continue
        form = rows.filter(pl.min_horizontal(NINE) < "3", pl.max_horizontal(NINE) > "0")
        if form.is_empty():
            continue
        copied = {name: form[name][0] for name in ("total_points", *NINE)}
        planter.change(fault, rows, **copied)


def _late_baseline(planter: Planter, fault: Fault) -> None:
    first = (
        planter.frames["assessments"]
        .filter(PHQ9)
        .group_by("episode_id")
        .agg(day("completed_on").min().dt.to_string("iso:strict").alias("first_on"))
    )
    rows = planter.pick(
        fault,
        pl.struct("episode_id", "completed_on").is_in(
            first.rename({"first_on": "completed_on"})
            .select(pl.struct("episode_id", "completed_on"))
            .to_series()
            .implode()
        )
        & PHQ9
        & pl.col("session_id").is_not_null(),
    )
    planter.change(fault, rows, completed_on=days_later("completed_on", 3))


RELATION_FAULTS = (
    Fault(
        "exact_duplicate",
        "sessions",
        "session_id",
        "The same row twice, key and all.",
        _exact_duplicate,
        "load_feeds.duplicate_count",
    ),
    Fault(
        "duplicate_contact",
        "sessions",
        "session_id",
        "One contact sent twice under two keys.",
        _copied(booking.ATTENDED),
        "sessions.contact_is_sent_once",
    ),
    Fault(
        "duplicate_dispensing",
        "medications",
        "medication_id",
        "One dispensing sent twice under two keys.",
        _copied(),
        "medications.medication_is_sent_once",
    ),
    Fault(
        "overlapping_episodes",
        "episodes",
        "started_on",
        "A second course of the same patient within the first.",
        _copied(
            day("ended_on") > day("started_on") + pl.duration(days=OVERLAP_FROM_DAY),
            started_on=days_later("started_on", OVERLAP_FROM_DAY),
        ),
        "episodes.courses_of_a_patient_do_not_overlap",
    ),
    Fault(
        "session_in_anothers_episode",
        "sessions",
        "episode_id",
        "A session booked under another patient's course.",
        booking.in_anothers_episode,
        "sessions.course_of_the_session_is_its_patients",
    ),
    Fault(
        "clinician_at_two_sites",
        "sessions",
        "clinician_id",
        "One clinician holds sessions at two sites on one day.",
        booking.at_two_sites,
        "sessions.clinicians_are_at_one_site_a_day",
    ),
    Fault(
        "clinician_over_capacity",
        "sessions",
        "clinician_id",
        f"{booking.SESSIONS_NOBODY_HOLDS} attended sessions of one clinician on one day.",
        booking.over_capacity,
        "sessions.clinicians_hold_no_more_than_a_day_allows",
    ),
    Fault(
        "session_after_death",
        "sessions",
        "held_on",
        "A session attended twenty days after the patient's death.",
        _after_death,
        "sessions.nobody_attends_after_death",
    ),
    Fault(
        "dispensing_after_death",
        "medications",
        "started_on",
        "A dispensing twenty days after the patient's death.",
        _after_death,
        "medications.started_on_is_not_after_death",
    ),
    Fault(
        "session_before_birth",
        "sessions",
        "held_on",
        "A session two years before the patient's birth.",
        _before_birth,
        "sessions.held_on_is_not_before_birth",
    ),
    Fault(
        "child_in_an_adult_service",
        "patients",
        "birth_year",
        "Nine years old at the start of the course.",
        _child,
        "patients.patients_are_old_enough_for_the_service",
    ),
    Fault(
        "score_twice_a_day",
        "assessments",
        "completed_on",
        "Two PHQ-9 on one day, seven points apart.",
        _twice_a_day,
        "assessments.one_score_of_an_instrument_a_day",
    ),
    Fault(
        "same_score_repeated",
        "assessments",
        "total_points",
        f"At least {SAME_SCORES} questionnaires of one person with the same answers.",
        _same_score,
        "assessments.answers_change_over_time",
    ),
    Fault(
        "baseline_after_first_session",
        "assessments",
        "completed_on",
        "The first score is dated three days late, after the session it was given at.",
        _late_baseline,
        "assessments.first_score_is_not_dated_after_its_session",
    ),
)
