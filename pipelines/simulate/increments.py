"""When each row of a simulated service would have been sent.

A service that sends increments sends a course of care when it starts (one that never
starts, when it is referred) and again when it ends, a patient when first known and
again when the end of the observation is known, and everything else once. Applying all
increments in order gives the same rows as one full delivery: the newest row of a key
wins.
"""

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


def with_day_sent(
    frames: dict[str, pl.DataFrame], data_from: date, data_to: date
) -> dict[str, pl.DataFrame]:
    """Return each feed with a column `sent_on`; some rows come twice.

    Args:
        frames: One block's feeds.
        data_from: First day of the data; nothing is sent before.
        data_to: Last day; nothing is sent after.
    """
    known = _first_known(frames)
    patients = frames["patients"].join(known, on="patient_id", how="left")
    sent = {
        "patients": _twice(
            patients,
            first=pl.col("known_on"),
            last=pl.coalesce("observed_to", pl.lit(data_to)),
            open_values={"died_on": None, "observed_to": None},
        ),
        "episodes": _twice(
            frames["episodes"].join(known, on="patient_id", how="left"),
            first=pl.coalesce("started_on", "referred_on", "known_on"),
            last=pl.col("ended_on"),
            open_values={"ended_on": None, "end_reason": "ongoing"},
        ),
    }
    for feed, columns in DAYS.items():
        if feed in frames:
            sent[feed] = (
                frames[feed]
                .join(known, on="patient_id", how="left", maintain_order="left")
                .with_columns(pl.coalesce(*columns, "known_on").alias(SENT_ON))
            )
    within = pl.max_horizontal(SENT_ON, "known_on").clip(data_from, data_to)
    return {
        feed: frame.with_columns(within.alias(SENT_ON)).drop("known_on")
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
        .join(referred, on="patient_id", how="left")
        .join(other, on="patient_id", how="left")
        .select(
            "patient_id",
            pl.coalesce("day", "other", "observed_from").alias("known_on"),
        )
    )


def _twice(
    frame: pl.DataFrame, first: pl.Expr, last: pl.Expr, open_values: dict
) -> pl.DataFrame:
    """Send a row while it is open, and again when its end is known."""
    told = frame.with_columns(first.alias(SENT_ON), last.alias("told_on"))
    is_open_first = pl.col("told_on").is_not_null() & (
        pl.col("told_on") > pl.col(SENT_ON)
    )
    opened = told.filter(is_open_first).with_columns(
        pl.lit(value).cast(frame.schema[name]).alias(name)
        for name, value in open_values.items()
    )
    closed = told.with_columns(
        pl.when(is_open_first).then("told_on").otherwise(SENT_ON).alias(SENT_ON)
    )
    return pl.concat([opened, closed]).drop("told_on")
