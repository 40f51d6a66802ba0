"""The weeks people were in therapy, as the model of stopping reads them."""

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare import logistic, terms
from pipelines.compare.protocols import Protocol
from pipelines.compare.stopping import Losses, PersonWeeks, restricted_cubic_spline

TABLE = "intermediate.int_episodes_followed_by_session"

SCORE_KNOTS = (1, 5, 9, 13, 18, 23)
"""Points of the PHQ-9 at which the curve of the chance of stopping may bend."""

WEEK_KNOTS = (0, 3, 7, 12, 20, 32)
"""Weeks at which it may bend; those before the comparison begins are left out."""

CASE_FROM, REMISSION_BELOW = 10, 5
"""PHQ-9 at which courses are commonly ended: a decision jumps there, a spline bends."""

OLD_AFTER_DAYS = 28.0


@dataclass(frozen=True)
class Followed:
    """A comparison's units and their weeks in therapy, in the same order.

    Attributes:
        units: One row per unit.
        rows: One row per unit and week with a session, by unit, then week; `person`
            is the unit's number.
    """

    units: pl.DataFrame
    rows: pl.DataFrame

    def only(self, keep: NDArray[np.bool_]) -> "Followed":
        """Return the units marked True and their weeks."""
        number = np.cumsum(keep) - 1
        person = self.rows["person"].to_numpy()
        rows = self.rows.filter(pl.Series(keep[person])).with_columns(
            person=pl.Series(number[person[keep[person]]])
        )
        return Followed(self.units.filter(pl.Series(keep)), rows)


def read(
    con: duckdb.DuckDBPyConnection, units: pl.DataFrame, protocol: Protocol
) -> Followed:
    """Read the weeks of a sustained comparison, from its first week on.

    Args:
        con: The build.
        units: From `pipelines.compare.units.read`.
        protocol: With its strategies.
    """
    begin, end = protocol.strategies.starts_in_week, protocol.strategies.long_week
    numbered = units.select("unit_id").with_row_index("person")
    rows = (
        con.execute(
            f"""
            select
                *,
                coalesce(
                    week - lag(week) over (partition by unit_id order by week), 1
                ) as since_weeks
            from {TABLE}
            where week < ?
            qualify week >= ?
            """,  # a name of ours
            [end, begin],
        )
        .pl()
        .join(numbered, on="unit_id", how="inner")
        .with_columns(pl.col("person").cast(pl.Int64), pl.col("week").cast(pl.Int64))
        .sort("person", "week")
    )
    return Followed(units, rows)


def person_weeks(followed: Followed, protocol: Protocol) -> PersonWeeks:
    """Build what the model of stopping reads.

    Its terms: splines of the week and the last score, whether that is below the
    thresholds at which courses are ended, how it changed, how old it is, sessions
    missed, and the covariates of day 0.

    Args:
        followed: Units and weeks.
        protocol: Its covariates and strategies.
    """
    rows, units = followed.rows, followed.units
    person = rows["person"].to_numpy()
    week = rows["week"].to_numpy()
    score = _numbers(rows, "current_points")
    change = score - _numbers(rows, "previous_points", score)
    begin = protocol.strategies.starts_in_week
    knots = tuple(k for k in WEEK_KNOTS if k >= begin) or ()
    if len(knots) < 3:
        knots = tuple(np.linspace(begin, protocol.strategies.long_week - 1, 4))
    columns = [
        np.ones(len(person)),
        *restricted_cubic_spline(week / 10, tuple(k / 10 for k in knots)),
        *restricted_cubic_spline(score / 10, tuple(k / 10 for k in SCORE_KNOTS)),
        (score < CASE_FROM).astype(float),
        (score < REMISSION_BELOW).astype(float),
        change / 10,
        np.maximum(change, 0) / 10,
        (_numbers(rows, "score_age_days") > OLD_AFTER_DAYS).astype(float),
        np.minimum(_numbers(rows, "missed_count"), 3),
        _numbers(rows, "item_9_points"),
        _numbers(rows, "is_on_medication"),
    ]
    if begin == 0:
        columns += [(week == w).astype(float) for w in (0, 1)]
    fixed = terms.build(units, protocol.covariates, with_squares=False).matrix
    history = np.column_stack([*columns, fixed[person]])
    return PersonWeeks(
        person=person,
        week=week,
        history=history[:, logistic.told_apart(history)],
        is_stop=_is_stop(rows, units),
        people_count=units.height,
        since=rows["since_weeks"].cast(pl.Float64).to_numpy(),
    )


def losses(followed: Followed, weeks: PersonWeeks) -> Losses:
    """Return who was lost while in therapy, which depends on the week and the score."""
    rows, units = followed.rows, followed.units
    censored = units["is_stop_censored"].fill_null(False).to_numpy()
    is_lost = rows["is_last"].to_numpy() & censored[weeks.person]
    score = _numbers(rows, "current_points")
    history = np.column_stack([np.ones(len(score)), weeks.week / 10, score / 10])
    return Losses(is_lost, history)


def _is_stop(rows: pl.DataFrame, units: pl.DataFrame) -> NDArray[np.bool_]:
    censored = units["is_stop_censored"].fill_null(False).to_numpy()
    return rows["is_last"].to_numpy() & ~censored[rows["person"].to_numpy()]


def _numbers(
    rows: pl.DataFrame, name: str, default: NDArray | None = None
) -> NDArray[np.float64]:
    values = rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.where(np.isnan(values), 0.0 if default is None else default, values)
