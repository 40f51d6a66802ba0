"""Sentences made from published numbers: titles that state the finding, and answers.

A difference "went with" an arm. Only the main estimate of a randomised comparison that
passed its gate is an "estimated effect". Nothing is ever "because of" anything.
"""

from collections.abc import Mapping

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading
from pipelines.reporting.reading import Comparison
from pipelines.reporting.tables import Row, Rows

TOO_FEW = "Too few people to show"
"""How every hidden figure begins."""

DESIGNS: Mapping[str, str] = {
    "randomised": "randomised",
    "description": "description only",
    "point_exposure": "adjusted, not randomised",
    "sustained": "adjusted over time, not randomised",
}
"""How the arms came about, in words."""

PROFILES: Mapping[str, str] = {
    "public_data": "Figures of a published trial, already public: nothing is hidden.",
    "default": "Small groups are hidden, and rates come from rounded counts. "
    "A hidden figure says so.",
}
"""What the banner says of each disclosure profile."""


def design(comparison: Comparison) -> str:
    """Say how the arms of a comparison came about."""
    code = comparison.row["design"]
    return DESIGNS.get(code, fmt.humanise(code))


def absence(*effects: Row) -> str:
    """Say why an estimate has no numbers; the full reason is in the figure's table."""
    withheld = next((effect for effect in effects if effect["is_withheld"]), None)
    if withheld is None:
        return TOO_FEW
    first, *rest = reason(withheld).split(". ")
    return f"Withheld. {first}" + (" (and more)" if rest else "")


def disclosure(profile: str) -> str:
    """Say what a disclosure profile does to the figures."""
    fallback = f"{PROFILES['default']} Disclosure profile: {fmt.humanise(profile)}."
    return PROFILES.get(profile, fallback)


def page_title(told: tuple[Comparison, ...], scores: Rows) -> str:
    """Name what the page is about: the lead comparison and how long it ran."""
    if not told:
        return "Outcomes of therapy for depression"
    lead = told[0]
    rows = reading.of(scores, lead)
    shown = [row for row in rows if row["mean_points"] is not None]
    last = max((row["follow_up_month"] for row in shown or rows), default=0)
    return f"{lead.name} over {fmt.months(last)}" if last else lead.name


def trajectory(comparison: Comparison, rows: Rows) -> str:
    """State the mean scores of one instrument, at the main outcome's follow-up."""
    main = comparison.main
    if main is not None and main["is_withheld"]:
        return f"{comparison.name}: scores as recorded; the comparison is withheld"
    seen = {
        (row["arm"], row["follow_up_month"]): row["mean_points"]
        for row in rows
        if row["mean_points"] is not None
    }
    codes = [arm.code for arm in comparison.arms]
    both = sorted(
        {month for _, month in seen if all((c, month) in seen for c in codes)}
    )
    follow_ups = [month for month in both if month > 0]
    if not follow_ups:
        return f"{TOO_FEW} scores over time"
    wanted = reading.outcome(main["outcome_id"]).month if main else None
    month = wanted if wanted in follow_ups else follow_ups[-1]
    means = [
        f"{fmt.number(seen[arm.code, month])} with {arm.inline}"
        for arm in comparison.arms
    ]
    text = f"At {fmt.months(month)} the mean score was {' against '.join(means)}"
    return f"{text}{_among(rows, month)}"


def _among(rows: Rows, month: int) -> str:
    """Say whose mean it is when some people have no score."""
    here = [row for row in rows if row["follow_up_month"] == month]
    scored = [row["observed_count"] for row in here]
    people = [row["people_count"] for row in here]
    if None in (*scored, *people):
        return ", among those still scored"
    if scored == people:
        return ""
    counts = (
        f"{fmt.count(sum(scored))} of {fmt.plural(sum(people), 'person', 'people')}"
    )
    return f", among the {counts} still scored"


def follow_up_gaps(comparison: Comparison, rows: Rows) -> str:
    """Say how many people stopped answering, from the published counts."""
    totals: dict[int, list[int | None]] = {}
    for row in rows:
        totals.setdefault(row["follow_up_month"], []).append(row["observed_count"])
    people = [
        row["people_count"] for row in rows if row["follow_up_month"] == min(totals)
    ]
    told = {month: totals[month] for month in reading.printed_months(totals)}
    parts = [
        f"{fmt.count(sum(values))} at {fmt.months(month)}"
        for month, values in told.items()
        if month > 0 and len(values) == 2 and None not in values and any(values)
    ]
    if not parts or len(people) != 2 or None in people:
        return "How many people were scored at each follow-up is hidden."
    return f"Scored, of {fmt.count(sum(people))} people: {fmt.listing(parts)}."


