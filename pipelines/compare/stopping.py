"""Who stops therapy when: a pooled logistic model of the weeks people are in it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from pipelines.compare import logistic


@dataclass(frozen=True)
class PersonWeeks:
    """One row per person and week in therapy, by person, then week.

    Attributes:
        person: Number of the person, from 0; shape (rows,).
        week: Week since day 0; shape (rows,).
        history: What was known before the decision of that week, the intercept
            included; shape (rows, terms).
        is_stop: True in the last week in therapy; shape (rows,).
        people_count: n; people without a row count too.
        since: Weeks since the session before; shape (rows,). None means 1.
    """

    person: NDArray[np.int64]
    week: NDArray[np.int64]
    history: NDArray[np.float64]
    is_stop: NDArray[np.bool_]
    people_count: int
    since: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Refuse rows out of order, of other lengths or beyond the people."""
        rows = len(self.person)
        if not len(self.week) == len(self.history) == len(self.is_stop) == rows:
            raise ValueError("All columns of the person-weeks must be of one length.")
        step = np.diff(self.person)
        if np.any(step < 0) or np.any(np.diff(self.week)[step == 0] <= 0):
            raise ValueError("Person-weeks must be in order of person, then week.")
        if rows and not 0 <= self.person[0] <= self.person[-1] < self.people_count:
            raise ValueError("A person's number lies outside 0 to people_count - 1.")
        if not np.isfinite(self.history).all():
            raise ValueError("History must not be missing or infinite.")
        if self.since is not None and (
            len(self.since) != rows or np.any(self.since < 1)
        ):
            raise ValueError("Weeks since are one per row, and one at least.")

    @property
    def session_before(self) -> NDArray[np.float64]:
        """Week of the session before each row; shape (rows,)."""
        return self.week - (1.0 if self.since is None else self.since)

    def summed(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up rows by person; shape (rows,) or (rows, k) gives (n,) or (n, k)."""
        out = np.zeros((self.people_count, *rows.shape[1:]))
        if len(rows):
            starts = np.flatnonzero(np.r_[True, np.diff(self.person) > 0])
            out[self.person[starts]] = np.add.reduceat(rows, starts, axis=0)
        return out


@dataclass(frozen=True)
class Losses:
    """Weeks in which a person was lost while in therapy: moved, died, data ended.

    Attributes:
        is_lost: One per row of the person-weeks; shape (rows,).
        history: What the chance of it depends on, the intercept included; shape
            (rows, terms).
    """

    is_lost: NDArray[np.bool_]
    history: NDArray[np.float64]


@dataclass(frozen=True)
class StoppingModel:
    """The fitted model.

    Attributes:
        hazard: Chance of stopping in each row's week; shape (rows,).
        score: Each person's part of the score equations, that of a prior shared
            equally; shape (n, terms).
        information: Mean information, that of a prior included; shape (terms, terms).
        coefficients: Shape (terms,).
    """

    hazard: NDArray[np.float64]
    score: NDArray[np.float64]
    information: NDArray[np.float64]
    coefficients: NDArray[np.float64]


def fit_losses(weeks: PersonWeeks, losses: Losses) -> StoppingModel:
    """Fit the chance of being lost in each week, as `fit` does that of stopping."""
    return fit(replace(weeks, history=losses.history, is_stop=losses.is_lost))


def fit(weeks: PersonWeeks) -> StoppingModel:
    """Fit the chance of stopping in each week.

    Raises:
        NotEstimableError: As `logistic.fit`.
    """
    found = logistic.fit_or_shrink(weeks.history, weeks.is_stop)
    hazard = expit(weeks.history @ found.coefficients)
    left = weeks.is_stop - hazard
    n = weeks.people_count
    return StoppingModel(
        hazard=hazard,
        score=weeks.summed(weeks.history * left[:, None]) - found.pull / n,
        information=found.information(weeks.history, hazard) / n,
        coefficients=found.coefficients,
    )


def restricted_cubic_spline(
    values: ArrayLike, knots: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    """Return the terms of a restricted cubic spline, the linear one first.

    Beyond the outer knots the curve is a line.

    Args:
        values: Shape (n,).
        knots: At least three, rising.

    References:
        Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, 2.4.5.
    """
    x, k = np.asarray(values, float), np.asarray(knots, float)

    def cubed(z: NDArray) -> NDArray:
        return np.maximum(z, 0) ** 3

    last, before = k[-1], k[-2]
    terms = [x]
    for knot in k[:-2]:
        bend = (
            cubed(x - knot)
            - cubed(x - before) * (last - knot) / (last - before)
            + cubed(x - last) * (before - knot) / (last - before)
        )
        terms.append(bend / (last - k[0]) ** 2)
    return terms
