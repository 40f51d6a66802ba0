"""Decide from counts whether an estimate may be shown, whatever the design.

Enough people with an outcome in each arm, and the outcome observed often enough, and
about equally often, in both (METHODS 9). That is all for randomised contrasts, where an
imbalance is chance, is shown and is adjusted for, and for descriptions, which claim no
balance. What a choice that nobody allocated must show besides is in `observed_gate`.
The decision never uses a result.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from pipelines.compare.protocols import Arm
from pipelines.settings import Gate

DESIGNS = ("randomised", "description", "point_exposure", "sustained")
"""Designs that have a gate. Another one needs its own rules first."""


@dataclass(frozen=True)
class ArmCount:
    """People of one arm: how many could have the outcome, how many have it observed.

    For the mixed model "observed" means at least one follow-up score; where people are
    `timed`, that their fate to the last day is known.
    """

    arm: str
    label: str
    people: int
    observed: int
    is_timed: bool = False

    @property
    def observed_share(self) -> Fraction | None:
        """Exact share (0-1) observed; None without people."""
        return Fraction(self.observed, self.people) if self.people else None


@dataclass(frozen=True)
class Rule:
    """One rule as it was applied, or one number that is shown beside them.

    `arm` is None where it is about both; `is_passed` where nothing depends on it.
    """

    diagnostic_id: str
    arm: str | None
    value: float | None
    limit_low: float | None
    limit_high: float | None
    is_passed: bool | None
    note: str


def shown(diagnostic_id: str, value: float | None, note: str) -> Rule:
    """Return a number that describes and decides nothing."""
    return Rule(diagnostic_id, None, value, None, None, None, note)


def reasons(rules: Iterable[Rule]) -> list[str]:
    """Return the notes of the rules that failed, in order.

    Where a rule failed for want of people, its note is left out if another rule says
    so already.
    """
    failed = [rule for rule in rules if rule.is_passed is False]
    told = [rule.note for rule in failed if rule.value is not None]
    return told or [rule.note for rule in failed]


def overridden(
    failed: list[str], comparison_id: str, limits: Gate
) -> tuple[list[str], list[Rule]]:
    """Let a service show a comparison whose gate failed, and say that it does.

    Args:
        failed: Reasons, from `reasons`.
        comparison_id: Of the comparison.
        limits: From settings: which comparisons are overridden.

    Returns:
        The reasons that still withhold it, and the rule that names the override.
    """
    if not failed or comparison_id not in limits.overridden.split():
        return failed, []
    note = "Shown although its gate failed, by this service's settings: "
    return [], [
        Rule("gate_overridden", None, 1.0, None, None, None, note + " ".join(failed))
    ]


@dataclass(frozen=True)
class Verdict:
    """The rules in order; the reason is None when all passed."""

    rules: tuple[Rule, ...]

    @property
    def withheld_reason(self) -> str | None:
        """The failed rules in plain sentences, or None."""
        return " ".join(reasons(self.rules)) or None


def decide(
    design: str, exposed: ArmCount, comparator: ArmCount, limits: Gate
) -> Verdict:
    """Apply the gate of a design to one outcome and estimator.

    Limits are included: 20 people pass a minimum of 20, 60% passes 60%, and 15
    points pass 15. Shares are compared as exact fractions.

    Args:
        design: One of `DESIGNS`.
        exposed: Counts of the exposed arm.
        comparator: Counts of the comparator arm.
        limits: From settings.

    Returns:
        Every rule with its value and limits, and the reason if one failed.

    Raises:
        ValueError: The design has no gate, or more people are observed than there
            are.

    Examples:
        >>> verdict = decide(
        ...     "randomised",
        ...     ArmCount("therapy", "Therapy", 30, 28),
        ...     ArmCount("medication", "Medication alone", 14, 13),
        ...     Gate(),
        ... )
        >>> verdict.withheld_reason
        'Medication alone: 13 people have this outcome, at least 20 are needed.'
    """
    if design not in DESIGNS:
        raise ValueError(f"The design {design} has no gate yet.")
    arms = (exposed, comparator)
    for arm in arms:
        if not 0 <= arm.observed <= arm.people:
            raise ValueError(f"More people observed than there are in arm {arm.arm}.")
    rules = [_enough_people(arm, limits) for arm in arms]
    rules += [_observed_share(arm, limits) for arm in arms]
    rules.append(_observed_equally(exposed, comparator, limits))
    return Verdict(tuple(rules))


def enough_events(arm: Arm, events: int, limits: Gate) -> Rule:
    """Check that enough people of an arm had the event whose time is compared.

    An interval about a share is made as if the share were normal, which it is not where
    hardly anybody had the event. It looks at each arm by itself, never at which has more.
    """
    least = limits.minimum_events_per_arm
    have = "person" if events == 1 else "people"
    return Rule(
        "people_with_the_event",
        arm.arm,
        float(events),
        float(least),
        None,
        events >= least,
        f"{arm.label}: {events} {have} had the event while followed, at least {least} "
        "are needed.",
    )


def _enough_people(arm: ArmCount, limits: Gate) -> Rule:
    least = limits.minimum_people_per_arm
    have = (
        "person has this outcome" if arm.observed == 1 else "people have this outcome"
    )
    if arm.is_timed:
        are = "is" if arm.observed == 1 else "are"
        have = f"of {arm.people} people {are} known of up to the last day"
    return Rule(
        "people_with_the_outcome",
        arm.arm,
        float(arm.observed),
        float(least),
        None,
        arm.observed >= least,
        f"{arm.label}: {arm.observed} {have}, at least {least} are needed.",
    )


def _observed_share(arm: ArmCount, limits: Gate) -> Rule:
    least = _exact(limits.minimum_observed_share)
    share = arm.observed_share
    if share is None:
        note = f"{arm.label}: nobody could have this outcome."
    else:
        note = (
            f"{arm.label}: the outcome is known for {arm.observed} of {arm.people} "
            f"people ({_percent(share)}), at least {_percent(least)} is needed."
        )
    return Rule(
        "outcome_observed_share",
        arm.arm,
        None if share is None else float(share),
        float(least),
        None,
        share is not None and share >= least,
        note,
    )


def _observed_equally(exposed: ArmCount, comparator: ArmCount, limits: Gate) -> Rule:
    most = _exact(limits.maximum_observed_share_difference)
    shares = (exposed.observed_share, comparator.observed_share)
    if None in shares:
        gap, note = None, "Nobody could have this outcome in one of the arms."
    else:
        gap = abs(shares[0] - shares[1])
        note = (
            f"The outcome is known for {exposed.observed} of {exposed.people} in one "
            f"arm and {comparator.observed} of {comparator.people} in the other, "
            f"{float(gap * 100):.3g} points apart; at most {float(most * 100):.3g} "
            "are allowed."
        )
    return Rule(
        "outcome_observed_share_difference",
        None,
        None if gap is None else float(gap),
        None,
        float(most),
        gap is not None and gap <= most,
        note,
    )


def _exact(limit: float) -> Fraction:
    """Return a limit as it was written: 0.6 is 3/5, not the nearest binary number."""
    return Fraction(str(limit))


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.3g}%"
