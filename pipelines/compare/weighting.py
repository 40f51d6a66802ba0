"""Propensity weights: make the arms alike in what was recorded, then average."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from pipelines.compare import clustering, logistic
from pipelines.compare.aipw import Observation
from pipelines.compare.results import Estimate


class Target(StrEnum):
    """Of whom the contrast speaks; the protocol says which, never the data."""

    everyone = "everyone"
    """All eligible people: inverse-probability weights."""

    overlap = "overlap"
    """People who could well have had either arm: overlap weights."""


@dataclass(frozen=True)
class Weighted:
    """The contrast, and what the gate asks of it.

    Attributes:
        contrast: Exposed minus comparator, in the target population.
        propensity: Chance of the exposed arm; shape (n,).
        weight: Of those observed, mean 1 in each arm; others 0; shape (n,).
    """

    contrast: Estimate
    propensity: NDArray[np.float64]
    weight: NDArray[np.float64]
    influences: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Of each arm's level, the exposed first, by person; shape (n,)."""


def estimate(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    covariates: NDArray[np.float64],
    cluster: ArrayLike | None = None,
    target: Target = Target.everyone,
    observation: Observation | None = None,
) -> Weighted:
    """Compare weighted means of two arms.

    The chance of the exposed arm, e, comes from a logistic regression. Weights are
    1/e and 1/(1 - e) for everyone, 1 - e and e for the overlap; each arm's mean is
    divided by its sum of weights, so stabilising them changes nothing. Where outcomes
    are missing, those observed are also weighted by one over their chance of it, from a
    logistic regression within each arm. The error counts that all of these were fitted
    (stacked estimating equations).

    Units:
        Those of the outcome; a share for a binary one.

    Args:
        outcome: Shape (n,); anything where not observed.
        is_exposed: Shape (n,).
        covariates: Terms without an intercept; shape (n, k), none missing.
        cluster: Clinician, site or patient; None makes each person their own.
        target: Of whom the contrast speaks.
        observation: None where everyone is observed.

    Raises:
        NotEstimableError: An arm is empty, or the regression cannot be fitted.

    References:
        Lunceford JK, Davidian M. Stratification and weighting via the propensity
        score. Stat Med 2004;23:2937-2960. Li F, Morgan KL, Zaslavsky AM. Balancing
        covariates via propensity score weighting. JASA 2018;113:390-400.
    """
    return contrast(
        outcome, model(is_exposed, covariates), cluster, target, observation
    )


@dataclass(frozen=True)
class Exposure:
    """The fitted chance of the exposed arm.

    Attributes:
        is_exposed: Shape (n,).
        terms: The intercept included; shape (n, k).
        chance: Shape (n,).
        score: Each person's part of the score equations, that of a prior shared
            equally; shape (n, k).
        inverse: Of the mean information; shape (k, k).
    """

    is_exposed: NDArray[np.bool_]
    terms: NDArray[np.float64]
    chance: NDArray[np.float64]
    score: NDArray[np.float64]
    inverse: NDArray[np.float64]


def model(is_exposed: ArrayLike, covariates: NDArray[np.float64]) -> Exposure:
    """Fit the chance of the exposed arm by logistic regression.

    Args:
        is_exposed: Shape (n,).
        covariates: Terms without an intercept; shape (n, k), none missing.

    Raises:
        NotEstimableError: An arm is empty, or the regression cannot be fitted.
    """
    a = np.asarray(is_exposed, bool)
    z = np.column_stack([np.ones(len(a)), covariates])
    fitted = logistic.fit_or_shrink(z, a)
    e = expit(z @ fitted.coefficients)
    return Exposure(
        is_exposed=a,
        terms=z,
        chance=e,
        score=z * (a - e)[:, None] - fitted.pull / len(a),
        inverse=np.linalg.inv(fitted.information(z, e) / len(a)),
    )


