"""Sentences about comparisons that nobody allocated: what was found, and how far it goes.

An estimate that passed its gate is an "estimated effect, not randomised", always with
whom it is about and what it does not show. One that did not is withheld, in words.
"""

from collections.abc import Mapping, Sequence

from pipelines.reporting import formatting as fmt
from pipelines.reporting import measured, words
from pipelines.reporting.measured import Measured
from pipelines.reporting.tables import Row

DOES_NOT_SHOW: Mapping[str, str] = {
    "point_exposure": "It does not show what a trial would: a reason for the choice that "
    "nobody recorded may play a part.",
    "sustained": "It does not show what a trial would: a reason to stop or to go on that "
    "nobody recorded may play a part.",
}
"""By design: what an estimate leaves open."""

DESIGNS: Mapping[str, str] = {
    "point_exposure": "Nobody was allocated at random. People who were given one or the "
    "other were made alike, by weights, in what was recorded about them at the start.",
    "sustained": "Nobody was allocated at random. Each week some people stop and some go "
    "on. Those who kept to a strategy stand, weighted, for those like them who did not.",
}
"""By design: how the two sides were made comparable."""

SIDE: Mapping[str, str] = {
    "point_exposure": "the choice",
    "sustained": "keeping to a strategy",
}
"""By design: what puts people on a side."""

TREATMENT: Mapping[str | None, str] = {
    "on": "on treatment",
    "mixed": "on treatment or just off it",
    "off": "off treatment",
    None: "not set: later therapy is as people chose it",
}
"""Whether people who keep to a strategy are in therapy when they are scored."""

FAMILIES: Mapping[str, str] = {
    "length": "How long therapy lasts",
    "medication": "Therapy and medication",
    "modality": "Kinds of therapy",
    "format": "Alone, as a couple, a family or a group",
    "relapse": "Whether depression comes back",
}
"""Headings of the groups of comparisons, in their order."""

NOT_AN_EFFECT_ALONE = "Agreement across specifications is a description, not evidence."


def includes_none(effect: Row) -> bool:
    """Tell whether an interval reaches no difference: 1 for a ratio, else 0."""
    none = 1 if effect["scale"].endswith("risk_ratio") else 0
    return effect["estimate_low"] <= none <= effect["estimate_high"]


def amount(effect: Row, *, is_signed: bool = True) -> str:
    """Write a difference: points, people in 100, or days; a ratio as it is."""
    value = effect["estimate"]
    if effect["scale"].endswith("risk_ratio"):
        return fmt.number(value, 2)
    if effect["scale"].endswith("risk_difference"):
        value *= 100
    digits = 1 if effect["scale"].endswith("mean_difference") else 0
    return fmt.signed(value, digits) if is_signed else fmt.number(abs(value), digits)


def limits(effect: Row) -> str:
    """Write an interval in the unit of `amount`."""
    low, high = effect["estimate_low"], effect["estimate_high"]
    if effect["scale"].endswith("risk_ratio"):
        return fmt.interval(low, high, 2)
    if effect["scale"].endswith("risk_difference"):
        return fmt.interval(100 * low, 100 * high, 0)
    if effect["scale"].endswith("_days"):
        return fmt.interval(low, high, 0)
    return fmt.interval(low, high)


def finding(labels: tuple[str, str], what: Measured, effect: Row) -> str:
    """State one estimate that passed its gate, without a full stop.

    Args:
        labels: Of the exposed arm and of the comparator.
        what: The outcome.
        effect: Shown, on the scale of a difference.
    """
    exposed, comparator = map(fmt.inside_sentence, labels)
    if what.is_points:
        unit, better = " points", "lower" if what.is_lower_better else "higher"
        side = "lower" if effect["estimate"] < 0 else "higher"
        told = f"{amount(effect, is_signed=False)} points {side} on the "
        told += f"{what.instrument['name']} {what.when}"
        none = f"no clear difference on the {what.instrument['name']} {what.when}"
        note = f"; {better} is better"
    else:
        unit, note = " in 100", ""
        side = "fewer" if effect["estimate"] < 0 else "more"
        told = f"{amount(effect, is_signed=False)} {side} people in 100 {what.said} "
        told += what.when
        none = f"no clear difference in how many {what.said} {what.when}"
    if includes_none(effect):
        lead = f"{none} for {exposed} against {comparator}"
    else:
        lead = f"{told} with {exposed} than with {comparator}"
    return (
        f"Estimated effect, not randomised: {lead} (difference {amount(effect)}{unit}, "
        f"95% interval {limits(effect)}{note})"
    )


