"""Estimate an outcome of a choice made on day 0, by one estimator."""

from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pipelines.compare import aipw, logistic, terms, unadjusted, weighting
from pipelines.compare.aipw import Observation
from pipelines.compare.answers import Fitted
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.results import NotEstimableError
from pipelines.compare.units import Sample, seen_before

PER_TERM = 10
"""People of the smaller arm that a term of the model needs; else squares are left out."""


@dataclass(frozen=True)
class Prepared:
    """A sample with the terms of its models.

    Attributes:
        sample: Units with a counterpart in the other arm.
        terms: Of the models; shape (n, terms).
        names: One per term.
        observation: None where everyone is observed.
        left_out: Units without a counterpart, by arm: exposed, comparator.
    """

    sample: Sample
    terms: NDArray[np.float64]
    names: tuple[str, ...]
    observation: Observation | None
    left_out: tuple[int, int]

    def observed(self) -> "Prepared":
        """Return those whose outcome is known, by the terms that differ among them."""
        seen = self.sample.is_observed
        left, used = _differing(self.terms[seen])
        return Prepared(
            sample=self.sample.only(seen),
            terms=left,
            names=tuple(compress(self.names, used)),
            observation=None,
            left_out=self.left_out,
        )


def prepare(
    sample: Sample, protocol: Protocol, outcome: ColumnOutcome, least_chance: float
) -> Prepared:
    """Build the terms; leave out who has no counterpart.

    Those are people of a category that one arm hardly has, and people whose modelled
    chance of either arm is below a limit: records cannot say how they would have fared
    in the other one.

    Args:
        sample: Who could have the outcome.
        protocol: Its covariates.
        outcome: Its month decides which last score was seen before it. Of a time to an
            event who is lost is censored, so nobody stands for them by weights.
        least_chance: Of either arm (0-1).

    Raises:
        NotEstimableError: The chance cannot be modelled.
    """
    exposed = sample.is_exposed
    smaller = min(exposed.sum(), (~exposed).sum())
    built = terms.build(sample.frame, protocol.covariates, exposed)
    if smaller < PER_TERM * len(built.names):
        built = terms.build(
            sample.frame, protocol.covariates, exposed, with_squares=False
        )
    keep = built.has_counterpart.copy()
    matrix = np.column_stack([np.ones(keep.sum()), built.matrix[keep]])
    chance = expit(matrix @ logistic.shrink(matrix, exposed[keep]))
    keep[keep] = np.minimum(chance, 1 - chance) >= least_chance
    kept = sample.only(keep)
    left, used = _differing(built.matrix[keep])
    return Prepared(
        sample=kept,
        terms=left,
        names=tuple(compress(built.names, used)),
        observation=None
        if outcome.is_time or kept.is_observed.all()
        else Observation(kept.is_observed, seen_before(kept.frame, outcome.month)),
        left_out=(int((exposed & ~keep).sum()), int((~exposed & ~keep).sum())),
    )


def _differing(
    matrix: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the terms that others, and an intercept, do not give already; and which."""
    used = logistic.told_apart(np.column_stack([np.ones(len(matrix)), matrix]))[1:]
    return matrix[:, used], used


@dataclass(frozen=True)
class Weighed:
    """What one estimator found, and how.

    Attributes:
        fitted: The contrast.
        propensity: Chance of the exposed arm, shape (n,); None for the plain difference.
        weight: How much each outcome counts in its arm, for the arm and for being
            observed, 0 where there is none; shape (n,); None for the plain difference.
    """

    fitted: Fitted
    propensity: NDArray[np.float64] | None = None
    weight: NDArray[np.float64] | None = None


def fit(prepared: Prepared, estimator_id: str, outcome: ColumnOutcome) -> Weighed:
    """Estimate by one estimator.

    Args:
        prepared: From `prepare`.
        estimator_id: unadjusted, iptw, overlap or aipw.
        outcome: Its measure decides the model.

    Raises:
        NotEstimableError: An arm is empty, or a model cannot be fitted.
    """
    if estimator_id == "unadjusted":
        return Weighed(_plain(prepared.sample, outcome))
    sample = prepared.sample
    given = sample.values, sample.is_exposed, prepared.terms, sample.cluster
    if estimator_id == "aipw":
        is_share = outcome.measure == "share"
        found = aipw.estimate(
            *given, observation=prepared.observation, is_binary=is_share
        )
    else:
        target = weighting.Target("everyone" if estimator_id == "iptw" else "overlap")
        found = weighting.estimate(*given, target, prepared.observation)
    sizes = _sizes(found.weight, sample.is_exposed)
    return Weighed(
        Fitted(found.contrast, sample.cluster, sizes, found.influences),
        found.propensity,
        found.weight,
    )


def design_weight(
    propensity: NDArray[np.float64], target: str, is_exposed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the weights that make the arms alike on day 0; shape (n,)."""
    e = propensity
    if target == "overlap":
        return np.where(is_exposed, 1 - e, e)
    return np.where(is_exposed, 1 / e, 1 / (1 - e))


def _sizes(
    weight: NDArray[np.float64], is_exposed: NDArray[np.bool_]
) -> tuple[float, float]:
    return (
        weighting.effective_size(weight[is_exposed]),
        weighting.effective_size(weight[~is_exposed]),
    )


def _plain(sample: Sample, outcome: ColumnOutcome) -> Fitted:
    seen, exposed = sample.is_observed, sample.is_exposed
    arms = sample.values[seen & exposed], sample.values[seen & ~exposed]
    return plain_fit(*arms, outcome, seen & exposed, seen & ~exposed, sample.cluster)


def plain_fit(
    exposed: NDArray[np.float64],
    comparator: NDArray[np.float64],
    outcome: ColumnOutcome,
    in_exposed: NDArray[np.bool_],
    in_comparator: NDArray[np.bool_],
    cluster: NDArray,
) -> Fitted:
    """Return the difference of two plain averages.

    Args:
        exposed: Outcomes of the exposed arm, none missing.
        comparator: Of the comparator.
        outcome: Its measure decides the interval.
        in_exposed: Whose the first are; shape (n,).
        in_comparator: Whose the second are; shape (n,).
        cluster: Whose patient each unit is; shape (n,).

    Raises:
        NotEstimableError: An arm has nobody, or too few to tell.
    """
    if min(exposed.size, comparator.size) < 2:
        raise NotEstimableError("An arm has fewer than two people with this outcome.")
    if outcome.measure == "points":
        contrast = unadjusted.mean_difference(exposed, comparator)
    else:
        contrast = unadjusted.risk_difference(
            int(exposed.sum()), exposed.size, int(comparator.sum()), comparator.size
        )
    influences = []
    for values, members in ((exposed, in_exposed), (comparator, in_comparator)):
        influence = np.zeros(len(members))
        influence[members] = (values - values.mean()) * len(members) / values.size
        influences.append(influence)
    return Fitted(contrast, cluster, None, (influences[0], influences[1]))
