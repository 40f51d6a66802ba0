"""Logistic regression by maximum likelihood, small and fast, for weights."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pipelines.compare.results import NotEstimableError

MOST_STEPS = 50
TOLERANCE = 1e-10

PRIOR_SD = 2.5
"""Of the weak prior, in log odds."""

BLOCK = 2_048
"""Rows looked at together: so few stay in the processor's cache."""

MANY = 100_000
"""With as many rows, a first fit of every twentieth says where to begin."""

EVERY = 20

NEAR = 0.01
"""After a step as small as this, the slope's own slope is that of the step before it: it
is the dear part of a step, and is kept as long as each step is a tenth of the last."""

FLAT = 1e-10
"""Least eigenvalue of the information, each term in its own standard deviations. Below
it some people have a chance of 0 or 1, to the last digit, whatever a term's coefficient
is: Newton's steps have stopped for want of slope, not at a maximum."""

ENDLESS, FAR = 1e-6, 0.1
"""A step that moves somebody's log odds by more than the second and gains less log
likelihood than the first goes on for ever: at a maximum, people of both kinds stand
against such a step."""

DEPENDENT = 1e-7
"""A column this close to a sum of others, in its own length, adds nothing."""

SURELY_APART = 0.01
"""A column this far from every sum of others is seen to be so without the long way."""


class NotSettledError(NotEstimableError):
    """A term separates the cases from the others, so a coefficient has no bound."""


