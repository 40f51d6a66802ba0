"""When each row of a simulated service would have been sent.

A service that sends increments tells a thing in the first delivery after it happened,
never before. It sends a course of care when it is referred, again when it starts, and
again when it ends; a patient when first known, and again when the observation has ended
and when the patient has died; everything else once, not before its patient and its
course. Applying all increments in order gives the same rows as one full delivery: the
newest row of a key wins, whole, blanks included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

DAYS = {
    "sessions": ("held_on",),
    "assessments": ("completed_on",),
    "medications": ("ended_on", "started_on"),
    "diagnoses": ("recorded_on",),
}
"""The day on which a row becomes known: the first of these that is given."""

SENT_ON = "sent_on"

KNOWN_AT_START = (
    "started_on",
    "intended_length",
    "modality",
    "depression_onset_months",
    "current_episode_months",
    "depression_duration_band",
    "allocated_arm",
    "is_randomised",
)
"""Columns of a course that a referral cannot tell: agreed on, allotted or counted at the
start. They are blank for everybody until then, or who will start could be read off."""


@dataclass(frozen=True)
class Part:
    """Columns that are told later than the row is first sent."""

    told_on: pl.Expr
    """First day on which they are known; null if they are from the first."""

    before: Mapping[str, str | None]
    """What each of the columns says until then."""


def with_day_sent(
    frames: dict[str, pl.DataFrame], data_from: date, data_to: date
) -> dict[str, pl.DataFrame]:
    """Return each feed with a column `sent_on`; some rows come more than once.

    Rows of one key are in the order in which they are sent.

    Args:
        frames: One block's feeds.
        data_from: First day of the data; nothing is sent before.
        data_to: Last day; nothing is sent after, so nothing later is ever told.
    """
    known = _first_known(frames)
    patients = frames["patients"].join(
        known, on="patient_id", how="left", maintain_order="left"
    )
    episodes = frames["episodes"].join(
        known, on="patient_id", how="left", maintain_order="left"
    )
    episodes = episodes.with_columns(
        pl.max_horizontal(pl.coalesce("referred_on", "started_on"), "known_on").alias(
            "known_on"
        )
    )
    courses = episodes.select("episode_id", pl.col("known_on").alias("course_known_on"))
    sent = {
        "patients": _in_parts(patients, _parts_of_patients(data_to)),
        "episodes": _in_parts(episodes, _parts_of_episodes(data_to)),
    }
    for feed, columns in DAYS.items():
        if feed in frames:
            sent[feed] = _once(frames[feed], columns, known, courses)
    return {
        feed: frame.with_columns(pl.col(SENT_ON).clip(lower_bound=data_from)).filter(
            pl.col(SENT_ON) <= data_to
        )
        for feed, frame in sent.items()
    }


def _first_known(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The day each patient is first heard of: a referral, else any record."""
    days = [frames["episodes"].select("patient_id", pl.col("referred_on").alias("day"))]
    days.append(
        frames["episodes"].select("patient_id", pl.col("started_on").alias("day"))
    )
    referred = pl.concat(days).group_by("patient_id").agg(pl.col("day").min())
    other = pl.concat(
        frames[feed].select("patient_id", pl.coalesce(*columns).alias("other"))
        for feed, columns in DAYS.items()
        if feed in frames
    )
    other = other.group_by("patient_id").agg(pl.col("other").min())
    return (
        frames["patients"]
        .select("patient_id", "observed_from")
        .join(referred, on="patient_id", how="left", maintain_order="left")
        .join(other, on="patient_id", how="left", maintain_order="left")
        .select(
            "patient_id",
            pl.coalesce("day", "other", "observed_from").alias("known_on"),
        )
    )


def _parts_of_patients(data_to: date) -> tuple[Part, ...]:
    """That a day was the last one is known the day after, or when the data end."""
    last = pl.col("observed_to")
    told_on = pl.when(last == data_to).then(last).otherwise(last.dt.offset_by("1d"))
    return (
        Part(pl.col("died_on"), {"died_on": None}),
        Part(told_on, {"observed_to": None}),
    )


def _parts_of_episodes(data_to: date) -> tuple[Part, ...]:
    """A referral that never becomes a course is told in full when that is known."""
    return (
        Part(
            pl.coalesce("started_on", "ended_on", pl.lit(data_to)),
            dict.fromkeys(KNOWN_AT_START),
        ),
        Part(pl.col("ended_on"), {"ended_on": None, "end_reason": "ongoing"}),
    )


def _in_parts(frame: pl.DataFrame, parts: tuple[Part, ...]) -> pl.DataFrame:
    """Send a row when it is known and whenever more of it is; no day has it twice."""
    told = [f"told_{number}_on" for number in range(len(parts))]
    placed = frame.with_columns(
        pl.max_horizontal(part.told_on, "known_on").alias(name)
        for name, part in zip(told, parts, strict=True)
    ).with_row_index("place")
    copies = []
    for sent_on in ("known_on", *told):
        untold = [
            pl.when(pl.col(name) > pl.col(sent_on))
            .then(pl.lit(value).cast(frame.schema[column]))
            .otherwise(pl.col(column))
            .alias(column)
            for name, part in zip(told, parts, strict=True)
            for column, value in part.before.items()
        ]
        copies.append(placed.with_columns(pl.col(sent_on).alias(SENT_ON), *untold))
    return (
        pl.concat(copies)
        .unique(["place", SENT_ON], keep="first", maintain_order=True)
        .sort("place", SENT_ON)
        .drop("place", "known_on", *told)
    )


def _once(
    frame: pl.DataFrame,
    columns: tuple[str, ...],
    known: pl.DataFrame,
    courses: pl.DataFrame,
) -> pl.DataFrame:
    """Send a row on its day; if its patient or course is not known yet, with them."""
    made = frame.join(known, on="patient_id", how="left", maintain_order="left")
    days = [pl.coalesce(*columns, "known_on"), pl.col("known_on")]
    if "episode_id" in frame.columns:
        made = made.join(courses, on="episode_id", how="left", maintain_order="left")
        days.append(pl.col("course_known_on"))
    return made.with_columns(pl.max_horizontal(days).alias(SENT_ON)).select(
        *frame.columns, SENT_ON
    )
