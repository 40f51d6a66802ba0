"""Compare two arms' cumulative incidence, weighted by a fitted chance of the arm."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.compare import clustering, survival, weighting
from pipelines.compare.results import Estimate
from pipelines.compare.survival import TimeContrast
from pipelines.compare.weighting import Exposure, Target

STACKED = "aalen_johansen_stacked_sandwich"

POINTS = 12
"""Points of a curve after day 0, equally far apart: of a year, its months."""

NONE_YET = 0.025
"""Chance of no event at all, at the upper limit of a share that nobody has had yet."""


@dataclass(frozen=True)
class FollowUp:
    """How long each person was followed, and what ended it.

    Attributes:
        days: From day 0, none beyond `until`; shape (n,).
        status: `survival.Status`; shape (n,).
        is_exposed: Shape (n,).
        cluster: Whose patient each person is; shape (n,).
        until: The last day that counts.
    """

    days: NDArray[np.float64]
    status: NDArray[np.int64]
    is_exposed: NDArray[np.bool_]
    cluster: NDArray
    until: float


@dataclass(frozen=True)
class Point:
    """One arm's share with the event by a month; None where nobody is followed on."""

    is_exposed: bool
    month: int
    people_count: int
    at_risk_count: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Found:
    """The contrasts of both scales, and what they were made with.

    Attributes:
        share: Difference in shares with the event by the last day.
        days_lost: Difference in mean days lost to it by then.
        influences: Of each arm's share, the exposed first, by person; shape (n,).
        weight: Mean 1 in each arm; ones where nobody is weighted; shape (n,).
        curves: Of both arms.
    """

    share: Estimate
    days_lost: Estimate
    influences: tuple[NDArray[np.float64], NDArray[np.float64]]
    weight: NDArray[np.float64]
    curves: tuple[Point, ...]


def estimate(
    people: FollowUp,
    exposure: Exposure | None = None,
    target: Target = Target.everyone,
) -> Found:
    """Estimate both contrasts; weighted where a chance of the arm is given.

    Weights are those of `weighting`: stabilising them changes nothing, because a curve
    is made within an arm. Who is lost is censored: taken to fare on as those alike in
    arm and weight who are still followed. The error counts that the chance was fitted.

    Units:
        Shares (0-1), and days.

    Args:
        people: Who was followed, and how long.
        exposure: The fitted chance of the exposed arm; None weights nobody.
        target: Of whom the contrast speaks, where weighted.

    Raises:
        NotEstimableError: As `survival.difference_at`.

    References:
        Cole SR, Hernán MA. Adjusted survival curves with inverse probability weights.
        Comput Methods Programs Biomed 2004;75:45-49.
    """
    weight, change = np.ones(len(people.days)), None
    if exposure is not None:
        weight, change = weighting.of_target(exposure, target)
    given = people.days, people.status, people.is_exposed, weight, people.cluster

    def compare(
        how: Callable[..., TimeContrast],
    ) -> tuple[Estimate, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        found = how(people.until, *given)
        parts = tuple(
            np.where(arm, sign * found.influence, 0.0)
            for arm, sign in ((people.is_exposed, 1), (~people.is_exposed, -1))
        )
        if exposure is None:
            return found.contrast, (parts[0], parts[1])
        one, other = (_fitted(part, weight, change, exposure) for part in parts)
        return _contrast(found.contrast, one - other, people.cluster), (one, other)

    share, influences = compare(survival.difference_at)
    days_lost, _ = compare(survival.time_lost)
    used = weight.copy()
    for arm in (people.is_exposed, ~people.is_exposed):
        used[arm] /= used[arm].mean()
    return Found(share, days_lost, influences, used, curves(people, used))


def curves(people: FollowUp, weight: ArrayLike) -> tuple[Point, ...]:
    """Return points of both arms' curves, the exposed first, by month from day 0 on.

    Intervals take the weights as given, so they are a little too wide where they were
    fitted: they go with the picture, not with the estimate.

    Args:
        people: Who was followed, and how long.
        weight: Shape (n,), all above 0.
    """
    weight = np.asarray(weight, float)
    found = []
    for is_exposed in (True, False):
        own = people.is_exposed == is_exposed
        here = people.days[own], people.status[own], weight[own]
        for month in range(POINTS + 1):
            day = month * people.until / POINTS
            at_risk = int((here[0] >= day).sum())
            values: tuple[float | None, ...] = (None, None, None)
            if at_risk:
                values = _level(day, here, people.cluster[own])
            if at_risk == 1:
                values = (values[0], None, None)
            found.append(Point(is_exposed, month, int(own.sum()), at_risk, *values))
    return tuple(found)


def _level(day: float, here, cluster: NDArray) -> tuple[float, float, float]:
    """Return one arm's share by a day with its interval, inside 0 to 1."""
    if day == 0:
        return 0.0, 0.0, 0.0
    share, error = survival.share_at(day, *here, cluster)
    if share == 0:
        size = weighting.effective_size(here[2])
        return 0.0, 0.0, float(1 - NONE_YET ** (1 / size))
    half = clustering.half_width(error, len(np.unique(cluster)))
    return share, max(share - half, 0.0), min(share + half, 1.0)


def _fitted(
    influence: NDArray[np.float64],
    weight: NDArray[np.float64],
    change: NDArray[np.float64],
    exposure: Exposure,
) -> NDArray[np.float64]:
    """Add what fitting the chance does to each person's influence on a level."""
    slope = ((influence / weight * change)[:, None] * exposure.terms).mean(0)
    return influence + exposure.score @ (exposure.inverse @ slope)


def _contrast(
    plain: Estimate, influence: NDArray[np.float64], cluster: NDArray
) -> Estimate:
    numbers, count = clustering.numbered(cluster, len(influence))
    error = clustering.error_of_mean(influence, numbers, count)
    levels = plain.exposed_level, plain.comparator_level
    return clustering.contrast(*levels, error, count, STACKED)
