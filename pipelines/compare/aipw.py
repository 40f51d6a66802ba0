"""Augmented inverse-probability weighting: two chances to be right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from pipelines.compare import clustering, logistic
from pipelines.compare.results import Estimate, NotEstimableError

FOLDS = 5


@dataclass(frozen=True)
class DoublyRobust:
    """The contrast, and what the gate asks of it.

    Attributes:
        contrast: Exposed minus comparator, in everyone.
        propensity: Cross-fitted chance of the exposed arm; shape (n,).
        influence: Of the contrast, by person; shape (n,).
    """

    contrast: Estimate
    propensity: NDArray[np.float64]
    influence: NDArray[np.float64]


def estimate(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    covariates: NDArray[np.float64],
    cluster: ArrayLike | None = None,
    *,
    is_binary: bool = False,
    seed: int = 0,
) -> DoublyRobust:
    """Compare two arms in everyone, by AIPW with cross-fitting.

    The mean in an arm is the average of an outcome model plus the weighted errors of
    that model where the arm was seen: right if the outcome model or the chance of
    the arm is. Both are fitted without the fifth of the clusters that they are used
    on. The error is that of the influence function, summed by cluster.

    Units:
        Those of the outcome; a share for a binary one.

    Args:
        outcome: Shape (n,), none missing; 1 and 0 if binary.
        is_exposed: Shape (n,).
        covariates: Terms without an intercept; shape (n, k), none missing.
        cluster: Clinician, site or patient; None makes each person their own.
        is_binary: Model the outcome by logistic regression, else by least squares.
        seed: Decides which clusters share a fold.

    Raises:
        NotEstimableError: An arm is missing in a fold, or a model cannot be fitted.

    References:
        Robins JM, Rotnitzky A, Zhao LP. Estimation of regression coefficients when
        some regressors are not always observed. JASA 1994;89:846-866.
        Chernozhukov V, et al. Double/debiased machine learning for treatment and
        structural parameters. Econom J 2018;21:C1-C68.
    """
    y, a = np.asarray(outcome, float), np.asarray(is_exposed, bool)
    matrix = np.column_stack([np.ones(len(y)), covariates])
    numbers, count = clustering.numbered(cluster, len(y))
    fold = clustering.folds(numbers, count, FOLDS, seed)
    propensity, exposed, comparator = (np.empty(len(y)) for _ in range(3))
    model = _logistic if is_binary else _linear
    for number in range(min(FOLDS, count)):
        here, others = fold == number, fold != number
        propensity[here] = _logistic(matrix[others], a[others], matrix[here])
        for arm, levels in ((True, exposed), (False, comparator)):
            among = others & (a == arm)
            levels[here] = model(matrix[among], y[among], matrix[here])
    exposed = exposed + np.where(a, (y - exposed) / propensity, 0)
    comparator = comparator + np.where(~a, (y - comparator) / (1 - propensity), 0)
    levels = exposed.mean(), comparator.mean()
    influence = exposed - comparator - (levels[0] - levels[1])
    error = clustering.error_of_mean(influence, numbers, count)
    return DoublyRobust(
        contrast=clustering.contrast(*levels, error, count, "influence_function"),
        propensity=propensity,
        influence=influence,
    )


def _logistic(matrix, is_case, at) -> NDArray[np.float64]:
    return expit(at @ logistic.fit(matrix, is_case))


def _linear(matrix, values, at) -> NDArray[np.float64]:
    if len(values) <= matrix.shape[1]:
        raise NotEstimableError("An arm has fewer people than the model has terms.")
    coefficients, _, rank, _ = np.linalg.lstsq(matrix, values, rcond=None)
    if rank < matrix.shape[1]:
        raise NotEstimableError("The terms of a model cannot be told apart.")
    return at @ coefficients
