"""People who share a clinician or a site: folds and standard errors by cluster."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, t

from pipelines.compare.results import Z_95, Estimate, NotEstimableError

FEW = 100
"""Below this many clusters the reference is t with their number less one."""


def numbered(cluster: ArrayLike | None, people: int) -> tuple[NDArray[np.int64], int]:
    """Number the clusters from 0; None makes each person their own.

    Returns:
        The number of each person's cluster, shape (n,), and how many there are.
    """
    if cluster is None:
        return np.arange(people), people
    names, numbers = np.unique(np.asarray(cluster), return_inverse=True)
    return numbers, len(names)


def folds(
    numbers: NDArray[np.int64], count: int, wanted: int, seed: int
) -> NDArray[np.int64]:
    """Deal the clusters into folds of about as many clusters each; shape (n,)."""
    dealt = np.random.default_rng(seed).permutation(count) % min(wanted, count)
    return dealt[numbers]


def error_of_mean(
    influence: NDArray[np.float64], numbers: NDArray[np.int64], count: int
) -> float:
    """Return the standard error of a mean from each person's influence on it.

    Raises:
        NotEstimableError: There is one cluster alone.
    """
    if count < 2:
        raise NotEstimableError("One cluster alone: its error cannot be known.")
    sums = np.bincount(numbers, influence, minlength=count)
    return float(np.sqrt(count / (count - 1) * (sums**2).sum()) / len(influence))


def half_width(error: float, count: int) -> float:
    """Return half a 95 % interval: normal, or t where clusters are few."""
    return (t.ppf(0.975, count - 1) if count < FEW else Z_95) * error


def contrast(
    exposed_level: float, comparator_level: float, error: float, count: int, method: str
) -> Estimate:
    """Return a difference with its interval: normal, or t where clusters are few.

    Args:
        exposed_level: Mean or share in the exposed arm.
        comparator_level: The same in the comparator.
        error: Standard error of their difference.
        count: Number of clusters.
        method: How the error was found.
    """
    difference = exposed_level - comparator_level
    ratio = abs(difference) / error if error > 0 else np.inf
    half = half_width(error, count)
    tail = t.sf(ratio, count - 1) if count < FEW else norm.sf(ratio)
    return Estimate(
        exposed_level=float(exposed_level),
        comparator_level=float(comparator_level),
        estimate=float(difference),
        low=float(difference - half),
        high=float(difference + half),
        p_value=float(2 * tail),
        variance_method=method,
        std_error=float(error),
    )