def main_estimate(comparison: Comparison | None, *, is_lower_better: bool) -> str:
    """State the main estimate of the lead comparison, or why there is none."""
    if comparison is None:
        return "No comparison could be made from these records"
    main = comparison.main
    if main is None:
        return f"{comparison.name}: no main estimate was made"
    if main["is_withheld"]:
        return f"{comparison.name}: {fmt.inside_sentence(absence(main))}"
    if not reading.is_shown(main):
        return f"{TOO_FEW} the comparison of {comparison.name.lower()}"
    when = reading.outcome(main["outcome_id"]).when
    amount = f"{fmt.number(abs(main['estimate']))} points"
    side = "lower" if main["estimate"] < 0 else "higher"
    exposed, comparator = comparison.exposed, comparison.comparator
    if comparison.is_randomised:
        effect = f"Estimated effect of {exposed.inline} {when}: {amount} {side}"
        if includes_zero(main):
            return f"{effect}, but the interval includes no difference"
        return f"{effect} than {comparator.inline}{_verdict(main, is_lower_better)}"
    if includes_zero(main):
        label = fmt.sentence_case(exposed.label)
        return f"{label} and {comparator.inline} did not differ clearly {when}"
    label = fmt.sentence_case(exposed.label)
    return f"{label} went with scores {amount} {side} than {comparator.inline} {when}"


def without_main(instrument_name: str) -> str:
    """Title a figure on an instrument that no main estimate is about."""
    return f"{instrument_name}: differences beside the main estimates"


def _verdict(effect: Row, is_lower_better: bool) -> str:
    if not is_lower_better:
        return ""
    return ", which is better" if effect["estimate"] < 0 else ", which is worse"


def includes_zero(effect: Row) -> bool:
    """Tell whether an interval reaches no difference (a limit at zero reaches it)."""
    return effect["estimate_low"] <= 0 <= effect["estimate_high"]


def reason(effect: Row) -> str:
    """Say in full why an estimate is withheld, without the last full stop."""
    return (effect["withheld_reason"] or "Its checks did not pass").strip().rstrip(".")


def favours(comparison: Comparison, *, is_lower_better: bool) -> tuple[str, str]:
    """Name the two sides of zero of a difference in scores, left side first."""
    if is_lower_better:
        return tuple(f"favours {arm.inline}" for arm in comparison.arms)
    arm = comparison.exposed.inline
    return (f"lower with {arm}", f"higher with {arm}")


def response(comparison: Comparison | None, effect: Row | None) -> str:
    """State how many responded in each arm of the lead comparison."""
    if comparison is None or effect is None:
        return "Response was not compared"
    if effect["is_withheld"]:
        return f"Response to {comparison.exposed.inline}: {fmt.inside_sentence(absence(effect))}"
    if not reading.is_shown(effect) or None in _levels(effect):
        return f"{TOO_FEW} response"
    exposed, comparator = map(fmt.per_hundred, _levels(effect))
    when = fmt.sentence_case(reading.outcome(effect["outcome_id"]).when)
    text = (
        f"{when}, {exposed} in 100 had responded with {comparison.exposed.inline} "
        f"against {comparator} with {comparison.comparator.inline}"
    )
    return (
        f"{text}; the interval includes no difference"
        if includes_zero(effect)
        else text
    )


def _levels(effect: Row) -> tuple[float | None, float | None]:
    return effect["exposed_level"], effect["comparator_level"]


def flow(comparison: Comparison, rows: Rows) -> str:
    """State who is missing at the last step of the patient flow, by arm."""
    steps = {(row["arm"], row["step_number"]): row for row in rows}
    last = max((number for _, number in steps), default=None)
    first = min((number for _, number in steps), default=None)
    if last is None or first == last:
        return "The patient flow was not recorded"
    missing = []
    for arm in comparison.arms:
        start, end = steps.get((arm.code, first)), steps.get((arm.code, last))
        if start is None or end is None or None in (_people(start), _people(end)):
            return f"{TOO_FEW} who was lost to follow-up"
        missing.append((arm, _people(start) - _people(end), _people(start)))
    when = reading.step_label(steps[comparison.exposed.code, last]["step"])
    when = fmt.inside_sentence(when).removeprefix("scored ")
    lost, total = sum(item[1] for item in missing), sum(item[2] for item in missing)
    if lost == 0:
        return f"All {fmt.count(total)} people have a score {when}"
    parts = [
        f"{fmt.count(gone)} of {fmt.count(people)} with {arm.inline}"
        for arm, gone, people in missing
    ]
    have = "person has" if total == 1 else "people have"
    return (
        f"{fmt.count(lost)} of {fmt.count(total)} {have} no score {when}: "
        f"{', '.join(parts)}"
    )


def _people(row: Row) -> int | None:
    return row["people_count"]


def comparisons_run(comparisons: tuple[Comparison, ...]) -> str:
    """State how many comparisons were run, and how many of them are not shown."""
    if not comparisons:
        return "No comparison was run"
    withheld = sum(1 for item in comparisons if item.main and item.main["is_withheld"])
    shown = sum(reading.is_shown(item.main) for item in comparisons)
    rest = len(comparisons) - withheld - shown
    parts = [f"{shown} shown", f"{withheld} withheld"]
    if rest:
        parts.append(f"{rest} without a main estimate to show")
    verb = "was" if len(comparisons) == 1 else "were"
    runs = fmt.plural(len(comparisons), "comparison")
    return f"{runs} {verb} run: {fmt.listing(parts)}"
