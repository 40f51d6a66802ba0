"""Put an estimate on its scales, and say how much it would take to undo it."""

import math

from pipelines.compare import interaction, sensitivity
from pipelines.compare.answers import Fitted
from pipelines.compare.gate import Rule, shown
from pipelines.compare.protocols import Arm, ColumnOutcome
from pipelines.compare.results import Estimate, NotEstimableError, rounded

DIFFERENCE = {
    "points": "mean_difference",
    "share": "risk_difference",
    "time_to_event": "risk_difference",
}
"""The first scale of each measure."""

DAYS_LOST = "time_lost_difference_days"
"""How many days more, on average, what happened had taken away by the last day."""


def of(outcome: ColumnOutcome) -> tuple[str, ...]:
    """Name the scales of an outcome, the primary one first."""
    first = DIFFERENCE[outcome.measure]
    if outcome.measure == "points":
        return (first,)
    return (first, "risk_ratio", *([DAYS_LOST] if outcome.is_time else []))


def put_on(outcome: ColumnOutcome, fitted: Fitted) -> dict[str, Estimate | str]:
    """Return the difference; of shares their ratio, and of a time the days lost."""
    found: dict[str, Estimate | str] = {DIFFERENCE[outcome.measure]: fitted.contrast}
    if outcome.measure != "points":
        try:
            ratio = interaction.risk_ratio(fitted.levels)
            if rounded(ratio.std_error) == 0:
                raise NotEstimableError("The data do not determine the ratio's error.")
            found["risk_ratio"] = ratio
        except NotEstimableError as error:
            found["risk_ratio"] = str(error)
    if outcome.is_time:
        found[DAYS_LOST] = fitted.days_lost
    return found


def refuse_impossible(outcome: ColumnOutcome, fitted: Fitted) -> None:
    """Refuse what too few people make a model give: no error, or impossible shares.

    Raises:
        NotEstimableError: The error is nothing once it is stored, a level is no share,
            or the interval of a difference of shares leaves -1 to 1.
    """
    found = fitted.contrast
    if found.std_error is not None and rounded(found.std_error) == 0:
        raise NotEstimableError("The data do not determine the estimate's error.")
    if outcome.measure == "points":
        return
    if not all(
        0 <= level <= 1 for level in (found.exposed_level, found.comparator_level)
    ):
        raise NotEstimableError("The model gives a share outside 0 to 1.")
    if found.low < -1 or found.high > 1:
        raise NotEstimableError(
            "Too few people: the interval is wider than a difference of shares can be."
        )


def e_values(
    outcome: ColumnOutcome, found: dict[str, Estimate | str], spread: float
) -> list[Rule]:
    """Return the E-values of an estimate and of its nearer limit.

    Args:
        outcome: Its measure decides how a risk ratio is had.
        found: By scale.
        spread: Standard deviation of the outcome, in its units.
    """
    if outcome.measure != "points":
        ratio = found["risk_ratio"]
        if isinstance(ratio, str):
            return []
        point, low, high = ratio.estimate, ratio.low, ratio.high
    else:
        contrast = found["mean_difference"]
        point, low, high = (
            sensitivity.ratio_of_means(value, spread)
            for value in (contrast.estimate, contrast.low, contrast.high)
        )
    if not point > 0 or not low > 0:
        return []
    what = (
        "How strongly, as a risk ratio, something unrecorded would have to go with both "
        "the arm and the outcome to explain {} away. It does not show that there is, or "
        "is not, such a thing."
    )
    return [
        shown("e_value", sensitivity.e_value(point), what.format("the estimate")),
        shown(
            "e_value_of_limit",
            sensitivity.e_value_of_limit(low, high),
            what.format("the nearer end of its interval"),
        ),
    ]


def tipping(
    contrast: Estimate, missing_shares: tuple[float, float], arms: tuple[Arm, Arm]
) -> list[Rule]:
    """Return by how much missing scores must differ to bring the interval to zero.

    Those missing are taken to be like those observed who look like them, and then worse
    by so many points in the arm that does better, or better in the other one: an arm's
    mean moves by that times its share missing.

    Args:
        contrast: A mean difference.
        missing_shares: Of the exposed and of the comparator arm, 0-1.
        arms: The same two.

    Returns:
        A number per arm, in points; None where no score can be so far off.
    """
    distance = max(contrast.low, -contrast.high, 0.0)
    rules = []
    for arm, share in zip(arms, missing_shares, strict=True):
        points = distance / share if share > 0 else math.inf
        rules.append(
            Rule(
                "tipping_point_points",
                arm.arm,
                points if points <= sensitivity.LARGEST_SHIFT else None,
                None,
                None,
                None,
                f"{arm.label}: by so many points the missing scores would have to differ "
                "from those of people alike, against the finding, for the interval to "
                "reach no difference. Blank: no score can be so far off.",
            )
        )
    return rules
