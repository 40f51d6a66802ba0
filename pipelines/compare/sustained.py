"""Estimate an outcome of a strategy kept up over weeks: how long to stay in therapy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.compare import duration, weeks
from pipelines.compare.duration import Grace, LengthContrast, Observation
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.units import Sample, last_score
from pipelines.compare.weeks import Followed

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
    frame = sample.frame
    until = np.full(frame.height, protocol.strategies.long_week)
    if protocol.strategies.long_ends == "remission_or_week":
        remitted = frame["remitted_week"].cast(float).fill_null(np.inf).to_numpy()
        until = np.minimum(until, remitted).astype(np.int64)
    stop = frame["stop_week"].cast(int).to_numpy().copy()
    return Prepared(sample, followed.only(keep), stop, until)


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
    sample, strategies = prepared.sample, protocol.strategies
    person_weeks = weeks.person_weeks(prepared.followed, protocol)
    losses = weeks.losses(prepared.followed, person_weeks)
    grace = Grace(
        first_week=strategies.short_from_week,
        weeks=strategies.short_weeks,
        allows_earlier=strategies.starts_in_week < strategies.short_from_week,
    )
    return duration.estimate(
        person_weeks,
        _stop_or_lost(prepared, strategies.long_week),
        prepared.until,
        grace,
        sample.values,
        observation(sample, outcome, complete_cases=complete_cases),
        sample.cluster,
        losses if losses.is_lost.any() else None,
        most_weight,
    )


def _stop_or_lost(prepared: Prepared, long_week: int) -> NDArray[np.int64]:
    """Return the week of the last session; who is lost later counts as staying."""
    return np.minimum(prepared.stop, long_week)


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
        terms += [last_score(sample.frame, outcome.month), baseline]
    return Observation(sample.is_observed, np.column_stack(terms))


def landmark(followed: Followed) -> NDArray[np.bool_]:
    """Mark the units with at least four sessions of therapy; shape (units,)."""
    counts = np.bincount(
        followed.rows["person"].to_numpy(), minlength=followed.units.height
    )
    return counts >= LANDMARK_SESSIONS
