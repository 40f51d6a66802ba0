"""Estimate an outcome of a choice made on day 0, by one estimator."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.compare import aipw, terms, unadjusted, weighting
from pipelines.compare.aipw import Observation
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.results import Estimate, NotEstimableError
from pipelines.compare.units import Sample, last_score

PER_TERM = 10
"""People of the smaller arm that a term of the model needs; else squares are left out."""


@dataclass(frozen=True)
class Fitted:
    """What one estimator found.

    Attributes:
        contrast: A difference, exposed minus comparator.
        weight: How much each unit of the sample stands for; 0 where not used; (n,).
        propensity: Chance of the exposed arm; None for the plain difference; (n,).
        influences: Of each arm's level, exposed first; None for the plain difference.
    """

    contrast: Estimate
    weight: NDArray[np.float64]
    propensity: NDArray[np.float64] | None = None
    influences: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None


@dataclass(frozen=True)
class Prepared:
    """A sample with the terms of its models.

    Attributes:
        sample: Units with a counterpart in the other arm.
        terms: Of the models; shape (n, terms).
        built: Names, and what could not be used.
        observation: None where everyone is observed.
        left_out: Units without a counterpart, by arm: exposed, comparator.
    """

    sample: Sample
    terms: NDArray[np.float64]
    built: terms.Terms
    observation: Observation | None
    left_out: tuple[int, int]


def prepare(sample: Sample, protocol: Protocol, outcome: ColumnOutcome) -> Prepared:
    """Build the terms; leave out who has no counterpart in a category.

    Args:
        sample: Who could have the outcome.
        protocol: Its covariates.
        outcome: Its month decides which last score was seen before it.
    """
    exposed = sample.is_exposed
    smaller = min(exposed.sum(), (~exposed).sum())
    built = terms.build(sample.frame, protocol.covariates, exposed)
    if smaller < PER_TERM * len(built.names):
        built = terms.build(
            sample.frame, protocol.covariates, exposed, with_squares=False
        )
    keep = built.has_counterpart
    kept = sample.only(keep)
    return Prepared(
        sample=kept,
        terms=built.matrix[keep],
        built=built,
        observation=None
        if kept.is_observed.all()
        else Observation(kept.is_observed, last_score(kept.frame, outcome.month)),
        left_out=(int((exposed & ~keep).sum()), int((~exposed & ~keep).sum())),
    )


def fit(prepared: Prepared, estimator_id: str, outcome: ColumnOutcome) -> Fitted:
    """Estimate by one estimator.

    Args:
        prepared: From `prepare`.
        estimator_id: unadjusted, iptw, overlap or aipw.
        outcome: Its measure decides the model.

    Raises:
        NotEstimableError: An arm is empty, or a model cannot be fitted.
    """
    if estimator_id == "unadjusted":
        return _plain(prepared.sample, outcome)
    sample = prepared.sample
    given = sample.values, sample.is_exposed, prepared.terms, sample.cluster
    if estimator_id == "aipw":
        is_share = outcome.measure == "share"
        found = aipw.estimate(
            *given, observation=prepared.observation, is_binary=is_share
        )
        e, a = found.propensity, sample.is_exposed
        weight = np.where(sample.is_observed, np.where(a, 1 / e, 1 / (1 - e)), 0.0)
        return Fitted(found.contrast, weight, e, found.influences)
    target = weighting.Target("everyone" if estimator_id == "iptw" else "overlap")
    found = weighting.estimate(*given, target, prepared.observation)
    return Fitted(found.contrast, found.weight, found.propensity, found.influences)


def design_weight(fitted: Fitted, target: str, is_exposed: NDArray) -> NDArray:
    """Return the weights that make the arms alike on day 0; shape (n,)."""
    e = fitted.propensity
    if target == "overlap":
        return np.where(is_exposed, 1 - e, e)
    return np.where(is_exposed, 1 / e, 1 / (1 - e))


def _plain(sample: Sample, outcome: ColumnOutcome) -> Fitted:
    seen, exposed = sample.is_observed, sample.is_exposed
    arms = sample.values[seen & exposed], sample.values[seen & ~exposed]
    return Fitted(plain(*arms, outcome), seen.astype(float))


def plain(exposed: NDArray, comparator: NDArray, outcome: ColumnOutcome) -> Estimate:
    """Return the difference of two plain averages.

    Raises:
        NotEstimableError: An arm has nobody, or too few to tell.
    """
    if outcome.measure == "points":
        return unadjusted.mean_difference(exposed, comparator)
    if not exposed.size or not comparator.size:
        raise NotEstimableError("Nobody in one arm has this outcome.")
    return unadjusted.risk_difference(
        int(exposed.sum()), exposed.size, int(comparator.sum()), comparator.size
    )