def of_target(
    exposure: Exposure, target: Target
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each person's weight, and its slope in their log odds; shape (n,) each."""
    a, e = exposure.is_exposed, exposure.chance
    if target is Target.everyone:
        return np.where(a, 1 / e, 1 / (1 - e)), np.where(a, -(1 - e) / e, e / (1 - e))
    return np.where(a, 1 - e, e), np.where(a, -1.0, 1.0) * e * (1 - e)


def contrast(
    outcome: ArrayLike,
    exposure: Exposure,
    cluster: ArrayLike | None = None,
    target: Target = Target.everyone,
    observation: Observation | None = None,
) -> Weighted:
    """Do as `estimate` does, by a chance fitted once for several outcomes."""
    y, a = np.asarray(outcome, float), exposure.is_exposed
    z, e = exposure.terms, exposure.chance
    weight, change = of_target(exposure, target)
    seen = np.ones(len(y), bool) if observation is None else observation.is_observed
    y = np.where(seen, y, 0.0)
    levels, influences, used = [], [], np.zeros(len(y))
    for arm in (a, ~a):
        observed = None if observation is None else _observed(observation, z, arm)
        known = arm & seen
        of_arm = np.where(known, weight, 0.0)
        if observed is not None:
            of_arm[known] /= observed.chance[known]
        mean = (of_arm * y).sum() / of_arm.sum()
        off = np.where(known, y - mean, 0.0)
        scale = of_arm / np.where(known, weight, 1.0)
        slope = ((off * scale * change)[:, None] * z).mean(0)
        influence = off * of_arm + exposure.score @ (exposure.inverse @ slope)
        if observed is not None:
            influence += observed.correction(off * of_arm)
        influences.append(influence / of_arm.mean())
        levels.append(mean)
        used[known] = of_arm[known] / of_arm[known].mean()
    numbers, count = clustering.numbered(cluster, len(y))
    error = clustering.error_of_mean(influences[0] - influences[1], numbers, count)
    return Weighted(
        contrast=clustering.contrast(*levels, error, count, "stacked_sandwich"),
        propensity=e,
        weight=used,
        influences=(influences[0], influences[1]),
    )


@dataclass(frozen=True)
class _Observed:
    """The fitted chance of having the outcome, in one arm."""

    terms: NDArray[np.float64]
    fitted: logistic.Settled
    chance: NDArray[np.float64]
    arm: NDArray[np.bool_]
    is_observed: NDArray[np.bool_]

    def correction(self, off: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what fitting the chance does to each person's influence."""
        n = len(off)
        left = np.where(self.arm, self.is_observed - self.chance, 0.0)
        lost = ((1 - self.chance) * off)[:, None] * self.terms
        of_arm = self.terms[self.arm]
        information = self.fitted.information(of_arm, self.chance[self.arm]) / n
        change = np.linalg.solve(information, lost.mean(0))
        return self.fitted.pull @ change / n - left * (self.terms @ change)


def _observed(
    observation: Observation, z: NDArray[np.float64], arm: NDArray[np.bool_]
) -> _Observed | None:
    """Fit who of an arm has the outcome; None where all of them have."""
    seen = observation.is_observed
    if seen[arm].all():
        return None
    known = np.column_stack([z, observation.history])
    known = known[:, logistic.told_apart(known[arm])]
    fitted = logistic.fit_or_shrink(known[arm], seen[arm])
    chance = expit(known @ fitted.coefficients)
    return _Observed(known, fitted, chance, arm, seen)


def effective_size(weight: NDArray[np.float64]) -> float:
    """Return how many people weighted ones are worth (Kish).

    Examples:
        >>> effective_size(np.array([1.0, 1.0, 1.0]))
        3.0
        >>> effective_size(np.array([3.0, 1.0]))
        1.6
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def equipoise(propensity: NDArray[np.float64], exposed_share: float) -> float:
    """Return the share of people who could well have had either arm, 0-1.

    Their preference score lies from 0.3 to 0.7: the propensity, held against how
    common the exposed arm is.

    References:
        Walker AM, et al. A tool for assessing the feasibility of comparative
        effectiveness research. Comp Eff Res 2013;3:11-20.
    """
    odds = propensity / (1 - propensity) * (1 - exposed_share) / exposed_share
    preference = odds / (1 + odds)
    return float(((preference >= 0.3) & (preference <= 0.7)).mean())
