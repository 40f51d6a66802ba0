"""Figures of how far a service comparison can be trusted, and of its protocol."""

from pipelines.reporting import (
    balance_chart,
    balance_rows,
    charts,
    check_words,
    reading,
    service_words,
    theme,
)
from pipelines.reporting import formatting as fmt
from pipelines.reporting.measured import Measured
from pipelines.reporting.services import Service
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.site.service_tables import (
    EFFECT_COLUMNS,
    described,
    passport,
)
from pipelines.reporting.tables import Column, Row, Table

BALANCE_COLUMNS = (
    Column("name", "Recorded at the start"),
    Column("side", "Whose"),
    Column("before", "Before weighting", "deviations"),
    Column("after", "After weighting", "deviations"),
)
PROTOCOL_COLUMNS = (Column("part", "Part"), Column("text", "As written down"))


def followers(page: PageContext, service: Service) -> Figure:
    """Return how many people each estimate rests on, and how many have no score."""
    found: list[Row] = []
    rows = []
    for what in service.outcomes:
        effect = service.effect(what)
        if effect is None:
            continue
        rows.append(effect)
        line = {"what": what.title}
        for side in ("exposed", "comparator"):
            people, seen = effect[f"{side}_count"], effect[f"{side}_observed_count"]
            line |= {
                f"{side}_people": people,
                f"{side}_seen": seen,
                f"{side}_share": seen / people if people and seen is not None else None,
                f"{side}_worth": effect[f"{side}_effective_count"],
                "is_suppressed": True,
            }
        found.append(line)
    is_sustained = service.row["design"] == "sustained"
    who = "kept to it" if is_sustained else "could be scored"
    if service.main.is_time:
        who = "followed from day 0"
    seen_as = fmt.inside_sentence(service.seen)
    columns = [Column("what", "Outcome")]
    for label, side in zip(service.labels, ("exposed", "comparator"), strict=True):
        columns += [
            Column(f"{side}_people", f"{label}: {who}", "count"),
            Column(f"{side}_seen", seen_as, "count"),
            Column(f"{side}_share", f"{seen_as}, %", "share"),
            Column(f"{side}_worth", "worth", "count"),
        ]
    return Figure(
        id="followers",
        title=check_words.followers(service),
        definition="People on each side, how many of them have the outcome recorded, and "
        "how many equally counting people the weighted ones are worth (effective size).",
        caveat=check_words.missingness(service),
        passport=passport(page, service, "People, count", tuple(rows)),
        table=Table(tuple(columns), tuple(found)),
        span=12,
        body="plain",
        content=found,
        empty="Nobody was counted.",
    )


def sessions(page: PageContext, service: Service) -> Figure:
    """Return how many sessions each side had, and what an extra responder took."""
    response = next(
        (
            what
            for what in service.outcomes
            if what.kind == "response" and what.month == 12
        ),
        None,
    )
    effect = service.effect(response) if response else None
    shown = effect if reading.is_shown(effect) else None
    arms = service.comparison.arms
    means = tuple(service.value("sessions_mean", arm.code) for arm in arms)
    told = [
        f"{fmt.sentence_case(arm.label)}: "
        + ("not shown." if mean is None else f"{fmt.number(mean)} on average.")
        for arm, mean in zip(arms, means, strict=True)
    ]
    content = [
        ("Sessions in the first 12 months", told),
        (
            "Sessions for each extra responder",
            [service_words.sessions_per_responder(means, shown)],
        ),
    ]
    returned = check_words.shares(service, "reentered_share", "came back to therapy")
    if returned:
        content.append(("Came back after stopping", returned))
    rows = (effect,) if effect is not None else ()
    return Figure(
        id="sessions",
        title=_sessions_title(service, means),
        definition="Attended treatment sessions, and how many more of them went with one "
        "more responder.",
        caveat="Sessions for each extra responder is a rough number: it is as uncertain "
        "as the difference in responders, and it counts no other gain.",
        passport=passport(page, service, "Sessions per extra responder", rows),
        table=Table(EFFECT_COLUMNS, described(service, rows)),
        span=6,
        body="statements",
        content=content,
    )


def _sessions_title(service: Service, means: tuple[float | None, ...]) -> str:
    if None in means:
        return "How many sessions each side had is not shown"
    told = [
        f"{fmt.number(mean, 0)} with {arm.inline}"
        for arm, mean in zip(service.comparison.arms, means, strict=True)
    ]
    return f"Sessions a person in the first 12 months: {', '.join(told)}"


