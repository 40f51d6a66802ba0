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


def fit(matrix: NDArray[np.float64], is_case: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the coefficients; Newton's steps until none moves.

    Args:
        matrix: The intercept included; shape (n, terms).
        is_case: Shape (n,).

    Raises:
        NotEstimableError: Everybody is a case or nobody, terms cannot be told apart,
            or a term separates the cases from the others.
    """
    y = np.asarray(is_case, float)
    if not 0 < y.sum() < len(y):
        raise NotEstimableError(
            "Everybody or nobody is one: there is nothing to model."
        )
    start = np.zeros(matrix.shape[1])
    if len(y) >= MANY:
        # A rare term may be missing among some, and is there in all.
        with suppress(NotEstimableError):
            some = _climbed(matrix[::EVERY], y[::EVERY], start)
            return _climbed(matrix, y, some)
    return _climbed(matrix, y, start)


def information(
    matrix: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the information at fitted chances, summed; shape (terms, terms)."""
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    for first in range(0, len(matrix), BLOCK):
        rows, p = matrix[first : first + BLOCK], chance[first : first + BLOCK]
        total += rows.T @ (rows * (p * (1 - p))[:, None])
    return total


def _climbed(matrix, y, start) -> NDArray[np.float64]:
    coefficients = start.copy()
    for _ in range(MOST_STEPS):
        chance = expit(matrix @ coefficients)
        try:
            step = np.linalg.solve(information(matrix, chance), matrix.T @ (y - chance))
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
