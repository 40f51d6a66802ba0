"""What an estimator gives back, and how it says that it cannot."""

import math
from dataclasses import dataclass, fields

DECIMALS = 6
"""Places kept in every stored number, so that the order in which a processor adds
does not reach the bytes of a release."""

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


class NotEstimableError(ValueError):
    """The data do not determine this estimate; it is withheld and the reason shown.

    The message is one plain sentence for a reader. It never repeats a value.
    """


@dataclass(frozen=True)
class Estimate:
    """One contrast, exposed minus comparator, with its 95 % interval.

    Units are those of the scale: points, a share (0-1), or standard deviations.
    The levels are the mean or the share in each arm; an adjusted estimator gives
    them at the analysed people's average covariates.
    """

    exposed_level: float
    comparator_level: float
    estimate: float
    low: float
    high: float
    p_value: float
    variance_method: str
    std_error: float | None = None
    """None where the interval is not built from a standard error (Newcombe)."""

    def __post_init__(self) -> None:
        numbers = [
            getattr(self, item.name)
            for item in fields(self)
            if item.name != "variance_method"
        ]
        if not all(math.isfinite(number) for number in numbers if number is not None):
            raise NotEstimableError("The data do not determine the estimate's error.")
        if self.std_error is not None and self.std_error <= 0:
            raise NotEstimableError(
                "Everyone in each arm has the same score, so the estimate has no error."
            )


def rounded(number: float | None) -> float | None:
    """Round a number for storage; None stays None and minus zero becomes zero.

    Examples:
        >>> rounded(-0.0000001)
        0.0
        >>> rounded(1 / 3)
        0.333333
    """
    if number is None:
        return None
    return round(float(number), DECIMALS) + 0.0
