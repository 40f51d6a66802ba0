"""Sentences about how far a service comparison can be trusted."""

from collections.abc import Sequence

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, service_words
from pipelines.reporting.balance_rows import LIMIT
from pipelines.reporting.measured import Measured
from pipelines.reporting.service_rows import ESTIMATORS
from pipelines.reporting.services import Service
from pipelines.reporting.tables import Row, Rows


def followers(service: Service) -> str:
    """State whom the main estimate rests on."""
    main = service.comparison.main
    parts = []
    for label, side in zip(service.labels, ("exposed", "comparator"), strict=True):
        seen = main[f"{side}_observed_count"]
        worth = main[f"{side}_effective_count"]
        if None in (seen, worth):
            return "How many people the main estimate rests on is hidden"
        parts.append(
            f"{fmt.count(seen)} with {fmt.inside_sentence(label)} "
            f"(worth {fmt.count(worth)})"
        )
    return f"The main estimate rests on {fmt.listing(parts)}"


def missingness(service: Service) -> str:
    """Say what is done about people without a score, or no longer followed."""
    if service.main.is_time:
        return (
            "Known to the last day are those who had it happen, died, or were followed "
            "all the time. Who was lost counts for as long as they were followed, and is "
            "taken to fare on as people like them who still were. That is right only if "
            "nobody is lost, or seen again, because of how they fare."
        )
    text = (
        "People without a score are stood in for, by weights, by people like them who "
        "have one. That is right only if what was recorded tells why scores are missing."
    )
    returned = shares(
        service,
        "return_share",
        "had a score from coming back ill, which is left out",
    )
    dropped = shares(service, "dropped_out_share", "dropped out of therapy")
    return " ".join([text, *returned, *dropped])


def override(service: Service) -> list[str]:
    """Say that a service shows a comparison although its gate failed."""
    if service.value("gate_overridden") is None:
        return []
    return [
        "Shown by this service's own settings although it failed the checks that a "
        "comparison must pass. Do not rely on it."
    ]


def shares(service: Service, diagnostic_id: str, said: str) -> list[str]:
    """Say, for either side, of how many in 100 something is true; shown ones only."""
    found = []
    for arm in service.comparison.arms:
        share = service.value(diagnostic_id, arm.code)
        if share is not None:
            found.append(
                f"{fmt.sentence_case(arm.label)}: {fmt.per_hundred(share)} in 100 {said}."
            )
    return found


def balance(rows: Rows, *, is_sustained: bool = False) -> str:
    """State how far apart both sides are after weighting.

    Of strategies: how far those who keep to either are from everybody at the start.
    """
    after = [abs(row["after"]) for row in rows if row["after"] is not None]
    if not after:
        return "How alike both sides are is not shown"
    far = sum(value > LIMIT for value in after)
    what = fmt.plural(len(after), "thing")
    if not far:
        who = "the sides are alike"
        if is_sustained:
            who = "those who keep to a strategy are like everybody"
        return f"After weighting {who} in all of {what} recorded"
    were = "was" if far == 1 else "were"
    return f"After weighting, {far} of {what} recorded {were} more than {LIMIT:g} apart"


def negative_control(
    service: Service, what: Measured | None, effect: Row | None
) -> str:
    """Say whether an outcome that the choice cannot change differs all the same."""
    if what is None:
        return "None was named, or none can be had from these records."
    named = fmt.inside_sentence(what.name)
    if not reading.is_shown(effect):
        return f"The control ({named}, {what.when}) is not shown, so it tells nothing."
    figures = (
        f"Which side people are on should not change how many {what.said} {what.when}. "
        f"Found: {service_words.amount(effect)} in 100 (95% interval "
        f"{service_words.limits(effect)})."
    )
    if is_alarm(service, effect):
        return (
            f"{figures} It differs where it should not. Something unrecorded probably "
            "plays a part: read the estimate with great care."
        )
    return f"{figures} No alarm. That does not rule out something unrecorded."