@dataclass(frozen=True)
class Settled:
    """Coefficients, and the prior that they were found under.

    The estimating equations of a prior are x'(y - chance) - precision * coefficients:
    their errors need the prior too, or a term without a bound has an endless one.

    Attributes:
        coefficients: Shape (terms,).
        precision: Of the prior, shape (terms,); zeros where there was none.
    """

    coefficients: NDArray[np.float64]
    precision: NDArray[np.float64]

    def information(
        self, matrix: NDArray[np.float64], chance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the information at fitted chances and of the prior, summed."""
        return information(matrix, chance) + np.diag(self.precision)

    @property
    def pull(self) -> NDArray[np.float64]:
        """What the prior adds to the sum of the scores, shape (terms,)."""
        return self.precision * self.coefficients


def fit(
    matrix: NDArray[np.float64],
    is_case: NDArray[np.bool_],
    times: NDArray[np.int64] | None = None,
    start: NDArray[np.float64] | None = None,
    precision: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the coefficients; Newton's steps until none moves.

    Args:
        matrix: The intercept included; shape (n, terms).
        is_case: Shape (n,).
        times: How often each row counts, shape (n,); None means once.
        start: Where to begin, shape (terms,); changes nothing but the time it takes.
        precision: Of a normal prior around zero, shape (terms,); None is no prior.

    Raises:
        NotEstimableError: Everybody is a case or nobody, or terms cannot be told apart.
        NotSettledError: A term separates the cases from the others.
    """
    y = np.asarray(is_case, float)
    times = np.ones(len(y)) if times is None else np.asarray(times, float)
    if not 0 < times @ y < times.sum():
        raise NotEstimableError(
            "Everybody or nobody is one: there is nothing to model."
        )
    zeros = np.zeros(matrix.shape[1])
    prior = zeros if precision is None else precision
    # A rare term may be missing among some, and is there in all.
    with suppress(NotEstimableError):
        if start is not None:
            return _climbed(matrix, y, times, start, prior)
        if len(y) >= MANY:
            some = slice(None, None, EVERY)
            start = _climbed(matrix[some], y[some], times[some], zeros, prior)
            return _climbed(matrix, y, times, start, prior)
    return _climbed(matrix, y, times, zeros, prior)


def fit_or_shrink(
    matrix: NDArray[np.float64],
    is_case: NDArray[np.bool_],
    start: NDArray[np.float64] | None = None,
) -> Settled:
    """Return the coefficients; where a term separates people, drawn towards zero.

    A small site where everybody or nobody is a case would have a coefficient without
    bound; then this is `shrink`, otherwise `fit`. `start` is as for `fit`.

    Raises:
        NotEstimableError: Everybody is a case or nobody, or terms cannot be told apart.
    """
    with suppress(NotSettledError):
        if not _is_separated_by_a_column(matrix, np.asarray(is_case, float)):
            found = fit(matrix, is_case, start=start)
            return Settled(found, np.zeros(matrix.shape[1]))
    found = shrink(matrix, is_case, start)
    return Settled(found, weak_prior(matrix.shape[1]))


def _is_separated_by_a_column(matrix, y) -> bool:
    """Say whether one column alone has no bound, as `fit` would find in many steps.

    So it is where the cases begin at or above where the others end, or the other way
    round: a site where everybody is a case. A share is of both kinds.
    """
    if not ((y > 0).any() and (y < 1).any()):
        return False
    some = slice(None, None, EVERY)  # what is apart in all is apart in these
    columns = np.flatnonzero(_apart(matrix[some], y[some])[0])
    is_apart, varies = _apart(matrix[:, columns], y)
    return bool((is_apart & varies).any())


def _apart(matrix, y) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say of each column whether it tells cases from others, and whether it varies."""
    cases, others = matrix[y > 0], matrix[y < 1]
    case_least = cases.min(axis=0, initial=np.inf)
    case_most = cases.max(axis=0, initial=-np.inf)
    other_least = others.min(axis=0, initial=np.inf)
    other_most = others.max(axis=0, initial=-np.inf)
    is_apart = (case_least >= other_most) | (other_least >= case_most)
    most, least = np.maximum(case_most, other_most), np.minimum(case_least, other_least)
    return is_apart, most > least


def shrink(
    matrix: NDArray[np.float64],
    is_case: NDArray[np.bool_],
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the coefficients under a weak prior, which keeps small groups in bounds.

    All but the intercept are normal around zero, of standard deviation 2.5.

    Args:
        matrix: The intercept first; shape (n, terms); numbers in standard deviations.
        is_case: Shape (n,); shares will do.
        start: As for `fit`.

    Raises:
        NotEstimableError: Everybody is a case or nobody, or terms cannot be told apart.

    References:
        Gelman A, et al. A weakly informative default prior distribution for logistic
        and other regression models. Ann Appl Stat 2008;2:1360-1383.
    """
    return fit(matrix, is_case, start=start, precision=weak_prior(matrix.shape[1]))


def weak_prior(terms: int) -> NDArray[np.float64]:
    """Return the precision of the weak prior: none for the intercept, the first term."""
    precision = np.full(terms, PRIOR_SD**-2)
    precision[0] = 0.0
    return precision


def information(
    matrix: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the information at fitted chances, summed; shape (terms, terms)."""
    return _squared(matrix, chance * (1 - chance))


def _squared(matrix, weight) -> NDArray[np.float64]:
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    root = np.sqrt(weight)[:, None]
    for first in range(0, len(matrix), BLOCK):
        rows = matrix[first : first + BLOCK] * root[first : first + BLOCK]
        total += rows.T @ rows
    return total


def _climbed(matrix, y, times, start, prior) -> NDArray[np.float64]:
    coefficients = start.copy()
    before, curve = np.inf, None
    for number in range(MOST_STEPS):
        chance = expit(matrix @ coefficients)
        if curve is None:
            curve = _squared(matrix, times * chance * (1 - chance)) + np.diag(prior)
        slope = matrix.T @ (times * (y - chance)) - prior * coefficients
        try:
            step = np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError as error:
            if number == 0:
                raise NotEstimableError(
                    "The terms of a model cannot be told apart."
                ) from error
            break  # chances of 0 and 1 leave nothing to tell terms apart by
        coefficients += step
        if slope @ step < ENDLESS and np.abs(matrix @ step).max() > FAR:
            break
        largest = np.abs(step).max()
        if largest < TOLERANCE:
            if _is_flat(curve):
                break
            return coefficients
        if largest > min(NEAR, before / 10):
            curve = None
        before = largest
    raise NotSettledError(
        "A model does not settle: one of its terms separates people completely."
    )


def _is_flat(curve: NDArray[np.float64]) -> bool:
    scale = np.sqrt(np.diag(curve))
    if not (scale > 0).all():
        return True
    return bool(np.linalg.eigvalsh(curve / np.outer(scale, scale))[0] < FLAT)


def told_apart(matrix: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the columns that the ones before them do not give already.

    Args:
        matrix: Shape (n, terms).

    Returns:
        Shape (terms,).

    Examples:
        >>> told_apart(np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 3.0], [1.0, 2.0, 4.0]]))
        array([ True, False,  True])
    """
    products = _squared(matrix, np.ones(len(matrix)))
    lengths = np.sqrt(np.diag(products))
    if _are_surely_apart(products, lengths):
        return np.ones(matrix.shape[1], bool)
    scaled = matrix / np.where(lengths > 0, lengths, 1)
    upper = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    adds = np.zeros(matrix.shape[1], bool)
    adds[: len(upper)] = upper > DEPENDENT
    return adds & (lengths > 0)


def _are_surely_apart(products, lengths) -> bool:
    """Say whether the sums of products alone, which lose half the figures, tell so."""
    if not (lengths > 0).all():
        return False
    products = products / np.outer(lengths, lengths)
    try:
        least = np.diag(np.linalg.cholesky(products)).min(initial=1.0)
    except np.linalg.LinAlgError:
        return False
    return bool(least > SURELY_APART)
