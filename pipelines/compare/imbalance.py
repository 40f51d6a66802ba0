"""How unlike two groups were on day 0, before and after weighting."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from pipelines.compare import prognosis, weighting
from pipelines.compare.gate import Rule, shown

MOST_PRODUCTS = 8
"""Of so many terms, the first of the protocol, each pair's product is checked."""

CHANCE = 0.05
"""How often chance alone may make a difference count."""

OF_EACH = (
    "standardised_difference_",
    "weighted_standardised_difference_",
    "variance_ratio_",
)
"""How the diagnostics of single covariates begin."""

NOT_IN_PRODUCTS = ("_squared", "_missing")


@dataclass(frozen=True)
class Imbalance:
    """One difference on day 0, in standard deviations.

    `chance` is what chance alone makes the largest of the differences looked at exceed
    one time in twenty (Bonferroni); `variance_ratio` the exposed arm's over the
    comparator's, weighted; `arm` whose followers are held against the cohort,
    None where two arms are held against each other.
    """

    name: str
    before: float
    after: float
    chance: float
    arm: str | None = None
    variance_ratio: float | None = None

    def limit(self, most: float) -> float:
        """Return how large it may be: in small groups, as large as chance makes it."""
        return max(most, self.chance)


def of_term(
    name: str,
    values: NDArray[np.float64],
    is_exposed: NDArray[np.bool_],
    weight: NDArray[np.float64],
    looked_at: int = 1,
) -> Imbalance | None:
    """Hold two arms against each other in one term; None where nobody differs in it.

    Args:
        name: Of the term.
        values: Shape (n,).
        is_exposed: Shape (n,).
        weight: Shape (n,).
        looked_at: How many differences are looked at together.
    """
    sizes = [weighting.effective_size(weight[arm]) for arm in (is_exposed, ~is_exposed)]
    chance = _quantile(looked_at) * math.sqrt(sum(1 / size for size in sizes))
    before = prognosis.standardised_difference(values, is_exposed)
    after = prognosis.standardised_difference(values, is_exposed, weight)
    if before is None or after is None:
        return None
    ratio = prognosis.variance_ratio(values, is_exposed, weight)
    return Imbalance(name, before, after, chance, variance_ratio=ratio)


def between_arms(
    names: tuple[str, ...],
    matrix: NDArray[np.float64],
    is_exposed: NDArray[np.bool_],
    weight: NDArray[np.float64],
) -> list[Imbalance]:
    """Hold two arms against each other in every term and in products of the leading.

    Args:
        names: Of the terms.
        matrix: Shape (n, terms); squares are among the terms.
        is_exposed: Shape (n,).
        weight: Shape (n,).
    """
    terms = list(_with_products(names, matrix))
    found = (
        of_term(name, values, is_exposed, weight, len(terms)) for name, values in terms
    )
    return [one for one in found if one is not None]


def against_cohort(
    names: tuple[str, ...],
    matrix: NDArray[np.float64],
    weight: NDArray[np.float64],
    arm: str,
) -> list[Imbalance]:
    """Hold the weighted followers of a strategy against everybody, in their spread.

    Args:
        names: Of the terms.
        matrix: Shape (n, terms).
        weight: 0 for who does not follow; shape (n,).
        arm: Whose followers they are.
    """
    follows = weight > 0
    if not follows.any():
        return []
    chance = _quantile(len(names)) / math.sqrt(
        weighting.effective_size(weight[follows])
    )
    found = []
    for name, values in zip(names, matrix.T, strict=True):
        mean, spread = values.mean(), values.std()
        if spread > 0:
            before = (values[follows].mean() - mean) / spread
            after = (weight @ values / weight.sum() - mean) / spread
            found.append(Imbalance(name, float(before), float(after), chance, arm))
    return found


def verdict(found: list[Imbalance], most: float, between: str) -> Rule:
    """Decide on the difference that lies furthest beyond its own limit.

    Args:
        found: Differences.
        most: Limit of settings, in standard deviations.
        between: What is held against what, in words.
    """
    if not found:
        return shown("largest_imbalance_weighted", None, "Nothing was recorded.")
    worst = max(found, key=lambda one: abs(one.after) / one.limit(most))
    limit = worst.limit(most)
    beyond = sum(abs(one.after) > one.limit(most) for one in found)
    what = worst.name.replace("_", " ")
    note = (
        f"Once weighted, {between} differ on day 0 by {abs(worst.after):.2f} standard "
        f"deviations in {what}, where {limit:.2f} is allowed"
    )
    note += f"; {beyond} of {len(found)} differences are too large." if beyond else "."
    return Rule(
        "largest_imbalance_weighted",
        None,
        abs(worst.after),
        None,
        limit,
        not beyond,
        note,
    )


def each(found: list[Imbalance]) -> list[Rule]:
    """Give the difference of each term, before and after weighting; no products."""
    rules = []
    for one in found:
        if "_times_" in one.name:
            continue
        for prefix, value, when in (
            ("", one.before, "before"),
            ("weighted_", one.after, "after"),
        ):
            rules.append(
                Rule(
                    f"{prefix}standardised_difference_{one.name}",
                    one.arm,
                    value,
                    None,
                    None,
                    None,
                    f"Difference on day 0 in standard deviations, {when} weighting.",
                )
            )
        if one.variance_ratio is not None:
            rules.append(
                shown(
                    f"variance_ratio_{one.name}",
                    one.variance_ratio,
                    "Weighted variance in the exposed arm over that in the other.",
                )
            )
    return rules


def _quantile(looked_at: int) -> float:
    return float(norm.ppf(1 - CHANCE / (2 * looked_at)))


def _with_products(
    names: tuple[str, ...], matrix: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield each term, then the products of the leading ones."""
    yield from zip(names, matrix.T, strict=True)
    leading = [i for i, name in enumerate(names) if not name.endswith(NOT_IN_PRODUCTS)][
        :MOST_PRODUCTS
    ]
    for position, i in enumerate(leading):
        for j in leading[position + 1 :]:
            yield f"{names[i]}_times_{names[j]}", matrix[:, i] * matrix[:, j]
