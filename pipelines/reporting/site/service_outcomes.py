"""Figures of what was found in a service comparison: the answer, outcomes, harms."""

from pipelines.reporting import (
    charts,
    check_words,
    reading,
    service_rows,
    service_words,
    theme,
)
from pipelines.reporting import formatting as fmt
from pipelines.reporting.measured import Measured
from pipelines.reporting.service_rows import Group, Line
from pipelines.reporting.services import PLAIN, Service
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.site.service_tables import (
    EFFECT_COLUMNS,
    described,
    forest_spec,
    passport,
)
from pipelines.reporting.tables import Column, Row, Table

HORIZON_COLUMNS = (
    Column("when", "Scored at"),
    Column("what", "Outcome"),
    Column("exposed", "First side"),
    Column("comparator", "Second side"),
    Column("difference", "Difference (95% interval)"),
)


def answer(page: PageContext, service: Service) -> Figure:
    """Return the answer in a sentence, with what it rests on; or why there is none."""
    main, row = service.comparison.main, service.row
    design = row["design"]
    title = service_words.withheld(main).rstrip(".")
    if service.is_shown:
        title = service_words.finding(service.labels, service.main, main)
    warned = check_words.override(service) if service.is_shown else []
    content = [("Failed its checks", warned)] if warned else []
    content += [("How it was done", [service_words.DESIGNS[design]])]
    sides = zip(service.labels, ("exposed", "comparator"), strict=True)
    content += [(label, [row[f"{side}_strategy"]]) for label, side in sides]
    content += [("Whom it is about", [row["population"]])]
    if service.is_shown:
        content += [("What it does not show", [service_words.DOES_NOT_SHOW[design]])]
    if service.is_shown and service.comparison.caveats:
        content += [("Bear in mind", list(service.comparison.caveats))]
    rows = (main,)
    return Figure(
        id="answer",
        title=title,
        definition="The one estimate that was named before anybody looked."
        if service.is_shown
        else "A comparison that its records do not support shows no figures.",
        caveat="The words of the protocol stand in full below.",
        passport=passport(page, service, f"{service.main.title}, main estimate", rows),
        table=Table(
            EFFECT_COLUMNS, described(service, rows) if service.is_shown else ()
        ),
        span=12,
        body="statements",
        content=content,
    )


def in_hundred(page: PageContext, service: Service, *, is_harm: bool) -> Figure | None:
    """Return how many in 100 have each good outcome, or each harm, on either side."""
    role = "harm" if is_harm else "benefit"
    outcomes = service.of_role(role, is_points=False)
    if not outcomes:
        return None
    rows = tuple(
        row for what in outcomes for row in (service.effect(what),) if row is not None
    )
    data = service_rows.in_hundred(service, outcomes)
    title = _hundred_title(service, outcomes, is_harm=is_harm)
    chart = None
    if data is not None:
        description = f"Bar chart. {title}. The table holds every estimate."
        styles = theme.group_styles(service.labels)
        chart = charts.spec(charts.response(data, styles, description=description))
    meanings = dict.fromkeys(
        f"{what.name}: {what.meaning}." for what in outcomes if what.meaning
    )
    important = [] if is_harm or service.main.is_time else [_important(service)]
    caveat = " ".join([*meanings, *important])
    return Figure(
        id="harms" if is_harm else "in_hundred",
        title=title,
        definition="Of 100 people like those compared: how many are estimated to have "
        "each outcome under either strategy.",
        caveat=caveat,
        passport=passport(page, service, f"Shares of people, {role}", rows),
        table=Table(EFFECT_COLUMNS, described(service, rows)),
        span=6,
        chart=chart,
        least_width_px=440,
        empty="None of these was estimated.",
    )


def _hundred_title(
    service: Service, outcomes: tuple[Measured, ...], *, is_harm: bool
) -> str:
    """State the first of the outcomes that is shown."""
    for what in sorted(
        outcomes, key=lambda one: (one.month != 12, one.kind != "response")
    ):
        effect = service.effect(what)
        if reading.is_shown(effect) and effect["exposed_level"] is not None:
            one, other = (
                fmt.per_hundred(effect[f"{side}_level"])
                for side in ("exposed", "comparator")
            )
            first, second = map(fmt.inside_sentence, service.labels)
            text = (
                f"{fmt.sentence_case(what.when)}, an estimated {one} in 100 {what.said} "
                f"with {first}, {other} with {second}"
            )
            if service_words.includes_none(effect):
                text += "; the interval includes no difference"
            return text
    return "Harms are not shown" if is_harm else "Shares of people are not shown"


def _important(service: Service) -> str:
    """Say how large a difference in score matters, where that is known."""
    instrument = service.main.instrument
    points = instrument.get("minimal_important_difference_points")
    if points is None:
        return (
            f"No smallest important difference is agreed for the {instrument['name']}."
        )
    return (
        f"The smallest difference on the {instrument['name']} that matters to people is "
        f"taken as {fmt.number(points, 0)} points."
    )


