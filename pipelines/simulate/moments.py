"""Means of two arms of the same people, added up block by block."""

import numpy as np

ROUNDING = 1e-12
"""Share of two arms' variance that is a rounding error where the arms are equal."""


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


def _root(variance: float, of: float) -> float:
    """Return a standard error; zero where the variance is what rounding left."""
    return float(np.sqrt(variance)) if variance > ROUNDING * of else 0.0
