"""Turn what was recorded on day 0 into the terms of a model."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare import logistic

LEAST_IN_LEVEL = 10
"""People of each arm that a category needs; else its people have no counterpart."""

FARTHEST = 3.0
"""Standard deviations beyond which a number counts as being there: a square of a wait
of years would otherwise decide a model."""

FLAG_LEAST = 20
"""People with and without a missing value from which its being missing is a term."""


@dataclass(frozen=True)
class Terms:
    """The matrix of a model, and what could not go into it.

    Attributes:
        matrix: Shape (n, terms), without an intercept, none missing; numbers in
            standard deviations from their mean.
        names: One per term.
        not_measured: Covariates that nobody has.
        constant: Covariates that are the same for everybody.
        has_counterpart: False for people of a category that one arm hardly has;
            shape (n,). They are left out, and counted.
    """

    matrix: NDArray[np.float64]
    names: tuple[str, ...]
    not_measured: tuple[str, ...]
    constant: tuple[str, ...]
    has_counterpart: NDArray[np.bool_]


def build(
    frame: pl.DataFrame,
    covariates: tuple[str, ...],
    is_exposed: NDArray[np.bool_] | None = None,
    *,
    with_squares: bool = True,
) -> Terms:
    """Build the terms: numbers and their squares, flags, categories.

    A missing number is set to the mean, a missing flag to no, and that it is missing is
    a term of its own; a missing category is a category. Terms that others already give
    are left out, the later first.

    Args:
        frame: One row per person.
        covariates: Columns of it. One that the frame lacks is not measured.
        is_exposed: Shape (n,); with it, categories that one arm hardly has are found.
        with_squares: Whether numbers also go in squared.
    """
    has_counterpart = np.ones(frame.height, bool)
    not_measured, constant = [], []
    found: list[tuple[str, NDArray[np.float64]]] = []
    for name in covariates:
        column = frame[name] if name in frame.columns else None
        if column is None or column.null_count() == frame.height:
            not_measured.append(name)
        elif column.n_unique() == 1:
            constant.append(name)
        elif column.dtype == pl.String:
            levels = column.fill_null("not_known").to_numpy()
            if is_exposed is not None:
                has_counterpart &= _in_both(levels, is_exposed)
            found += _categories(name, levels, has_counterpart)
        else:
            found += _number(name, column, with_squares=with_squares)
    kept = _independent(found, has_counterpart)
    return Terms(
        matrix=np.column_stack([values for _, values in kept])
        if kept
        else np.empty((frame.height, 0)),
        names=tuple(name for name, _ in kept),
        not_measured=tuple(not_measured),
        constant=tuple(constant),
        has_counterpart=has_counterpart,
    )


def _in_both(levels: NDArray, is_exposed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, number = np.unique(levels, return_inverse=True)
    exposed = np.bincount(number, is_exposed)
    comparator = np.bincount(number, ~is_exposed)
    return (np.minimum(exposed, comparator) >= LEAST_IN_LEVEL)[number]


def _categories(
    name: str, levels: NDArray, among: NDArray[np.bool_]
) -> list[tuple[str, NDArray[np.float64]]]:
    """Give a term per level but the commonest one."""
    known, counts = np.unique(levels[among], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [
        (f"{name}_{known[i]}", (levels == known[i]).astype(float)) for i in order[1:]
    ]


def _number(
    name: str, column: pl.Series, *, with_squares: bool
) -> list[tuple[str, NDArray[np.float64]]]:
    is_flag = column.dtype == pl.Boolean
    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    is_missing = np.isnan(values)
    found = []
    if is_flag:
        found.append((name, np.where(is_missing, 0.0, values)))
    else:
        spread = np.nanstd(values)
        scaled = np.where(is_missing, 0.0, values - np.nanmean(values)) / (spread or 1)
        scaled = np.clip(scaled, -FARTHEST, FARTHEST)
        found.append((name, scaled))
        if with_squares:
            found.append((f"{name}_squared", scaled**2))
    if FLAG_LEAST <= is_missing.sum() <= len(values) - FLAG_LEAST:
        found.append((f"{name}_missing", is_missing.astype(float)))
    return found


def _independent(
    found: list[tuple[str, NDArray[np.float64]]], among: NDArray[np.bool_]
) -> list[tuple[str, NDArray[np.float64]]]:
    """Keep the terms that the intercept and the earlier ones do not give already."""
    if not found or not among.any():
        return []
    columns = np.column_stack(
        [np.ones(among.sum()), *(values[among] for _, values in found)]
    )
    adds = logistic.told_apart(columns)
    return [pair for pair, is_new in zip(found, adds[1:], strict=True) if is_new]
