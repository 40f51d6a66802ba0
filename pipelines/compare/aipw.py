"""Augmented inverse-probability weighting: two chances to be right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from pipelines.compare import clustering, logistic
from pipelines.compare.results import Estimate, NotEstimableError

FOLDS = 5

MANY = 10_000
"""People from whom on a logistic regression begins where that of the last fold ended."""

LEAST_OBSERVED = 0.05
"""A modelled chance of being observed below this is taken for it."""


@dataclass(frozen=True)
class Observation:
    """Who has the outcome, and what was known of them after day 0.

    Attributes:
        is_observed: Shape (n,).
        history: Terms beyond the covariates, the last score seen before the outcome
            above all; shape (n, k), none missing.
    """

    is_observed: NDArray[np.bool_]
    history: NDArray[np.float64]


@dataclass(frozen=True)
class DoublyRobust:
    """The contrast, and what the gate asks of it.

    Attributes:
        contrast: Exposed minus comparator, in everyone.
        propensity: Cross-fitted chance of the exposed arm; shape (n,).
        influence: Of the contrast, by person; shape (n,).
        influences: Of each arm's level, the exposed first; shape (n,) each.
        weight: What an error of the outcome models counts: one over the chance of the
            arm and of being observed; 0 for who is not observed; shape (n,).
    """

    contrast: Estimate
    propensity: NDArray[np.float64]
    influence: NDArray[np.float64]
    influences: tuple[NDArray[np.float64], NDArray[np.float64]]
    weight: NDArray[np.float64]


def estimate(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    covariates: NDArray[np.float64],
    cluster: ArrayLike | None = None,
    *,
    observation: Observation | None = None,
    is_binary: bool = False,
    seed: int = 0,
) -> DoublyRobust:
    """Compare two arms in everyone, by AIPW with cross-fitting.

    The mean in an arm is the average of an outcome model plus the weighted errors of
    that model where the arm was seen: right if the outcome model or the chance of
    the arm is. Where outcomes are missing, the same is done once more inside each arm:
    a model of the outcome given what was known after day 0, corrected by the errors of
    those observed over their chance of being observed. All models are fitted without
    the fifth of the clusters that they are used on. The error is that of the influence
    function, summed by cluster.

    Units:
        Those of the outcome; a share for a binary one.

    Args:
        outcome: Shape (n,); 1 and 0 if binary; anything where not observed.
        is_exposed: Shape (n,).
        covariates: Terms without an intercept; shape (n, k), none missing.
        cluster: Clinician, site or patient; None makes each person their own.
        observation: None where everyone is observed.
        is_binary: Model the outcome by logistic regression, else by least squares.
        seed: Decides which clusters share a fold.

    Raises:
        NotEstimableError: An arm is missing in a fold, or a model cannot be fitted.

    References:
        Robins JM, Rotnitzky A, Zhao LP. Estimation of regression coefficients when
        some regressors are not always observed. JASA 1994;89:846-866.
        Bang H, Robins JM. Doubly robust estimation in missing data and causal
        inference models. Biometrics 2005;61:962-973.
        Chernozhukov V, et al. Double/debiased machine learning for treatment and
        structural parameters. Econom J 2018;21:C1-C68.
    """
    y, a = np.asarray(outcome, float), np.asarray(is_exposed, bool)
    matrix = np.column_stack([np.ones(len(y)), covariates])
    numbers, count = clustering.numbered(cluster, len(y))
    fold = clustering.folds(numbers, count, FOLDS, seed)
    propensity, weight = np.empty(len(y)), np.zeros(len(y))
    parts = {arm: np.empty(len(y)) for arm in (True, False)}
    of_chance = _Logistic()
    of_arms = {
        arm: _OfArm(matrix, y, a == arm, observation, is_binary) for arm in parts
    }
    for number in range(min(FOLDS, count)):
        here, others = fold == number, fold != number
        propensity[here] = of_chance(matrix[others], a[others], matrix[here])
        for arm, levels in parts.items():
            chance = propensity[here] if arm else 1 - propensity[here]
            found = of_arms[arm].levels(others, here, chance)
            levels[here] = found.levels
            weight[here] += found.weight
    levels = parts[True].mean(), parts[False].mean()
    influences = parts[True] - levels[0], parts[False] - levels[1]
    influence = influences[0] - influences[1]
    error = clustering.error_of_mean(influence, numbers, count)
    return DoublyRobust(
        contrast=clustering.contrast(*levels, error, count, "influence_function"),
        propensity=propensity,
        influence=influence,
        influences=influences,
        weight=weight,
    )


@dataclass(frozen=True)
class _Used:
    """One arm's models used on the people of a fold; shape (people,) each."""

    levels: NDArray[np.float64]
    """What the arm's mean averages."""

    weight: NDArray[np.float64]
    """Of those of the arm who have the outcome; 0 for others."""


class _Logistic:
    """A logistic regression, fitted on the others of each fold.

    With many people, each begins where the last ended: most are the same. One of shares
    begins anew: with some near 0, it could settle from one place and not from another,
    as could one of few people.
    """

    def __init__(self, is_of_shares: bool = False) -> None:
        self._is_of_shares = is_of_shares
        self._last: NDArray[np.float64] | None = None

    def __call__(self, matrix, is_case, at) -> NDArray[np.float64]:
        """Fit it and return chances."""
        used = logistic.told_apart(matrix)
        is_first = self._last is None or len(matrix) < MANY
        start = None if is_first else self._last[used]
        found = logistic.fit_or_shrink(matrix[:, used], is_case, start).coefficients
        if not self._is_of_shares:
            self._last = np.zeros(len(used))
            self._last[used] = found
        return expit(at[:, used] @ found)


def _linear(matrix, values, at) -> NDArray[np.float64]:
    """Fit by least squares and return means."""
    if len(values) <= matrix.shape[1]:
        raise NotEstimableError("An arm has fewer people than the model has terms.")
    used = logistic.told_apart(matrix)
    return at[:, used] @ np.linalg.lstsq(matrix[:, used], values, rcond=None)[0]


class _OfArm:
    """One arm's models: fitted on some people, used on others."""

    def __init__(self, matrix, outcome, has_arm, observation, is_binary) -> None:
        self.matrix, self.outcome, self.has_arm = matrix, outcome, has_arm
        self.observation = observation
        of_shares = observation is not None
        self._first = _Logistic(of_shares) if is_binary else _linear
        self._later = _Logistic() if is_binary else _linear
        self._seen = _Logistic()

    def levels(self, others, here, chance) -> _Used:
        """Fit on the `others` and use on the people `here`."""
        among = others & self.has_arm
        weight = np.where(self.has_arm[here], 1 / chance, 0.0)
        if self.observation is None:
            first = self._first(
                self.matrix[among], self.outcome[among], self.matrix[here]
            )
            left = np.where(weight > 0, self.outcome[here] - first, 0)
            return _Used(first + weight * left, weight)
        seen = self.observation.is_observed
        known = np.column_stack([self.matrix, self.observation.history])
        fitted = known[among & seen], self.outcome[among & seen]
        later_of_all = self._later(*fitted, known)
        later, of_others = later_of_all[here], later_of_all[among]
        first = self._first(self.matrix[among], of_others, self.matrix[here])
        observed = (
            np.ones(here.sum())
            if seen[among].all()
            else self._seen(known[among], seen[among], known[here])
        )
        observed = np.maximum(observed, LEAST_OBSERVED)
        left = np.where(seen[here], (self.outcome[here] - later) / observed, 0)
        levels = first + weight * (later - first + left)
        return _Used(levels, np.where(seen[here], weight / observed, 0.0))
