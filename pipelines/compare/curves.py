"""Mean score by arm and month, with its interval: the picture, not the estimate."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy import stats


@dataclass(frozen=True)
class Point:
    """Mean of one arm at one month, in points. Month 0 is the baseline.

    The mean is None when nobody was observed, the limits when fewer than two were.
    """

    arm: str
    instrument: str
    month: int
    people_count: int
    observed_count: int
    mean: float | None
    low: float | None
    high: float | None


def mean_with_interval(
    scores: ArrayLike,
) -> tuple[float | None, float | None, float | None]:
    """Give a mean with its 95 % t interval.

    Units:
        Those of the scores.

    Args:
        scores: Observed scores. Shape (n,), none missing.

    Returns:
        Mean, lower and upper limit; None as in `Point`.

    Examples:
        >>> [round(x, 2) for x in mean_with_interval([10, 12, 14, 20])]
        [14.0, 7.13, 20.87]
        >>> mean_with_interval([10])
        (10.0, None, None)
    """
    scores = np.asarray(scores, dtype=float)
    if scores.size == 0:
        return None, None, None
    mean = float(scores.mean())
    if scores.size == 1:
        return mean, None, None
    half = float(
        stats.t.ppf(0.975, scores.size - 1)
        * scores.std(ddof=1)
        / math.sqrt(scores.size)
    )
    return mean, mean - half, mean + half


def trajectory(rows: pl.DataFrame) -> list[Point]:
    """Give the mean score of each arm at baseline and at every scheduled follow-up.

    Everyone observed at a month counts there, so the people differ from month to
    month; nothing is adjusted or filled in.

    Args:
        rows: A comparison's rows (`pipelines.compare.cohort.read`).

    Returns:
        Points ordered by instrument, arm and month.
    """
    baseline = (
        rows.select(
            "arm",
            "instrument",
            "episode_id",
            pl.lit(0, pl.Int64).alias("month"),
            pl.col("baseline_points").cast(pl.Float64).alias("points"),
        )
    ).unique(subset=["instrument", "episode_id"], keep="first", maintain_order=True)
    follow_ups = rows.select(
        "arm",
        "instrument",
        "episode_id",
        pl.col("follow_up_month").cast(pl.Int64).alias("month"),
        pl.col("points").cast(pl.Float64),
    )
    cells = (
        pl.concat([baseline, follow_ups])
        .sort("instrument", "arm", "month", "episode_id")
        .group_by("instrument", "arm", "month", maintain_order=True)
        .agg(pl.len().alias("people"), pl.col("points").drop_nulls().alias("scores"))
    )
    points = []
    for cell in cells.iter_rows(named=True):
        mean, low, high = mean_with_interval(cell["scores"])
        points.append(
            Point(
                arm=cell["arm"],
                instrument=cell["instrument"],
                month=cell["month"],
                people_count=cell["people"],
                observed_count=len(cell["scores"]),
                mean=mean,
                low=low,
                high=high,
            )
        )
    return points