def effects(page: PageContext, service: Service) -> Figure:
    """Return the differences in scores over time, the plain one beside the adjusted."""
    outcomes = service.of_role("benefit", is_points=True)
    by_instrument: dict[str, list[Measured]] = {}
    for what in sorted(
        outcomes, key=lambda one: one.instrument != service.main.instrument
    ):
        by_instrument.setdefault(what.instrument["instrument"], []).append(what)
    groups, rows = [], []
    for members in by_instrument.values():
        lines = []
        for what in members:
            adjusted, plain = service.effect(what), service.effect(what, PLAIN)
            is_main = what == service.main and " (main)"
            text = f"{fmt.sentence_case(what.when)}{is_main or ''}"
            lines.append(Line(text, adjusted, plain))
            rows += [row for row in (adjusted, plain) if row is not None]
        better = "lower is better" if members[0].is_lower_better else "higher is better"
        groups.append(Group(f"{members[0].name}, points ({better})", lines))
    points = service.main.instrument.get("minimal_important_difference_points")
    data = service_rows.forest(
        service,
        groups,
        title=f"Difference in points, {' minus '.join(service.labels).lower()}",
        headings=("Scored at", "Adjusted (95% interval)", "Plain (95% interval)"),
        # Questionnaires may point either way, so the sides of zero have no name.
        is_lower_better=service.main.is_lower_better if len(groups) == 1 else None,
        important=points,
    )
    title = _effects_title(
        service, by_instrument[service.main.instrument["instrument"]]
    )
    dashed = "" if points is None else f" Dashed lines: {_important(service)}"
    return Figure(
        id="effects",
        title=title,
        definition="Difference in mean score, first side minus second, with its 95% "
        "interval. Grey is the plain difference, which mixes in who got what.",
        caveat="Only the row marked main was named beforehand as the answer; the others "
        f"are for context.{dashed}",
        passport=passport(page, service, "Difference in mean points", tuple(rows)),
        table=Table(EFFECT_COLUMNS, described(service, tuple(rows))),
        span=12,
        chart=forest_spec(data, title),
        least_width_px=1060,
        empty="No difference in scores was estimated.",
        legend=(
            ("square", theme.BRAND, "Adjusted"),
            ("dot", theme.SIGNAL["ordinary"], "Plain, not adjusted"),
        ),
    )


def _effects_title(service: Service, outcomes: list[Measured]) -> str:
    """State the difference on the main instrument at each time that is shown."""
    told = [
        f"{service_words.amount(effect)} {what.when}"
        for what in outcomes
        if reading.is_shown(effect := service.effect(what))
    ]
    return f"Difference in {service.main.name}, in points: {fmt.listing(told)}"


def horizons(page: PageContext, service: Service) -> Figure:
    """Return each time beside the others, and who is in therapy then."""
    wanted = [
        what
        for what in service.outcomes
        if what.role == "benefit"
        and (what.kind == "response" or what.instrument == service.main.instrument)
        and what.kind in ("points", "response")
    ]
    wanted.sort(key=lambda what: (what.month, what.kind))
    found: list[Row] = []
    for what in wanted:
        effect = service.effect(what)
        is_shown = reading.is_shown(effect)
        sides = (_level(what, effect, side) for side in ("exposed", "comparator"))
        exposed, comparator = sides
        on = service.treatment[what.outcome_id]
        if on != (None, None):
            exposed, comparator = (
                f"{text}; {service_words.TREATMENT[state]}"
                for text, state in zip((exposed, comparator), on, strict=True)
            )
        difference = "not shown"
        if is_shown:
            difference = (
                f"{service_words.amount(effect)} ({service_words.limits(effect)})"
            )
        found.append(
            {
                "when": fmt.sentence_case(fmt.months(what.month)),
                "what": "Mean score" if what.is_points else "Responded, in 100",
                "exposed": exposed,
                "comparator": comparator,
                "difference": difference,
            }
        )
    columns = list(HORIZON_COLUMNS)
    columns[2] = Column("exposed", service.labels[0])
    columns[3] = Column("comparator", service.labels[1])
    rows = tuple(
        row for what in wanted for row in (service.effect(what),) if row is not None
    )
    is_sustained = service.row["design"] == "sustained"
    return Figure(
        id="horizons",
        title="Sooner and later, on treatment and off it"
        if is_sustained
        else "Sooner and later",
        definition="Estimated mean score, and responders in 100, under either strategy.",
        caveat="On treatment means: those who keep to the strategy are still in therapy "
        "when they are scored. A gain on treatment may not last."
        if is_sustained
        else "People may change or add treatment later, as they did in life.",
        passport=passport(page, service, "Scores and response by time", rows),
        table=Table(tuple(columns), tuple(found)),
        span=6,
        body="plain",
        content=found,
        empty="No time has an estimate.",
    )


def _level(what: Measured, effect: Row | None, side: str) -> str:
    if not reading.is_shown(effect) or effect[f"{side}_level"] is None:
        return "not shown"
    level = effect[f"{side}_level"]
    return fmt.number(level) if what.is_points else fmt.per_hundred(level)