def balance(page: PageContext, service: Service) -> Figure:
    """Return how alike both sides were made in what was recorded at the start."""
    data, rows = balance_rows.balance(service)
    is_sustained = service.row["design"] == "sustained"
    title = check_words.balance(rows, is_sustained=is_sustained)
    who = (
        "those who keep to each strategy and everybody"
        if is_sustained
        else "both sides"
    )
    chart = None
    if data is not None:
        description = f"Dot plot. {title}. The table holds every covariate."
        chart = charts.spec(balance_chart.balance(data, description=description))
    return Figure(
        id="balance",
        title=title,
        definition=f"How far apart {who} are in what was recorded at the start, in "
        "standard deviations, before and after weighting.",
        caveat="Only what was recorded can be made alike. The table holds everything; "
        "the chart what was furthest apart.",
        passport=passport(page, service, "Standardised differences", rows=()),
        table=Table(BALANCE_COLUMNS, rows),
        span=6,
        chart=chart,
        least_width_px=480,
        empty="How alike they are is not shown.",
        legend=(
            ("dot", theme.SIGNAL["ordinary"], "Before weighting"),
            ("square", theme.BRAND, "After weighting"),
        ),
    )


def trust(page: PageContext, service: Service) -> Figure:
    """Return what would speak against the estimate, in words."""
    control = next((o for o in service.outcomes if o.role == "negative_control"), None)
    effect = service.effect(control) if control else None
    rows = (effect,) if effect is not None else ()
    content = [
        ("Negative control", [check_words.negative_control(service, control, effect)]),
        ("E-value", check_words.e_value(service)),
        ("Tipping point", check_words.tipping_point(service)),
        ("Weights", check_words.weights(service)),
    ]
    return Figure(
        id="trust",
        title=check_words.trust(service, effect),
        definition="Checks that could have spoken against the estimate.",
        caveat="Passing them does not prove the estimate right.",
        passport=passport(page, service, "Checks of the main estimate", rows),
        table=Table(EFFECT_COLUMNS, described(service, rows)),
        span=6,
        body="statements",
        content=[(label, texts) for label, texts in content if texts],
    )


def protocol(page: PageContext, service: Service) -> Figure:
    """Return the target trial: every part of the protocol as it was written down."""
    row = service.row
    parts = [
        ("Question", [row["question"]]),
        ("Questions it is about", [row["question_ids"].replace(" ", ", ")]),
        ("Who may be in it", row["eligibility"].split("\n")),
        ("Population", [row["population"]]),
        (f"First side: {row['exposed_label']}", [row["exposed_strategy"]]),
        (f"Second side: {row['comparator_label']}", [row["comparator_strategy"]]),
        ("Allocation", [row["assignment"]]),
        ("Starts", [row["time_zero"]]),
        ("Follow-up", [row["follow_up"]]),
        ("Outcomes", [_outcome(service, what) for what in service.outcomes]),
        ("What is contrasted", [row["causal_contrast"]]),
        ("Whom the answer is about", [TARGETS.get(row["target"], row["target"])]),
        (
            "Made alike in",
            [fmt.listing([_covariate(code) for code in row["covariates"].split()])],
        ),
        ("Groups looked at", [_groups(row["subgroups"])]),
        ("Main estimate", [check_words.main_estimate(service)]),
        ("Bear in mind", list(service.comparison.caveats)),
        ("Decided on", [fmt.day(row["decided_on"])]),
        ("Version", [f"{row['protocol_version']}, hash {row['protocol_hash']}"]),
        ("Comparisons run", [check_words.run(page.services, service)]),
    ]
    content = [(part, [text for text in texts if text]) for part, texts in parts]
    content = [(part, texts) for part, texts in content if texts]
    rows = tuple({"part": part, "text": "\n".join(texts)} for part, texts in content)
    return Figure(
        id="protocol",
        title="The trial that these records stand in for",
        definition="What a trial of this question would have laid down, as the protocol "
        f"of {fmt.day(row['decided_on'])} has it.",
        caveat="A change of its meaning raises the version; the hash is that of the "
        "whole file.",
        passport=passport(page, service, "The protocol", rows=()),
        table=Table(PROTOCOL_COLUMNS, rows),
        span=12,
        body="statements",
        content=content,
    )


TARGETS = {
    "everyone": "Everyone eligible",
    "overlap": "People who could well have had either",
}


def _covariate(code: str) -> str:
    return fmt.inside_sentence(balance_rows.covariate(code))


def _groups(codes: str) -> str:
    names = [
        fmt.humanise(code).replace("treatment resistant", "treatment-resistant")
        for code in codes.split()
    ]
    return fmt.sentence_case(fmt.listing([f"{name} or not" for name in names]))


ROLES = {"benefit": "", "harm": " (harm)", "negative_control": " (negative control)"}


def _outcome(service: Service, what: Measured) -> str:
    main = " (main)" if what == service.main else ""
    return f"{what.title}{ROLES[what.role]}{main}"
