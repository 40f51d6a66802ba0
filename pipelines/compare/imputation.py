"""Missing scores filled in many times over, and at the worst and the best."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t

from pipelines.compare.results import Estimate, NotEstimableError

IMPUTATIONS = 20
"""How often missing scores are drawn, at least: fewer leave the result to the seed."""

Analysis = Callable[[NDArray[np.float64]], Estimate]
"""From complete outcomes, shape (n,), to an estimate with a standard error."""


@dataclass(frozen=True)
class Pooled:
    """One estimate out of many, and what the missing scores cost.

    Attributes:
        contrast: Exposed minus comparator.
        degrees_of_freedom: Of its t interval.
        missing_share: Part of the variance that is due to what is missing, 0-1.
    """

    contrast: Estimate
    degrees_of_freedom: float
    missing_share: float


@dataclass(frozen=True)
class Bounds:
    """The contrast when all that is missing went against the exposed arm, or for it."""

    worst: Estimate
    best: Estimate


def impute(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    covariates: NDArray[np.float64],
    imputations: int = IMPUTATIONS,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Draw the missing outcomes, arm by arm, given the covariates.

    In each arm the outcome is a line in the covariates with normal errors. Each time a
    line and an error variance are drawn from what the arm's scores say of them, then a
    score about that line. Right if who is missing depends on arm and covariates alone.
    Draws are not rounded nor kept within the instrument: that would move the mean.

    Units:
        Those of the outcome.

    Args:
        outcome: Shape (n,); NaN is missing.
        is_exposed: Shape (n,).
        covariates: Terms without an intercept; shape (n, k), none missing. To have the
            last score before the outcome among them is what makes this credible.
        imputations: 20 or more.
        seed: The same seed gives the same draws.

    Returns:
        Complete outcomes, shape (imputations, n).

    Raises:
        ValueError: Fewer than 20 imputations are asked for.
        NotEstimableError: An arm with missing scores has too few others, or its terms
            cannot be told apart.

    References:
        Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley 1987.
    """
    if imputations < IMPUTATIONS:
        raise ValueError(f"Draw the missing outcomes at least {IMPUTATIONS} times.")
    y, a = np.asarray(outcome, float), np.asarray(is_exposed, bool)
    matrix = np.column_stack([np.ones(len(y)), covariates])
    rng = np.random.default_rng(seed)
    complete = np.tile(y, (imputations, 1))
    for arm in (a, ~a):
        missing, seen = arm & np.isnan(y), arm & ~np.isnan(y)
        if missing.any():
            x = matrix[seen]
            complete[:, missing] = _draws(x, y[seen], matrix[missing], imputations, rng)
    return complete


def estimate(
    complete: NDArray[np.float64],
    is_missing: ArrayLike,
    is_exposed: ArrayLike,
    analyse: Analysis,
    freedom: float = math.inf,
    *,
    exposed_shift: float = 0.0,
    comparator_shift: float = 0.0,
) -> Pooled:
    """Analyse each completed set of outcomes and pool the estimates.

    A shift makes the drawn scores of an arm higher than those of people like them: for
    `sensitivity.tipping_point`, move one arm's or both.

    Units:
        Those of the outcome; shifts too.

    Args:
        complete: From `impute`; shape (imputations, n).
        is_missing: Whose outcome was drawn; shape (n,).
        is_exposed: Shape (n,).
        analyse: From outcomes to an estimate; a share of people below a threshold is
            found from the drawn scores in here.
        freedom: Degrees of freedom of the analysis if nothing were missing: people
            less terms, or clusters less one.
        exposed_shift: Added to the exposed arm's drawn scores.
        comparator_shift: Added to the comparator's.

    Raises:
        NotEstimableError: As `analyse` does, or it gives no standard error.

    References:
        Carpenter JR, Kenward MG. Multiple Imputation and its Application. Wiley 2013,
        ch. 10, for the shift.
    """
    shift = np.where(np.asarray(is_exposed, bool), exposed_shift, comparator_shift)
    moved = complete + np.where(np.asarray(is_missing, bool), shift, 0.0)
    return pool([analyse(outcome) for outcome in moved], freedom)


