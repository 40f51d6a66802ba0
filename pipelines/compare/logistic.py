"""Logistic regression by maximum likelihood, small and fast, for weights."""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pipelines.compare.results import NotEstimableError

MOST_STEPS = 50
TOLERANCE = 1e-10

BLOCK = 8_192
"""Rows looked at together: so few stay in the processor's cache."""

MANY = 100_000
"""With as many rows, a first fit of every twentieth says where to begin."""

EVERY = 20


def fit(
    matrix: NDArray[np.float64],
    is_case: NDArray[np.bool_],
    times: NDArray[np.int64] | None = None,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the coefficients; Newton's steps until none moves.

    Args:
        matrix: The intercept included; shape (n, terms).
        is_case: Shape (n,).
        times: How often each row counts, shape (n,); None means once.
        start: Where to begin, shape (terms,); changes nothing but the time it takes.

    Raises:
        NotEstimableError: Everybody is a case or nobody, terms cannot be told apart,
            or a term separates the cases from the others.
    """
    y = np.asarray(is_case, float)
    times = np.ones(len(y)) if times is None else np.asarray(times, float)
    if not 0 < times @ y < times.sum():
        raise NotEstimableError(
            "Everybody or nobody is one: there is nothing to model."
        )
    zeros = np.zeros(matrix.shape[1])
    # A rare term may be missing among some, and is there in all.
    with suppress(NotEstimableError):
        if start is not None:
            return _climbed(matrix, y, times, start)
        if len(y) >= MANY:
            some = slice(None, None, EVERY)
            start = _climbed(matrix[some], y[some], times[some], zeros)
            return _climbed(matrix, y, times, start)
    return _climbed(matrix, y, times, zeros)


def information(
    matrix: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the information at fitted chances, summed; shape (terms, terms)."""
    return _squared(matrix, chance * (1 - chance))


def _squared(matrix, weight) -> NDArray[np.float64]:
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    for first in range(0, len(matrix), BLOCK):
        rows = matrix[first : first + BLOCK]
        total += rows.T @ (rows * weight[first : first + BLOCK, None])
    return total


def _climbed(matrix, y, times, start) -> NDArray[np.float64]:
    coefficients = start.copy()
    for _ in range(MOST_STEPS):
        chance = expit(matrix @ coefficients)
        curve = _squared(matrix, times * chance * (1 - chance))
        try:
            step = np.linalg.solve(curve, matrix.T @ (times * (y - chance)))
        except np.linalg.LinAlgError as error:
            raise NotEstimableError(
                "The terms of a model cannot be told apart."
            ) from error
        coefficients += step
        if np.abs(step).max() < TOLERANCE:
            return coefficients
    raise NotEstimableError(
        "A model does not settle: one of its terms separates people completely."
    )
