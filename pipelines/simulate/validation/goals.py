"""What is asked of an estimate, and whether it was met."""

from pipelines.simulate.validation.comparisons import CONFOUNDED, NULL
from pipelines.simulate.validation.measuring import Measured, Share, Z

BIAS = 0.05
"""Largest bias, in standard deviations of the outcome (METHODS part 8)."""

COVERAGE = (0.925, 0.975)
"""Share of 95 % intervals that hold the truth (METHODS part 8)."""

FIRST_KIND = (0.029, 0.075)
"""Share of cohorts that find an effect where there is none: what 500 cohorts of a
perfect method give (METHODS part 9)."""

MOSTLY = 0.5
"""Where something that no record shows is at work: the interval must miss the truth in
more cohorts than this, and the negative control must raise its alarm in more."""

MET, MISSED, UNCLEAR = "met", "**missed**", "unclear"


def verdicts(row: Measured) -> dict[str, str]:
    """Return whether each goal was met.

    Met is a figure that lies within its limits; missed, one whose Monte-Carlo interval
    (95 %) lies wholly outside; unclear, one outside whose interval reaches in.
    """
    if row.scenario == CONFOUNDED:
        found = {"misses the truth": _over(_turned(row.covered))}
        if row.alarm is not None:
            found["alarm"] = _over(row.alarm)
        return found
    bias, error = abs(row.bias / row.spread), Z * row.bias_error / row.spread
    found = {
        "bias": MET if bias < BIAS else MISSED if bias - error > BIAS else UNCLEAR,
        "coverage": _within(row.covered, COVERAGE),
    }
    if row.scenario == NULL:
        found["type I"] = _within(row.apart, FIRST_KIND)
    return found


def has_missed(row: Measured) -> bool:
    """Say whether any goal was missed."""
    return MISSED in verdicts(row).values()


def _within(found: Share, limits: tuple[float, float]) -> str:
    low, high = limits
    if low <= found.value <= high:
        return MET
    return MISSED if found.high < low or found.low > high else UNCLEAR


def _over(found: Share) -> str:
    if found.value > MOSTLY:
        return MET
    return MISSED if found.high < MOSTLY else UNCLEAR


def _turned(found: Share) -> Share:
    return Share(1 - found.value, 1 - found.high, 1 - found.low)