def pool(estimates: list[Estimate], freedom: float = math.inf) -> Pooled:
    """Pool the estimates of imputed sets by Rubin's rules.

    Args:
        estimates: One for each set, at least two, with standard errors.
        freedom: Degrees of freedom if nothing were missing.

    Raises:
        ValueError: There are fewer than two.
        NotEstimableError: One has no standard error.

    Examples:
        >>> sets = [Estimate(3 + x, 1, 2 + x, 1, 5, 0.1, "", 1.0) for x in (-0.5, 0.5)]
        >>> found = pool(sets, freedom=100)
        >>> [round(x, 3) for x in (found.contrast.estimate, found.contrast.std_error)]
        [2.0, 1.323]
        >>> round(found.degrees_of_freedom, 3), round(found.missing_share, 3)
        (4.962, 0.429)

    References:
        Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation.
        Biometrika 1999;86:948-955.
    """
    if len(estimates) < 2:
        raise ValueError("Rubin's rules need two estimates or more.")
    if any(one.std_error is None for one in estimates):
        raise NotEstimableError("The analysis gives no standard error to pool.")
    points = np.array([one.estimate for one in estimates])
    between = (1 + 1 / len(points)) * points.var(ddof=1)
    total = np.mean([one.std_error**2 for one in estimates]) + between
    share = between / total
    seen = freedom
    if math.isfinite(freedom):
        seen = (freedom + 1) / (freedom + 3) * freedom
    inverse = share**2 / (len(points) - 1) + 1 / (seen * (1 - share))
    df = 1 / inverse if inverse > 0 else math.inf
    error, point = math.sqrt(total), float(points.mean())
    wide = float(t.ppf(0.975, df))
    contrast = Estimate(
        exposed_level=float(np.mean([one.exposed_level for one in estimates])),
        comparator_level=float(np.mean([one.comparator_level for one in estimates])),
        estimate=point,
        low=point - wide * error,
        high=point + wide * error,
        p_value=float(2 * t.sf(abs(point) / error, df)),
        variance_method="multiple_imputation",
        std_error=error,
    )
    return Pooled(contrast, float(df), float(share))


def bounds(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    worst_points: float,
    best_points: float,
    analyse: Analysis,
) -> Bounds:
    """Give every missing outcome the worst score in one arm and the best in the other.

    No other guess within the instrument moves a difference of means outside the two,
    which lie far apart where much is missing.

    Args:
        outcome: Shape (n,); NaN is missing.
        is_exposed: Shape (n,).
        worst_points: The worst score of the instrument, such as 27.
        best_points: Its best score, such as 0.
        analyse: From complete outcomes to an estimate.

    References:
        Horowitz JL, Manski CF. Nonparametric analysis of randomized experiments with
        missing covariate and outcome data. JASA 2000;95:77-84.
    """
    y, a = np.asarray(outcome, float), np.asarray(is_exposed, bool)

    def filled(exposed: float, comparator: float) -> Estimate:
        return analyse(np.where(np.isnan(y), np.where(a, exposed, comparator), y))

    return Bounds(
        worst=filled(worst_points, best_points),
        best=filled(best_points, worst_points),
    )


def _draws(x, y, at, imputations, rng) -> NDArray[np.float64]:
    """Draw outcomes at other people's terms; shape (imputations, people)."""
    freedom = len(y) - x.shape[1]
    if freedom < 1:
        raise NotEstimableError(
            "An arm has too few scores to draw its missing ones from."
        )
    coefficients, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    if rank < x.shape[1]:
        raise NotEstimableError("The terms of a model cannot be told apart.")
    squares = ((y - x @ coefficients) ** 2).sum()
    root = np.linalg.cholesky(np.linalg.inv(x.T @ x))
    spread = np.sqrt(squares / rng.chisquare(freedom, imputations))[:, None]
    lines = coefficients + spread * (rng.normal(size=(imputations, len(root))) @ root.T)
    return lines @ at.T + spread * rng.normal(size=(imputations, len(at)))