def days_lost(labels: tuple[str, str], what: Measured, effect: Row) -> str:
    """State how many days it took away that passed the gate, without a full stop.

    Args:
        labels: Of the exposed arm and of the comparator.
        what: An outcome of which it is known when it happened.
        effect: Shown, the difference in days lost to it.
    """
    exposed, comparator = map(fmt.inside_sentence, labels)
    lost = f"lost to {measured.TIMED[what.kind]} {what.when}"
    if includes_none(effect):
        lead = f"no clear difference in days {lost}, {exposed} against {comparator}"
    else:
        side = "fewer" if effect["estimate"] < 0 else "more"
        lead = (
            f"{amount(effect, is_signed=False)} {side} days {lost} with {exposed} than "
            f"with {comparator}, on average"
        )
    return (
        f"Estimated effect, not randomised: {lead} (difference {amount(effect)} days, "
        f"95% interval {limits(effect)}; {fmt.number(effect['exposed_level'], 0)} against "
        f"{fmt.number(effect['comparator_level'], 0)})"
    )


def answer(
    *,
    design: str,
    labels: tuple[str, str],
    population: str,
    what: Measured,
    effect: Row,
) -> str:
    """State what was found, in whom, and what it does not show."""
    return (
        f"{finding(labels, what, effect)}. {about(population)} {DOES_NOT_SHOW[design]}"
    )


def about(population: str) -> str:
    """Say whom an estimate is about."""
    return f"It is about {fmt.inside_sentence(population.strip().rstrip('.'))}."


def withheld(effect: Row) -> str:
    """Say why an estimate is not shown, in words."""
    if effect["is_withheld"]:
        return f"Withheld. {words.reason(effect)}."
    return f"{words.TOO_FEW}."


def counted(shown: int, withheld_count: int) -> str:
    """Say how many comparisons were run and how many are withheld."""
    run = shown + withheld_count
    if not run:
        return "No comparison of this service was run"
    were = "was" if run == 1 else "were"
    return (
        f"{fmt.plural(run, 'comparison')} of this service {were} run: "
        f"{shown} shown, {withheld_count} withheld"
    )


def agreement(main: Row, others: Sequence[Row]) -> str:
    """Say how many other estimates agree with the pre-declared one.

    In sign: on its side of no difference. In size: inside its interval.
    """
    if not others:
        return f"No other estimate of it is shown. {NOT_AN_EFFECT_ALONE}"
    sign = sum((one["estimate"] < 0) == (main["estimate"] < 0) for one in others)
    size = sum(
        main["estimate_low"] <= one["estimate"] <= main["estimate_high"]
        for one in others
    )
    total = len(others)
    other = "other estimate" if total == 1 else "other estimates"
    return (
        f"Of {fmt.count(total)} {other}, {sign} "
        f"({fmt.per_hundred(sign / total)}%) {_lie(sign)} on the same side of no "
        f"difference and {size} ({fmt.per_hundred(size / total)}%) {_lie(size)} inside "
        f"the interval of the pre-declared one. {NOT_AN_EFFECT_ALONE}"
    )


def other_ways(main: Row, others: Sequence[Row]) -> str:
    """State between what the other estimates lie, as a title."""
    own = f"the pre-declared {amount(main)}"
    if not others:
        return f"No other estimate is shown beside {own}"
    ends = [
        amount(pick(others, key=lambda one: one["estimate"])) for pick in (min, max)
    ]
    found = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    ways = fmt.plural(len(others), "other way")
    return f"Estimated in {ways}, the difference is {found}, beside {own}"


def _lie(count: int) -> str:
    return "lies" if count == 1 else "lie"


def sessions_per_responder(
    sessions: tuple[float | None, float | None], response: Row | None
) -> str:
    """Say how many more sessions went with one more responder, or why it is not said.

    Args:
        sessions: Mean in the first 12 months, of the exposed arm and the comparator.
        response: Difference in responders at 12 months; None where not estimated.
    """
    if response is None or response["estimate"] is None:
        return "Not given: the difference in responders at 12 months is not shown."
    if None in sessions:
        return "Not given: the mean number of sessions is not shown."
    if includes_none(response):
        return (
            "Not given: the interval for responders at 12 months includes no "
            "difference, so the number could be anything."
        )
    more = sessions[0] - sessions[1]
    gained = response["estimate"]
    if gained < 0:
        return "Not given: there were fewer responders, not more, at 12 months."
    if more <= 0:
        return "None: there were more responders with no more sessions."
    return (
        f"About {fmt.count(round(more / gained))} more sessions for each extra "
        f"responder at 12 months: {fmt.number(more)} more sessions a person, and "
        f"{fmt.per_hundred(gained)} more responders in 100."
    )
