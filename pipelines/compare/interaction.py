"""Whether a contrast differs between the people with a mark and those without it."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from pipelines.compare import clustering
from pipelines.compare.results import Z_95, Estimate, NotEstimableError

METHOD = "delta_method"


@dataclass(frozen=True)
class Levels:
    """The two levels of one group of people, and how each person moves them.

    Attributes:
        exposed: Mean or share in the exposed arm.
        comparator: The same in the comparator.
        exposed_influence: On the exposed level, its mean 0; shape (n,).
        comparator_influence: On the comparator's level; shape (n,).
        cluster: Labels that two groups may share, shape (n,); None makes each person
            their own.
    """

    exposed: float
    comparator: float
    exposed_influence: NDArray[np.float64]
    comparator_influence: NDArray[np.float64]
    cluster: ArrayLike | None = None


def levels(
    outcome: ArrayLike,
    is_exposed: ArrayLike,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Levels:
    """Give the weighted mean of each arm; weights are taken as given.

    Args:
        outcome: Shape (n,), none missing.
        is_exposed: Shape (n,).
        weight: Shape (n,); None counts each person once.
        cluster: As in `Levels`.

    Raises:
        NotEstimableError: An arm is empty.
    """
    y, a = np.asarray(outcome, float), np.asarray(is_exposed, bool)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, float)
    means, influences = [], []
    for arm in (a, ~a):
        if not arm.any():
            raise NotEstimableError("An arm has nobody.")
        own = np.where(arm, w, 0.0) / w[arm].sum()
        means.append(float(own @ y))
        influences.append(len(y) * own * (y - means[-1]))
    return Levels(*means, *influences, cluster)


def risk_ratio(one: Levels) -> Estimate:
    """Give the ratio of the levels, its interval made on the log scale.

    Units:
        A ratio; `std_error` is that of its logarithm.

    Raises:
        NotEstimableError: A level is not above 0, or has no error.
    """
    numbers, count = clustering.numbered(one.cluster, len(one.exposed_influence))
    error = clustering.error_of_mean(_of_log_ratio(one), numbers, count)
    found = clustering.contrast(
        math.log(one.exposed), math.log(one.comparator), error, count, METHOD
    )
    return _as_ratio(found)


def between_differences(marked: Levels, others: Levels) -> Estimate:
    """Subtract the others' difference from that of the marked people.

    Clusters that have people of both groups are counted once.

    Returns:
        Its levels are the two differences.

    Raises:
        ValueError: Only one of the groups has clusters.
    """
    return _between(
        marked,
        others,
        (marked.exposed - marked.comparator, others.exposed - others.comparator),
        [g.exposed_influence - g.comparator_influence for g in (marked, others)],
    )


def between_ratios(marked: Levels, others: Levels) -> Estimate:
    """Divide the risk ratio of the marked people by that of the others.

    A ratio can be alike where the differences are not, and the other way about: show
    both.

    Units:
        A ratio of ratios, its levels the two; `std_error` is that of its logarithm.

    Raises:
        ValueError: Only one of the groups has clusters.
        NotEstimableError: A level is not above 0.

    References:
        Knol MJ, VanderWeele TJ. Recommendations for presenting analyses of effect
        modification and interaction. Int J Epidemiol 2012;41:514-520.
    """
    influences = [_of_log_ratio(group) for group in (marked, others)]
    logs = [math.log(g.exposed / g.comparator) for g in (marked, others)]
    return _as_ratio(_between(marked, others, logs, influences))


def between_independent(marked: Estimate, others: Estimate) -> Estimate:
    """Subtract two estimates of groups that share nobody and no clinician.

    Raises:
        NotEstimableError: One has no standard error.

    Examples:
        >>> def one(x):
        ...     return Estimate(x, 0.0, x, x - 2, x + 2, 0.5, "", 1.0)
        >>> found = between_independent(one(-3.0), one(-1.0))
        >>> found.estimate, round(found.std_error, 4), round(found.p_value, 4)
        (-2.0, 1.4142, 0.1573)

    References:
        Altman DG, Bland JM. Interaction revisited: the difference between two
        estimates. BMJ 2003;326:219.
    """
    if marked.std_error is None or others.std_error is None:
        raise NotEstimableError("An estimate without a standard error is not compared.")
    error = math.hypot(marked.std_error, others.std_error)
    difference = marked.estimate - others.estimate
    return Estimate(
        exposed_level=marked.estimate,
        comparator_level=others.estimate,
        estimate=difference,
        low=difference - Z_95 * error,
        high=difference + Z_95 * error,
        p_value=float(2 * norm.sf(abs(difference) / error)),
        variance_method="independent_estimates",
        std_error=error,
    )


def _between(marked, others, contrasts, influences) -> Estimate:
    if (marked.cluster is None) != (others.cluster is None):
        raise ValueError("Both groups have clusters, or neither has.")
    people = [len(influence) for influence in influences]
    cluster = None
    if marked.cluster is not None:
        cluster = np.concatenate([marked.cluster, others.cluster])
    parts = [
        sign * sum(people) / own * influence
        for sign, own, influence in zip((1, -1), people, influences, strict=True)
    ]
    numbers, count = clustering.numbered(cluster, sum(people))
    error = clustering.error_of_mean(np.concatenate(parts), numbers, count)
    return clustering.contrast(*contrasts, error, count, METHOD)


def _of_log_ratio(one: Levels) -> NDArray[np.float64]:
    if one.exposed <= 0 or one.comparator <= 0:
        raise NotEstimableError("A level of 0 has no ratio.")
    return (
        one.exposed_influence / one.exposed - one.comparator_influence / one.comparator
    )


def _as_ratio(logs: Estimate) -> Estimate:
    return replace(
        logs,
        **{
            name: math.exp(getattr(logs, name))
            for name in ("exposed_level", "comparator_level", "estimate", "low", "high")
        },
    )
