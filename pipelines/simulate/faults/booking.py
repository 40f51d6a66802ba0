"""Faults of sessions booked under the wrong course, site or clinician."""

from datetime import date

import polars as pl

from pipelines.simulate.faults.planting import MARK, Fault, Planter, day

ATTENDED = pl.col("attendance") == "attended"
HAS_CLINICIAN = pl.col("clinician_id").is_not_null()
IN_PERSON = pl.col("delivery_mode") == "in_person"
"""By video a clinician may well hold sessions of two sites on one day."""

SESSIONS_NOBODY_HOLDS = 25
"""Attended sessions of one clinician on one day."""

NEAR_DAYS = 3
"""How far a session may be moved (days): less than half the week between two."""

LEADS = 50
"""Sessions tried for one that has enough others near its day."""


def in_anothers_episode(planter: Planter, fault: Fault) -> None:
    """Book sessions under courses that other patients had at that time."""
    rows = planter.pick(fault, pl.col("episode_id").is_not_null())
    is_sound = pl.col(MARK).is_null() & pl.col("patient_id").is_in(
        planter.sound_patients()
    )
    courses = planter.frames["episodes"].filter(is_sound)
    courses = courses.select(
        pl.col("episode_id").alias("other"),
        pl.col("patient_id").alias("other_patient"),
        day("started_on").alias("first_on"),
        day("ended_on").alias("last_on"),
    )
    random = planter.random(f"{fault.kind}/course")
    others = []
    for row in rows.iter_rows(named=True):
        held_on = date.fromisoformat(row["held_on"])
        fitting = courses.filter(
            pl.col("other_patient") != row["patient_id"],
            pl.col("first_on") <= held_on,
            pl.col("last_on").is_null() | (pl.col("last_on") >= held_on),
        )["other"].sort()
        chosen = random.integers(len(fitting)) if len(fitting) else None
        others.append(None if chosen is None else fitting[int(chosen)])
    rows = rows.with_columns(pl.Series("other", others, pl.String))
    planter.change(
        fault, rows.filter(pl.col("other").is_not_null()), episode_id=pl.col("other")
    )


def at_two_sites(planter: Planter, fault: Fault) -> None:
    """Add sessions that their clinicians hold at another site on the same day."""
    sites = planter.frames["sites"]["site_id"].sort()
    rows = planter.pick(fault, ATTENDED & HAS_CLINICIAN & IN_PERSON)
    other = (
        pl.when(pl.col("site_id") == sites[0])
        .then(pl.lit(sites[-1]))
        .otherwise(pl.lit(sites[0]))
    )
    planter.take(fault.feed, rows)
    planter.add(
        fault,
        rows.with_columns(_somebody_else(planter, rows).alias("other")),
        site_id=other,
        patient_id=pl.col("other"),
        episode_id=None,
    )


def over_capacity(planter: Planter, fault: Fault) -> None:
    """Give one clinician sessions of a few days around, on one day and at one site."""
    leads = planter.pick(fault, ATTENDED & HAS_CLINICIAN, count=LEADS)
    attended = planter.pick(fault, ATTENDED, count=planter.frames[fault.feed].height)
    attended = _with_bounds(planter, attended)
    for lead in leads.iter_rows(named=True):
        rows = _near(attended, lead).head(SESSIONS_NOBODY_HOLDS)
        if rows.height == SESSIONS_NOBODY_HOLDS:
            planter.change(
                fault,
                rows.with_columns(pl.lit(0).alias("nth")),
                clinician_id=lead["clinician_id"],
                site_id=lead["site_id"],
                held_on=lead["held_on"],
            )
            return


def _with_bounds(planter: Planter, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the days between which each session may lie, all inclusive."""
    courses = planter.frames["episodes"].select(
        "episode_id",
        day("referred_on").alias("referred"),
        day("started_on").alias("started"),
        day("ended_on").alias("ended"),
    )
    patients = planter.frames["patients"].select(
        "patient_id", day("observed_to").alias("observed")
    )
    held = day("held_on")
    is_before_start = (held < pl.col("started")).fill_null(False)
    return (
        rows.join(courses, on="episode_id", how="left", maintain_order="left")
        .join(patients, on="patient_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_before_start)
            .then("referred")
            .otherwise(pl.max_horizontal("referred", "started"))
            .alias("from_on"),
            pl.min_horizontal(
                "ended",
                "observed",
                pl.when(is_before_start).then(pl.col("started").dt.offset_by("-1d")),
            ).alias("to_on"),
        )
    )


def _near(sessions: pl.DataFrame, lead: dict) -> pl.DataFrame:
    """Sessions that may be moved to the lead's day, one a patient, the nearest first."""
    held_on = date.fromisoformat(lead["held_on"])
    apart = (day("held_on") - pl.lit(held_on)).dt.total_days().abs()
    near = sessions.with_columns(apart.alias("apart")).filter(
        pl.col("apart") <= NEAR_DAYS
    )
    return (
        near.filter(
            (pl.col("from_on") <= held_on).fill_null(True),
            (pl.col("to_on") >= held_on).fill_null(True),
        )
        .sort("apart", "index")
        .unique("patient_id", keep="first", maintain_order=True)
    )


def _somebody_else(planter: Planter, rows: pl.DataFrame) -> pl.Series:
    """Patients of other sessions, one per row."""
    people = planter.sound_patients()
    position = {name: n for n, name in enumerate(people)}
    return pl.Series(
        [
            people[(position.get(name, 0) + 1) % len(people)]
            for name in rows["patient_id"]
        ]
    )
