"""How far other ways of estimating agree with the one declared beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.compare.results import Estimate, NotEstimableError


@dataclass(frozen=True)
class Agreement:
    """A description, not evidence: specifications share their data and their bias.

    Attributes:
        count: Other specifications that gave an estimate.
        same_sign_share: Of them, on the same side of no difference, 0-1.
        same_size_share: Of them, within the declared one's interval, 0-1.
    """

    count: int
    same_sign_share: float
    same_size_share: float


def agreement(
    declared: Estimate, others: Sequence[Estimate], no_difference: float = 0.0
) -> Agreement:
    """Say which share of the other specifications agrees with the declared one.

    Args:
        declared: The estimate of the specification declared beforehand.
        others: Those of the others, on the same scale; the declared one is not among
            them.
        no_difference: 0 for differences, 1 for ratios.

    Raises:
        NotEstimableError: There is no other estimate.

    Examples:
        >>> def one(x, low, high):
        ...     return Estimate(x, 0.0, x, low, high, 0.5, "", 1.0)
        >>> panel = [one(x, x - 1, x + 1) for x in (-2.5, -0.5, 0.5, -5.0)]
        >>> agreement(one(-2.0, -3.0, -1.0), panel)
        Agreement(count=4, same_sign_share=0.75, same_size_share=0.25)
    """
    if not others:
        raise NotEstimableError("No other specification gave an estimate.")
    side = _side(declared.estimate, no_difference)
    return Agreement(
        count=len(others),
        same_sign_share=_share(
            [_side(one.estimate, no_difference) == side for one in others]
        ),
        same_size_share=_share(
            [declared.low <= one.estimate <= declared.high for one in others]
        ),
    )


def _side(number: float, middle: float) -> int:
    return (number > middle) - (number < middle)


def _share(answers: list[bool]) -> float:
    return sum(answers) / len(answers)
