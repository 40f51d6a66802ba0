"""Means of two arms of the same people, added up block by block."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

ROUNDING = 1e-12
"""Share of two arms' variance that is a rounding error where the arms are equal."""

EFFECT_COLUMNS = {
    "comparison_id": pl.String,
    "outcome_id": pl.String,
    "population_id": pl.String,
    "scale": pl.String,
    "exposed_level": pl.Float64,
    "comparator_level": pl.Float64,
    "effect": pl.Float64,
    "std_error": pl.Float64,
    "patients_count": pl.Int64,
}
"""Of a row of effects."""


def moments(exposed: np.ndarray, comparator: np.ndarray) -> np.ndarray:
    """Return counts, sums and squares of both arms, and of people with both.

    Args:
        exposed: Outcomes in one arm; NaN where there is none.
        comparator: Outcomes of the same people in the other arm.
    """
    a, b = ~np.isnan(exposed), ~np.isnan(comparator)
    x, y = np.where(a, exposed, 0), np.where(b, comparator, 0)
    both = a & b
    return np.array(
        [
            *(a.sum(), x.sum(), (x * x).sum()),
            *(b.sum(), y.sum(), (y * y).sum()),
            *(both.sum(), x[both].sum(), y[both].sum(), (x * y)[both].sum()),
        ]
    )


def effect_rows(key: tuple, total: np.ndarray) -> list[tuple]:
    """Return the rows of one comparison, outcome and population.

    A difference, and for a risk its ratio too, each with its Monte-Carlo standard
    error; the arms are of the same people, so what they share is taken off.
    A row is as in EFFECT_COLUMNS.
    """
    n_x, x, xx, n_y, y, yy, n, x_both, y_both, xy = total
    if min(n_x, n_y) < 2:
        return []
    mean_x, mean_y = x / n_x, y / n_y
    var_x = max(xx / n_x - mean_x**2, 0) / n_x
    var_y = max(yy / n_y - mean_y**2, 0) / n_y
    shared = (xy - mean_x * y_both - mean_y * x_both + n * mean_x * mean_y) / (
        n_x * n_y
    )
    levels, count = (mean_x, mean_y), int(min(n_x, n_y))
    error = _root(var_x + var_y - 2 * shared, of=var_x + var_y)
    is_share = "points" not in key[1]
    scale = "risk_difference" if is_share else "mean_difference"
    rows = [(*key, scale, *levels, mean_x - mean_y, error, count)]
    if is_share and mean_x > 0 and mean_y > 0:
        relative = var_x / mean_x**2 + var_y / mean_y**2
        ratio = mean_x / mean_y
        error = ratio * _root(relative - 2 * shared / (mean_x * mean_y), of=relative)
        rows.append((*key, "risk_ratio", *levels, ratio, error, count))
    return rows


def interaction_rows(rows: Iterable[tuple], others: Mapping[str, str]) -> list[tuple]:
    """Return by how much a difference is greater in a group than in everybody else.

    The two groups are of different people, so their errors are independent.

    Args:
        rows: What `effect_rows` gives, of every group.
        others: By group, the group of all other people.

    Returns:
        One row for each difference known in both groups: the group's name, the scale
        as `interaction_<scale>`, the difference in the group and in the others as
        levels, one less the other, the standard error, and the smaller count.
    """
    known = {row[:4]: row[6:] for row in rows if row[3].endswith("_difference")}
    made = []
    for (comparison, outcome, group, scale), (effect, error, count) in known.items():
        rest = known.get((comparison, outcome, others.get(group), scale))
        if rest is None:
            continue
        effect_rest, error_rest, count_rest = rest
        made.append(
            (
                *(comparison, outcome, group, f"interaction_{scale}"),
                *(effect, effect_rest, effect - effect_rest),
                float(np.hypot(error, error_rest)),
                min(count, count_rest),
            )
        )
    return made


def _root(variance: float, of: float) -> float:
    """Return a standard error; zero where the variance is what rounding left."""
    return float(np.sqrt(variance)) if variance > ROUNDING * of else 0.0
