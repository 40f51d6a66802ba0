"""How strong something unrecorded would have to be to explain an estimate away."""

import math
from collections.abc import Callable

from pipelines.compare.results import Estimate

COMMON_FROM = 0.15
"""An outcome as common as this makes odds ratios far from risk ratios."""

LARGEST_SHIFT = 27.0
"""Points of the PHQ-9: no missing score can be further off."""


def e_value(ratio: float) -> float:
    """Return the E-value of a risk ratio.

    The least association, as a risk ratio, that something unrecorded would need with
    both the arm and the outcome to explain the ratio away. It never shows that there
    is such a thing, nor that there is none.

    Args:
        ratio: A risk ratio above 0; below 1 it is turned over.

    Examples:
        >>> round(e_value(1.25), 2), round(e_value(0.8), 2), e_value(1)
        (1.81, 1.81, 1.0)

    References:
        VanderWeele TJ, Ding P. Sensitivity analysis in observational research.
        Ann Intern Med 2017;167:268-274.
    """
    if not ratio > 0:
        raise ValueError("A risk ratio is above zero.")
    above = max(ratio, 1 / ratio)
    return float(above + math.sqrt(above * (above - 1)))


def e_value_of_limit(low: float, high: float) -> float:
    """Return the E-value of the limit nearer to 1; 1 if the interval reaches it.

    Examples:
        >>> round(e_value_of_limit(1.14, 1.39), 2), e_value_of_limit(0.9, 1.2)
        (1.54, 1.0)
    """
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)


def ratio_of_means(difference: float, standard_deviation: float) -> float:
    """Return about the risk ratio that a difference of means is worth.

    Units:
        Both in the units of the outcome.

    References:
        Chinn S. Stat Med 2000;19:3127-3131; VanderWeele and Ding 2017: exp(0.91 d).
    """
    return math.exp(0.91 * difference / standard_deviation)


def ratio_of_odds(odds_ratio: float, outcome_share: float) -> float:
    """Return about the risk ratio of an odds ratio: its root if common.

    Args:
        odds_ratio: Above 0.
        outcome_share: How common the outcome is in all, 0-1.
    """
    return math.sqrt(odds_ratio) if outcome_share > COMMON_FROM else odds_ratio


def tipping_point(
    estimate_shifted: Callable[[float], Estimate], precision: float = 0.05
) -> float | None:
    """Return the smallest shift of the missing scores at which the interval reaches 0.

    Args:
        estimate_shifted: The estimate when the missing scores of one arm are worse by
            so many points than those like them; its interval must move one way.
        precision: Points.

    Returns:
        Points, 0 if the interval holds 0 already, None if no possible shift does it.
    """

    def holds_zero(shift: float) -> bool:
        found = estimate_shifted(shift)
        return found.low <= 0 <= found.high

    if holds_zero(0.0):
        return 0.0
    start = estimate_shifted(0.0).estimate
    low, high = 0.0, LARGEST_SHIFT
    at_most = estimate_shifted(high)
    crossed = at_most.high >= 0 if start < 0 else at_most.low <= 0
    if not crossed:
        return None
    while high - low > precision:
        middle = (low + high) / 2
        found = estimate_shifted(middle)
        crossed = found.high >= 0 if start < 0 else found.low <= 0
        low, high = (low, middle) if crossed else (middle, high)
    return high
