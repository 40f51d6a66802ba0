"""How far the arms differ on day 0: in one term, and in all of them together."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from pipelines.compare import logistic, weighting
from pipelines.compare.covariates import all_finite, design_matrix
from pipelines.compare.results import NotEstimableError


def score(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    covariates: Mapping[str, ArrayLike],
    *,
    is_binary: bool = False,
) -> NDArray[np.float64]:
    """Predict everyone's outcome as it would be in the comparator.

    One model of the comparator's observed outcomes, used on both arms. A difference of
    its means says what the imbalances left are worth, together, in the outcome.

    Units:
        Those of the outcome; a chance (0-1) for a binary one.

    Args:
        outcome: Shape (n,); NaN is not observed.
        is_exposed: Shape (n,).
        covariates: Name to values, shape (n,), none missing.
        is_binary: Fit a logistic regression, else least squares.

    Returns:
        Shape (n,).

    Raises:
        NotEstimableError: Too few of the comparator have an outcome, or the model
            cannot be fitted.

    References:
        Hansen BB. The prognostic analogue of the propensity score. Biometrika
        2008;95:481-488. Stuart EA, Lee BK, Leacy FP. Prognostic score-based balance
        measures can be a useful diagnostic. J Clin Epidemiol 2013;66:S84-S90.
    """
    columns = all_finite("Prognostic score", covariates)
    y, a = np.asarray(outcome, float), np.asarray(is_exposed, bool)
    seen = ~a & ~np.isnan(y)
    kept = {
        name: values
        for name, values in columns.items()
        if seen.any() and np.ptp(values[seen]) > 0
    }
    if not kept:
        raise NotEstimableError("No covariate varies among the comparator.")
    matrix = design_matrix({name: values[seen] for name, values in kept.items()})
    everyone = np.column_stack([np.ones(len(y)), *kept.values()])
    if is_binary:
        return expit(everyone @ logistic.fit(matrix, y[seen] > 0))
    return everyone @ np.linalg.lstsq(matrix, y[seen], rcond=None)[0]


def standardised_difference(
    values: NDArray[np.float64],
    is_exposed: NDArray[np.bool_],
    weight: NDArray[np.float64] | None = None,
) -> float | None:
    """Give the weighted difference of means in units of the arms' unweighted spread.

    The spread is the same before and after weighting, so that weights cannot look
    better by widening it.

    Returns:
        Exposed minus comparator; None where neither arm varies.

    References:
        Austin PC, Stuart EA. Moving towards best practice when using inverse
        probability of treatment weighting. Stat Med 2015;34:3661-3679.
    """
    arms = [values[is_exposed], values[~is_exposed]]
    if not any(np.ptp(arm) for arm in arms):
        return None
    spread = math.sqrt(sum(arm.var(ddof=1) for arm in arms) / 2)
    means = [arm.mean() for arm in arms]
    if weight is not None:
        means = [
            float(np.average(values[arm], weights=weight[arm]))
            for arm in (is_exposed, ~is_exposed)
        ]
    return float((means[0] - means[1]) / spread)


def variance_ratio(
    values: NDArray[np.float64],
    is_exposed: NDArray[np.bool_],
    weight: NDArray[np.float64],
) -> float | None:
    """Give the exposed arm's weighted variance over the comparator's; 1 is balance.

    Each is divided by the effective size less one, as a plain variance is by n - 1.

    Returns:
        None where an arm does not vary.
    """
    variances = []
    for arm in (is_exposed, ~is_exposed):
        x, w = values[arm], weight[arm]
        if not np.ptp(x[w > 0]):
            return None
        mean = np.average(x, weights=w)
        worth = weighting.effective_size(w)
        variances.append(np.average((x - mean) ** 2, weights=w) * worth / (worth - 1))
    return float(variances[0] / variances[1])
