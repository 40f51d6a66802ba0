"""How many had the event by a day where death comes in between, and time lost to it."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.compare import clustering
from pipelines.compare.covariates import all_finite
from pipelines.compare.results import Estimate, NotEstimableError

METHOD = "aalen_johansen_influence_function"


class Status(IntEnum):
    """What ended a person's follow-up."""

    censored = 0
    event = 1
    died = 2
    """Died first, and so cannot have the event any more."""


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of one arm; a step up at each day somebody ended.

    Attributes:
        days: Days on which somebody had the event or died, rising; shape (k,).
        event: Share who had the event by then, 0-1; shape (k,).
        died: Share who died first; shape (k,).
        at_risk: Weight of who was still followed just before; shape (k,).
    """

    days: NDArray[np.float64]
    event: NDArray[np.float64]
    died: NDArray[np.float64]
    at_risk: NDArray[np.float64]

    def at(self, day: ArrayLike) -> NDArray[np.float64]:
        """Return the share with the event by a day, that day included."""
        return np.r_[0.0, self.event][np.searchsorted(self.days, day, side="right")]

    def time_lost(self, until: float) -> float:
        """Return the mean time lost to the event up to a day, in days."""
        steps = np.diff(self.event, prepend=0.0)
        return float((steps * np.clip(until - self.days, 0, None)).sum())


@dataclass(frozen=True)
class TimeContrast:
    """The contrast, both curves, and what an interaction asks for.

    Attributes:
        contrast: Exposed minus comparator.
        exposed: Curve of the exposed arm.
        comparator: Curve of the comparator.
        influence: Of the contrast, by person; shape (n,).
    """

    contrast: Estimate
    exposed: Incidence
    comparator: Incidence
    influence: NDArray[np.float64]


def incidence(
    days: ArrayLike, status: ArrayLike, weight: ArrayLike | None = None
) -> Incidence:
    """Estimate the cumulative incidence of the event by Aalen and Johansen.

    Who dies is not censored: Kaplan and Meier's curve would count them as if they
    could still have the event. Somebody censored on a day of events was at risk then.

    Units:
        Days since entry in, shares (0-1) out.

    Args:
        days: Day of the event, the death or the end of follow-up; shape (n,). Where
            the event lies between two scores, the day between them.
        status: `Status`; shape (n,).
        weight: Above 0, whole or not; None counts each person once. Shape (n,).

    Raises:
        ValueError: Lengths differ, a day is below 0, a weight is not above 0, a status
            is unknown, or something is missing.

    Examples:
        >>> found = incidence([10, 20, 30, 40], [1, 2, 1, 0])
        >>> found.at([9, 10, 35]).tolist(), found.time_lost(50)
        ([0.0, 0.25, 0.5], 15.0)

    References:
        Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov
        chains based on censored observations. Scand J Stat 1978;5:141-150.
    """
    days, status, weight = _checked(days, status, weight)
    return _hazards(days, status, weight).curve()


def difference_at(
    day: float,
    days: ArrayLike,
    status: ArrayLike,
    is_exposed: ArrayLike,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> TimeContrast:
    """Compare the arms' shares with the event by a day.

    The error is that of the influence function, summed by cluster. Weights are taken
    as given: where they are one over a fitted chance of the arm in everyone, the error
    is a little too large.

    Units:
        Days in, shares (0-1) out.

    Args:
        day: Of the comparison, that day included.
        days: As in `incidence`.
        status: As in `incidence`.
        is_exposed: Shape (n,).
        weight: As in `incidence`.
        cluster: Clinician, site or patient; None makes each person their own.

    Raises:
        ValueError: As in `incidence`.
        NotEstimableError: An arm is empty, nobody in it was followed that long, or
            nobody in it had the event.

    References:
        Andersen PK, Borgan Ø, Gill RD, Keiding N. Statistical Models Based on Counting
        Processes. Springer 1993, IV.4. Geskus RB. Data Analysis with Competing Risks
        and Intermediate States. CRC Press 2016.
    """
    return _compare(day, False, (days, status, weight), is_exposed, cluster)


def time_lost(
    until: float,
    days: ArrayLike,
    status: ArrayLike,
    is_exposed: ArrayLike,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> TimeContrast:
    """Compare the arms' mean time lost to the event: the area under the incidence.

    Arguments, errors and the weights' limits are those of `difference_at`.

    Units:
        Days in, days out: a month lost on average up to `until` is about 30.

    References:
        Andersen PK. Decomposition of number of life years lost according to causes of
        death. Stat Med 2013;32:5278-5285.
    """
    return _compare(until, True, (days, status, weight), is_exposed, cluster)


def share_at(
    day: float,
    days: ArrayLike,
    status: ArrayLike,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> tuple[float, float]:
    """Return one arm's share with the event by a day, and its error.

    Arguments and the weights' limits are those of `difference_at`; nobody needs to have
    had the event, and then there is no error.
    """
    days, status, weight = _checked(days, status, weight)
    hazards = _hazards(days, status, weight)
    curve = hazards.curve()
    own = _influence(hazards, curve, day, False, days, status)
    numbers, count = clustering.numbered(cluster, len(days))
    error = clustering.error_of_mean(len(days) * weight * own, numbers, count)
    return float(curve.at(day)), error


def _checked(days, status, weight):
    columns = {"days": days, "status": status}
    columns["weight"] = np.ones(np.shape(days)) if weight is None else weight
    columns = all_finite("Cumulative incidence", columns)
    days, status, weight = columns.values()
    for what, wrong in (
        ("a day below 0", days < 0),
        ("an unknown status", ~np.isin(status, list(Status))),
        ("a weight that is not above 0", weight <= 0),
    ):
        if wrong.any():
            raise ValueError(
                f"Cumulative incidence: {what} at positions "
                f"{np.flatnonzero(wrong).tolist()}."
            )
    return days, status, weight


@dataclass(frozen=True)
class _Hazards:
    """Days with an event or a death, and the hazards on them; each of shape (k,)."""

    days: NDArray[np.float64]
    at_risk: NDArray[np.float64]
    event: NDArray[np.float64]
    any: NDArray[np.float64]

    @property
    def free_before(self) -> NDArray[np.float64]:
        """Share alive and without the event just before each day."""
        return np.r_[1.0, np.cumprod(1 - self.any)[:-1]]

    def curve(self) -> Incidence:
        free = self.free_before
        return Incidence(
            days=self.days,
            event=np.cumsum(free * self.event),
            died=np.cumsum(free * (self.any - self.event)),
            at_risk=self.at_risk,
        )


def _hazards(days, status, weight) -> _Hazards:
    ended = np.unique(days[status != Status.censored])
    order = np.argsort(days, kind="stable")
    after = np.r_[np.cumsum(weight[order][::-1])[::-1], 0.0]
    at_risk = after[np.searchsorted(days[order], ended, side="left")]
    sums = []
    for is_counted in (status == Status.event, status != Status.censored):
        place = np.searchsorted(ended, days[is_counted])
        sums.append(np.bincount(place, weight[is_counted], minlength=len(ended)))
    return _Hazards(ended, at_risk, sums[0] / at_risk, sums[1] / at_risk)


def _compare(until, is_area, columns, is_exposed, cluster) -> TimeContrast:
    days, status, weight = _checked(*columns)
    exposed = np.asarray(is_exposed, bool)
    if exposed.shape != days.shape:
        raise ValueError("Cumulative incidence: all columns must have the same length.")
    levels, curves, influence = [], [], np.zeros(len(days))
    for arm, sign in ((exposed, 1), (~exposed, -1)):
        here = days[arm], status[arm], weight[arm]
        if not arm.any():
            raise NotEstimableError("An arm has nobody.")
        hazards = _hazards(*here)
        curve = hazards.curve()
        if not curve.at(until):
            raise NotEstimableError("Nobody in an arm had the event by that day.")
        if here[0].max() < until and curve.event[-1] + curve.died[-1] < 1 - 1e-9:
            raise NotEstimableError("Nobody in an arm was followed up to that day.")
        levels.append(curve.time_lost(until) if is_area else curve.at(until))
        curves.append(curve)
        own = _influence(hazards, curve, until, is_area, *here[:2])
        influence[arm] = sign * len(days) * here[2] * own
    numbers, count = clustering.numbered(cluster, len(days))
    error = clustering.error_of_mean(influence, numbers, count)
    contrast = clustering.contrast(*levels, error, count, METHOD)
    return TimeContrast(contrast, *curves, influence)


def _influence(hazards, curve, until, is_area, days, status) -> NDArray[np.float64]:
    """Return the derivative of the share, or of the area, in each person's weight.

    A person moves the hazards on the days they were at risk, d = (ended - hazard) /
    at risk. A higher hazard of the event adds to the incidence from that day on; a
    higher hazard of either leaves fewer for what comes later.
    """
    here = hazards.days <= until
    if is_area:
        own = until - hazards.days
        steps = np.diff(curve.event, prepend=0.0) * np.clip(own, 0, None)
        later = steps[here].sum() - np.cumsum(steps)
    else:
        own = np.ones(len(hazards.days))
        later = curve.at(until) - curve.event
    left = 1 - hazards.any
    # Where nobody is left, nothing comes later.
    fewer = np.divide(later, left, out=np.zeros_like(left), where=left > 1e-12)
    by_event = np.where(here, hazards.free_before * own / hazards.at_risk, 0.0)
    by_any = np.where(here, -fewer / hazards.at_risk, 0.0)

    expected = np.cumsum(by_event * hazards.event + by_any * hazards.any)
    last = np.searchsorted(hazards.days, days, side="right")
    influence = -np.r_[0.0, expected][last]
    ended = status != Status.censored
    place = last[ended] - 1
    influence[ended] += by_any[place] + np.where(
        status[ended] == Status.event, by_event[place], 0.0
    )
    return influence
