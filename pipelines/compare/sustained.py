"""Estimate an outcome of a strategy kept up over weeks: how long to stay in therapy."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare import duration, weeks
from pipelines.compare.duration import Grace, LengthContrast, Observation
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.units import Sample, seen_before
from pipelines.compare.weeks import Followed

LAST_WEEK = 52.0
"""How long somebody stayed counts up to here for being observed."""

LANDMARK_SESSIONS = 4
"""Short-term therapy is also reported among people with this many sessions."""


@dataclass(frozen=True)
class Prepared:
    """Who could have the outcome, with their weeks and what the strategies ask.

    Attributes:
        sample: Units.
        followed: The same units with their weeks in therapy.
        stop: Week of the last session; shape (n,).
        until: First week in which the long strategy lets a person stop; shape (n,).
    """

    sample: Sample
    followed: Followed
    stop: NDArray[np.int64]
    until: NDArray[np.int64]


def prepare(
    followed: Followed, sample: Sample, keep: NDArray[np.bool_], protocol: Protocol
) -> Prepared:
    """Work out when each person stopped and when each strategy lets them.

    Args:
        followed: All units of the comparison.
        sample: Those who could have the outcome.
        keep: Which of all units those are; shape (units,).
        protocol: Its strategies.
    """
    stop = sample.frame["stop_week"].cast(int).to_numpy().copy()
    return Prepared(sample, followed.only(keep), stop, _until(sample.frame, protocol))


def _until(frame: pl.DataFrame, protocol: Protocol) -> NDArray[np.int64]:
    """Return the first week in which the long strategy lets each person stop."""
    until = np.full(frame.height, protocol.strategies.long_week)
    if protocol.strategies.long_ends == "remission_or_week":
        remitted = frame["remitted_week"].cast(float).fill_null(np.inf).to_numpy()
        until = np.minimum(until, remitted).astype(np.int64)
    return until


def possible(
    units: pl.DataFrame, protocol: Protocol, least: float
) -> NDArray[np.bool_]:
    """Mark the units of groups in which people do stay; shape (units,).

    Of a group's people whom the long strategy does not let go early, the share who stay
    to its last week; who was lost before is not counted.

    Args:
        units: All units of the comparison.
        protocol: Its strategies name the covariate that makes the groups.
        least: Share (0-1) that a group needs.
    """
    by = protocol.strategies.possible_by
    if by is None:
        return np.ones(units.height, bool)
    last = protocol.strategies.long_week
    stop = units["stop_week"].cast(int).to_numpy()
    lost = units["is_stop_censored"].fill_null(False).to_numpy() & (stop < last)
    counts = (_until(units, protocol) == last) & ~lost
    shares = (
        units.select(pl.col(by).alias("group"))
        .with_columns(stays=pl.Series(stop >= last), counts=pl.Series(counts))
        .with_columns(
            share=pl.col("stays").filter(pl.col("counts")).mean().over("group")
        )
    )
    return (shares["share"] >= least).fill_null(False).to_numpy()


def fit(
    prepared: Prepared,
    protocol: Protocol,
    outcome: ColumnOutcome,
    *,
    complete_cases: bool = False,
    most_weight: float | None = None,
) -> LengthContrast:
    """Estimate by clone-censor-weight.

    Args:
        prepared: From `prepare`.
        protocol: Its strategies and covariates.
        outcome: Its month decides which last score was seen before it.
        complete_cases: Leave out the model of who was observed.
        most_weight: Quantile at which weights are cut; None cuts none.

    Raises:
        NotEstimableError: Nobody follows a strategy, or a model cannot be fitted.
    """
    sample = prepared.sample
    person_weeks = weeks.person_weeks(prepared.followed, protocol)
    losses = weeks.losses(prepared.followed, person_weeks)
    return duration.estimate(
        person_weeks,
        prepared.stop,
        prepared.until,
        grace(protocol),
        sample.values,
        observation(sample, outcome, complete_cases=complete_cases),
        sample.cluster,
        losses if losses.is_lost.any() else None,
        most_weight,
    )


def observation(
    sample: Sample, outcome: ColumnOutcome, *, complete_cases: bool
) -> Observation | None:
    """Return who has the outcome and what it depends on; None if everyone has it."""
    if sample.is_observed.all():
        return None
    n = sample.frame.height
    terms = [np.ones(n)]
    if not complete_cases:
        baseline = sample.frame["baseline_phq9_points"].cast(float).to_numpy() / 10
        stop = sample.frame["stop_week"].cast(float).clip(0, LAST_WEEK).to_numpy() / 10
        terms += [seen_before(sample.frame, outcome.month), baseline, stop]
    return Observation(sample.is_observed, np.column_stack(terms))


def follows(
    prepared: Prepared, protocol: Protocol
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark who did what the long and the short strategy ask; shape (n,) each.

    Who was lost while in therapy follows the long strategy only if it had let them
    stop before, and never the short one.
    """
    stop, short = prepared.stop, grace(protocol)
    lost = prepared.sample.frame["is_stop_censored"].fill_null(False).to_numpy()
    rows = prepared.followed.rows.filter(pl.col("is_last"))
    before = stop - 1
    before[rows["person"].to_numpy()] = (rows["week"] - rows["since_weeks"]).to_numpy()
    in_time = (stop >= short.first_week) & (before < short.last_week)
    if short.allows_earlier:
        in_time |= stop < short.first_week
    return stop >= prepared.until, in_time & ~lost


def grace(protocol: Protocol) -> Grace:
    """Return when the short strategy stops people."""
    strategies = protocol.strategies
    return Grace(
        first_week=strategies.short_from_week,
        weeks=strategies.short_weeks,
        allows_earlier=strategies.starts_in_week < strategies.short_from_week,
    )


def from_fourth_session(prepared: Prepared) -> Prepared:
    """Begin at the fourth session, among the people who came to it."""
    rows = prepared.followed.rows.with_columns(
        session=pl.int_range(pl.len()).over("person") + 1
    )
    counts = np.bincount(
        rows["person"].to_numpy(), minlength=prepared.followed.units.height
    )
    keep = counts >= LANDMARK_SESSIONS
    later = rows.filter(pl.col("session") >= LANDMARK_SESSIONS).drop("session")
    return Prepared(
        prepared.sample.only(keep),
        Followed(prepared.followed.units, later).only(keep),
        prepared.stop[keep],
        prepared.until[keep],
    )
