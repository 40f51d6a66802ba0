"""Choose which of a protocol's covariates a model can use, and build its matrix."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.compare.results import NotEstimableError


@dataclass(frozen=True)
class Choice:
    """The covariates that can be used, and why the others cannot.

    `values` maps a name to an array of shape (n,); `is_complete`, shape (n,), is
    true where none of them is missing.
    """

    values: dict[str, NDArray[np.float64]]
    is_complete: NDArray[np.bool_]
    constant: tuple[str, ...]
    not_measured: tuple[str, ...]

    @property
    def dropped(self) -> tuple[str, ...]:
        """Every covariate of the protocol that is not used."""
        return self.constant + self.not_measured

    def sentence(self) -> str:
        """Say in words what was dropped and why."""
        parts = []
        if self.constant:
            parts.append(f"The same for everyone: {', '.join(self.constant)}.")
        if self.not_measured:
            parts.append(f"Not measured: {', '.join(self.not_measured)}.")
        return " ".join(parts) or "Every covariate of the protocol is used."


def choose(covariates: Mapping[str, ArrayLike], people: int) -> Choice:
    """Keep the covariates that vary; name those that do not or are all missing.

    A covariate with the same value for everyone would make the model's matrix
    singular, so it is dropped and named rather than estimated as nothing. Somebody
    whose kept covariate is missing is left out of the model, not filled in.

    Args:
        covariates: Name to values, shape (n,); missing values are NaN.
        people: n, needed when the protocol lists no covariate.

    Returns:
        What can be used.

    Raises:
        ValueError: A covariate has another length than n.

    Examples:
        >>> kept = choose({"age": [30, 41, np.nan], "sex": [1, 1, 1]}, people=3)
        >>> list(kept.values), kept.constant, kept.is_complete.tolist()
        (['age'], ('sex',), [True, True, False])
    """
    values: dict[str, NDArray[np.float64]] = {}
    constant, not_measured = [], []
    is_complete = np.ones(people, dtype=bool)
    for name, column in covariates.items():
        column = np.asarray(column, dtype=float)
        if column.shape != (people,):
            raise ValueError(
                f"Covariate {name} has shape {column.shape}, not ({people},)."
            )
        known = column[~np.isnan(column)]
        if known.size == 0:
            not_measured.append(name)
        elif known.min() == known.max():
            constant.append(name)
        else:
            values[name] = column
            is_complete &= ~np.isnan(column)
    return Choice(values, is_complete, tuple(constant), tuple(not_measured))


def design_matrix(columns: Mapping[str, NDArray]) -> NDArray[np.float64]:
    """Put an intercept before the columns and check that each adds something.

    Args:
        columns: Name to values, shape (n,), none missing.

    Returns:
        Shape (n, 1 + number of columns).

    Raises:
        NotEstimableError: There are no more rows than columns, or a column is a sum
            of multiples of the others, so that effects cannot be told apart.
    """
    stacked = np.column_stack(list(columns.values())).astype(float)
    matrix = np.column_stack([np.ones(len(stacked)), stacked])
    if len(matrix) <= matrix.shape[1]:
        raise NotEstimableError("The model has as many terms as there are scores.")
    # Scaled first: rank must not depend on whether a column is in days or in years.
    lengths = np.linalg.norm(matrix, axis=0)
    scaled = matrix / np.where(lengths > 0, lengths, 1)
    if np.linalg.matrix_rank(scaled) < matrix.shape[1]:
        raise NotEstimableError(
            "The arm and the covariates overlap completely, "
            "so their effects cannot be told apart."
        )
    return matrix


def all_finite(where: str, columns: Mapping[str, ArrayLike]) -> dict[str, NDArray]:
    """Return the columns as float arrays of one length, or say where they are not.

    Args:
        where: The model's name, for the message.
        columns: Name to values, shape (n,).

    Raises:
        ValueError: The lengths differ, or a value is missing or infinite. The
            message gives names and positions, never a value.
    """
    arrays = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    if len({array.shape for array in arrays.values()}) > 1:
        raise ValueError(f"{where}: all columns must have the same length.")
    for name, array in arrays.items():
        wrong = np.flatnonzero(~np.isfinite(array))
        if wrong.size:
            raise ValueError(
                f"{where}: {name} is missing or infinite at positions {wrong.tolist()}."
            )
    return arrays