def is_alarm(service: Service, effect: Row | None) -> bool:
    """Tell whether the negative control differs: by its check, else by its interval."""
    checks = [
        row["is_passed"]
        for row in service.diagnostics
        if row["diagnostic_id"] == "negative_control_alarm"
        and row["is_passed"] is not None
    ]
    if checks:
        return not all(checks)
    return reading.is_shown(effect) and not service_words.includes_none(effect)


def trust(service: Service, effect: Row | None) -> str:
    """State whether a check spoke against the estimate."""
    if is_alarm(service, effect):
        return "The negative control speaks against the estimate"
    if not reading.is_shown(effect):
        return "There is no negative control to show"
    return "The negative control raises no alarm"


def e_value(service: Service) -> list[str]:
    """Say how strong something unrecorded would have to be."""
    point, limit = service.value("e_value"), service.value("e_value_of_limit")
    if point is None:
        return ["Not given for this estimate."]
    text = (
        "To explain the whole estimate, something unrecorded would have to make both "
        f"{service_words.SIDE[service.row['design']]} and the outcome "
        f"{fmt.number(point, 1)} times as likely, beyond all that was recorded."
    )
    if limit is not None:
        text += (
            f" To bring the interval to no difference: {fmt.number(limit, 1)} times."
            if limit > 1
            else " The interval includes no difference already."
        )
    return [text, "An E-value never shows that such a thing exists, or that none does."]


def tipping_point(service: Service) -> list[str]:
    """Say by how much missing scores would have to differ to undo the finding."""
    if service.main.is_time:
        return ["Not given for a time: the worst and the best case stand for it."]
    if service_words.includes_none(service.comparison.main):
        return ["The interval includes no difference, so there is nothing to tip."]
    found = []
    for arm in service.comparison.arms:
        row = service.number("tipping_point_points", arm.code)
        if row is None or row["is_suppressed"]:
            continue
        if row["value"] is None:
            found.append(f"{fmt.sentence_case(arm.label)}: no score can be so far off.")
            continue
        found.append(
            f"{fmt.sentence_case(arm.label)}: people without a score would have to "
            f"differ by {fmt.number(row['value'])} points, against the finding, from "
            "people like them."
        )
    lead = (
        "How wrong the missing scores would have to be for the finding to be unclear."
    )
    return [lead, *found] if found else ["Not given for this estimate."]


def weights(service: Service) -> list[str]:
    """Say how the weights look."""
    found = []
    share = service.value("equipoise")
    if share is not None:
        found.append(
            f"{fmt.per_hundred(share)} in 100 people could well have had either."
        )
    for arm in service.comparison.arms:
        mean = service.value("mean_weight", arm.code)
        most = service.value("largest_weight_share", arm.code)
        parts = []
        if mean is not None:
            parts.append(f"weights average {fmt.number(mean, 2)} (1 is right)")
        if most is not None:
            parts.append(f"one person counts for at most {fmt.per_hundred(most)}%")
        if parts:
            found.append(f"{fmt.sentence_case(arm.label)}: {', '.join(parts)}.")
    return found


def main_estimate(service: Service) -> str:
    """Say which estimate was named as the answer."""
    name = ESTIMATORS.get(service.estimator, fmt.humanise(service.estimator))
    return f"{service.main.title}: {fmt.inside_sentence(name)}"


def run(services: Sequence[Service], own: Service) -> str:
    """Say how many comparisons were run beside this one, and how many are withheld."""
    made = [one for one in services if one.is_run]
    family = [one for one in made if one.row["family"] == own.row["family"]]
    shown = sum(one.is_shown for one in made)
    of_family = sum(one.is_shown for one in family)
    return (
        f"{service_words.counted(shown, len(made) - shown)}. Of this kind: "
        f"{len(family)}, {of_family} shown. The more are run, the more differ by chance."
    )
