"""The five headline numbers: each one published, none computed beyond a sum."""

from dataclasses import dataclass

from pipelines.reporting import effect_rows, reading, words
from pipelines.reporting import formatting as fmt
from pipelines.reporting.reading import Comparison
from pipelines.reporting.site.figure import PageContext
from pipelines.reporting.tables import Row

HIDDEN = "Hidden"
WITHHELD = "Withheld"
NONE = "None"


@dataclass(frozen=True)
class Headline:
    """A number with its label and one line that says what it means."""

    label: str
    value: str
    note: str


def headlines(page: PageContext) -> tuple[Headline, ...]:
    """Return the headline numbers in the order they are printed.

    Without a trial to tell of they say how many comparisons of the service are shown.
    """
    if page.run_services and not page.told:
        return (_people(page), _services(page), _checks(page))
    return (
        _people(page),
        _followed_up(page),
        _difference(page),
        _response(page),
        _checks(page),
    )


def _people(page: PageContext) -> Headline:
    sources = page.reports.sources
    names = fmt.listing([fmt.title_case(row["source"]) for row in sources])
    is_trial = len(sources) == 1 and page.told and page.lead.is_randomised
    label = "People in the trial" if is_trial else "People in the records"
    counts = [row["patients_count"] for row in sources]
    if not counts:
        return Headline(label, NONE, "No source has been accepted")
    if None in counts:
        return Headline(label, HIDDEN, f"From {names}")
    return Headline(label, fmt.count(sum(counts)), f"From {names}")


def _services(page: PageContext) -> Headline:
    run = page.run_services
    shown = sum(one.is_shown for one in run)
    value = f"{shown} of {len(run)}"
    return Headline("Comparisons shown", value, "Nobody was allocated at random")


def _followed_up(page: PageContext) -> Headline:
    lead = page.lead
    if lead and not page.told:
        return Headline("Followed up", HIDDEN, f"{words.TOO_FEW} at any follow-up")
    rows = reading.of(page.reports.patient_flow_by_arm, lead) if lead else ()
    steps = sorted({(row["step_number"], row["step"]) for row in rows})
    if len(steps) < 2:
        return Headline("Followed up", NONE, "No follow-up was recorded")
    label = reading.step_label(steps[-1][1])
    last = [row["people_count"] for row in rows if row["step_number"] == steps[-1][0]]
    first = [row["people_count"] for row in rows if row["step_number"] == steps[0][0]]
    if None in (*last, *first):
        return Headline(label, HIDDEN, f"{words.TOO_FEW} in one of the arms")
    by_arm = {r["arm"]: r for r in rows if r["step_number"] == steps[-1][0]}
    parts = [
        f"{fmt.count(by_arm[arm.code]['people_count'])} with {arm.inline}"
        for arm in lead.arms
        if arm.code in by_arm
    ]
    value = f"{fmt.count(sum(last))} of {fmt.count(sum(first))}"
    return Headline(label, value, fmt.listing(parts))


def _difference(page: PageContext) -> Headline:
    lead = page.lead
    if lead is None or lead.main is None:
        return Headline("Main comparison", NONE, "No main estimate was made")
    main = lead.main
    what = reading.outcome(main["outcome_id"])
    label = "Estimated effect" if lead.is_randomised else "Difference that went with"
    if not lead.is_randomised:
        label = f"{label} {lead.exposed.inline}"
    if main["is_withheld"]:
        return Headline("Main comparison", WITHHELD, words.absence(main))
    if not reading.is_shown(main):
        return Headline("Main comparison", HIDDEN, words.TOO_FEW)
    limits = fmt.interval(main["estimate_low"], main["estimate_high"])
    instrument = page.instrument(what.instrument)
    low, _ = words.favours(lead, is_lower_better=reading.is_lower_better(instrument))
    note = f"95% interval {limits}; {what.when}. Below zero {low}"
    return Headline(label, f"{fmt.signed(main['estimate'])} points", note)


def _response(page: PageContext) -> Headline:
    effects = page.effects
    pairs = effect_rows.first_responses(page.comparisons, effects)
    found = next((row for item, row in pairs if item == page.lead), None)
    if page.lead is None or found is None:
        return Headline("Response", NONE, "Response was not compared")
    label = f"Response {reading.outcome(found['outcome_id']).when}"
    if found["is_withheld"]:
        return Headline(label, WITHHELD, words.absence(found))
    levels = (found["exposed_level"], found["comparator_level"])
    if not reading.is_shown(found) or None in levels:
        return Headline(label, HIDDEN, words.TOO_FEW)
    value = " v ".join(f"{fmt.per_hundred(level)}%" for level in levels)
    return Headline(label, value, _response_note(page.lead, found))


def _response_note(lead: Comparison, effect: Row) -> str:
    keys = ("estimate_low", "estimate_high")
    limits = fmt.interval(*(100 * effect[key] for key in keys), 0)
    return f"{lead.name}; difference {limits} points (95% interval)"


def _checks(page: PageContext) -> Headline:
    rows = page.reports.data_quality_by_stage
    total = sum(row["checks_count"] for row in rows)
    if not total:
        return Headline("Checks passed", NONE, "No check was recorded")
    passed = sum(row["passed_count"] for row in rows)
    warnings = fmt.plural(sum(row["warnings_count"] for row in rows), "warning")
    failed = f"{fmt.count(sum(row['failed_count'] for row in rows))} failed"
    value = f"{fmt.count(passed)} of {fmt.count(total)}"
    return Headline("Checks passed", value, f"{warnings}, {failed}")
