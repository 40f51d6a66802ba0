"""Figures of the main outcome looked at again: in groups of people, in other ways."""

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, service_rows, service_words, theme
from pipelines.reporting.service_rows import Group, Line
from pipelines.reporting.services import AS_PLANNED, EVERYONE, PLAIN, Service
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.site.service_tables import (
    EFFECT_COLUMNS,
    POPULATIONS,
    described,
    forest_spec,
    passport,
)
from pipelines.reporting.tables import Row, Table


def subgroups(page: PageContext, service: Service) -> Figure | None:
    """Return the main outcome in groups of people, and whether they differ."""
    own = [
        row
        for row in service.effects
        if row["outcome_id"] == service.main.outcome_id
        and row["population_id"] != EVERYONE
        and row["specification_id"] == AS_PLANNED
    ]
    order = list(POPULATIONS)
    own.sort(
        key=lambda row: (
            order.index(row["population_id"])
            if row["population_id"] in order
            else len(order)
        )
    )
    first = "mean_difference" if service.main.is_points else "risk_difference"

    def lines(scale: str) -> list[Line]:
        return [
            Line(
                POPULATIONS.get(
                    row["population_id"], fmt.humanise(row["population_id"])
                ),
                row,
            )
            for row in own
            if row["scale"] == scale
        ]

    inside, between = lines(first), lines(f"interaction_{first}")
    if not inside and not between:
        return None
    data = service_rows.forest(
        service,
        (
            Group("Difference within each group", inside),
            Group("How much more in this group than in everyone else", between),
        ),
        title=f"Difference, {service.main.title}",
        headings=("Group of people", "Adjusted (95% interval)", ""),
        is_lower_better=service.main.is_lower_better,
        important=service.main.instrument.get("minimal_important_difference_points"),
    )
    title = _subgroup_title([line.adjusted for line in between])
    return Figure(
        id="subgroups",
        title=title,
        definition=f"{service.main.title}: the main estimate within groups that were "
        "named beforehand, and whether the groups differ.",
        caveat="A difference in one group and none in another is not a difference "
        "between the groups: only the lower rows tell that. Groups are smaller, so "
        "intervals are wider.",
        passport=passport(page, service, f"{service.main.title}, by group", tuple(own)),
        table=Table(EFFECT_COLUMNS, described(service, tuple(own))),
        span=12,
        chart=forest_spec(data, title),
        least_width_px=900,
        empty="No group was estimated.",
    )


def _subgroup_title(between: list[Row]) -> str:
    shown = [row for row in between if reading.is_shown(row)]
    if not shown:
        return "Whether groups of people differ is not shown"
    apart = [row for row in shown if not service_words.includes_none(row)]
    if not apart:
        return "No clear sign that it differs between groups of people"
    names = [
        fmt.inside_sentence(POPULATIONS.get(row["population_id"], row["population_id"]))
        for row in apart
    ]
    return f"The difference is not the same for everyone: {fmt.listing(names)}"


def specifications(page: PageContext, service: Service) -> Figure:
    """Return every estimate of the main outcome, the pre-declared one marked."""
    first = "mean_difference" if service.main.is_points else "risk_difference"
    rows = [
        row
        for row in service.effects
        if row["outcome_id"] == service.main.outcome_id
        and row["population_id"] == EVERYONE
        and row["scale"] == first
    ]
    main = service.comparison.main
    rows.sort(
        key=lambda row: (
            row != main,
            row["estimator_id"] != service.estimator,
            row["estimator_id"],
            row["specification_id"] != AS_PLANNED,
            row["specification_id"],
        )
    )
    plain = [row for row in rows if row["estimator_id"] == PLAIN]
    adjusted = [row for row in rows if row["estimator_id"] != PLAIN]
    others = [row for row in adjusted if row != main and reading.is_shown(row)]
    names = {row["specification_id"] for row in rows}
    has_bounds = names & {"worst_case", "best_case"}
    bounds = (
        " The worst and the best case are bounds, not guesses." if has_bounds else ""
    )
    data = service_rows.forest(
        service,
        (
            Group("Pre-declared", [_named(row) for row in adjusted if row == main]),
            Group("Other ways", [_named(row) for row in adjusted if row != main]),
            Group(
                "For contrast",
                [Line(service_rows.specification(row), None, row) for row in plain],
            ),
        ),
        title=f"Difference, {service.main.title}",
        headings=(
            "Way of estimating",
            "Adjusted (95% interval)",
            "Plain (95% interval)",
        ),
        is_lower_better=service.main.is_lower_better,
        important=service.main.instrument.get("minimal_important_difference_points"),
    )
    title = service_words.other_ways(main, others)
    return Figure(
        id="specifications",
        title=title,
        definition=f"{service.main.title}: the pre-declared estimate and the same "
        "difference estimated in other ways.",
        caveat=service_words.agreement(main, others) + bounds,
        passport=passport(page, service, service.main.title, tuple(rows)),
        table=Table(EFFECT_COLUMNS, described(service, tuple(rows))),
        span=12,
        chart=forest_spec(data, title),
        least_width_px=1060,
        empty="It was not estimated.",
        legend=(
            ("square", theme.BRAND, "Adjusted"),
            ("dot", theme.SIGNAL["ordinary"], "Plain, not adjusted"),
        ),
    )


def _named(row: Row) -> Line:
    return Line(service_rows.specification(row), row)
