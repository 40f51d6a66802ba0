"""Logistic regression by maximum likelihood, small and fast, for weights."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pipelines.compare.results import NotEstimableError

MOST_STEPS = 50
TOLERANCE = 1e-10


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
    coefficients = np.zeros(matrix.shape[1])
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


def information(
    matrix: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the information at fitted chances, summed; shape (terms, terms)."""
    return matrix.T @ (matrix * (chance * (1 - chance))[:, None])
