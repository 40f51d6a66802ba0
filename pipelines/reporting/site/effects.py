"""Figures of the estimates: forest plots and responders in 100."""

from pipelines.reporting import charts, effect_rows, reading, theme, words
from pipelines.reporting import formatting as fmt
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.tables import Column, Row, Rows, Table

EFFECT_COLUMNS = (
    Column("name", "Comparison"),
    Column("design", "Design"),
    Column("instrument_name", "Instrument"),
    Column("when", "Follow-up"),
    Column("estimator", "Estimate"),
    Column("scale_name", "Scale"),
    Column("exposed_observed_count", "Scored, first arm", "count"),
    Column("comparator_observed_count", "Scored, second arm", "count"),
    Column("exposed_level", "First arm", "estimate"),
    Column("comparator_level", "Second arm", "estimate"),
    Column("estimate", "Difference", "estimate"),
    Column("estimate_low", "95% interval from", "estimate"),
    Column("estimate_high", "to", "estimate"),
    Column("p_value", "p", "p"),
    Column("p_value_holm", "p, Holm", "p"),
    Column("is_primary", "Main"),
    Column("withheld_reason", "Withheld because"),
)
RESPONSE_COLUMNS = (
    Column("name", "Comparison"),
    Column("arm_label", "Arm"),
    Column("follow_up_month", "Month", "count"),
    Column("observed_count", "Scored", "count"),
    Column("response_eligible_count", "Could respond", "count"),
    Column("response_count", "Responded", "count"),
    Column("response_rate", "Responded, %", "share"),
    Column("remission_count", "In remission", "count"),
    Column("remission_rate", "In remission, %", "share"),
)
ESTIMATORS = {
    "unadjusted": "plain",
    "ancova": "adjusted (ANCOVA)",
    "mixed_model": "adjusted (mixed model)",
    "growth": "adjusted (own curves)",
}
SCALES = {
    "mean_difference": "points",
    "hedges_g": "Hedges g",
    "risk_difference": "share",
}
HUNDRED = "none: counts and shares as recorded, not adjusted"


def forests(page: PageContext) -> list[Figure]:
    """Return the differences in points of every comparison, a figure per instrument."""
    codes = dict.fromkeys(
        what.instrument
        for row in page.effects
        if (what := reading.outcome(row["outcome_id"])).measure == "points"
    )
    if not codes:
        return [_forest(page, None)]
    return [_forest(page, code) for code in codes]


def _forest(page: PageContext, code: str | None) -> Figure:
    instrument = page.instrument(code) if code else {"instrument": "", "name": "score"}
    effects = page.effects
    order = {item.id: number for number, item in enumerate(page.comparisons)}
    rows = tuple(
        sorted(
            (r for r in effects if reading.outcome(r["outcome_id"]).instrument == code),
            key=lambda row: (order[row["comparison_id"]], row["outcome_id"]),
        )
    )
    title = _forest_title(page, code, instrument)
    data = effect_rows.forest(page.comparisons, effects, instrument) if code else None
    chart = None
    if data is not None:
        description = f"Forest plot. {title}. The table holds every estimate."
        chart = charts.spec(charts.forest(data, description=description))
    return Figure(
        id=f"forest_{code or 'none'}",
        title=title,
        definition=f"Difference in mean {instrument['name']}, first arm minus second, "
        "with its 95% interval.",
        caveat="Adjusted figures allow for the score before treatment and what each "
        "protocol names. Only a randomised main estimate is an estimated effect; "
        "the rest went with the arm." + _important(instrument, data),
        passport=page.figure_passport(
            measure=f"{instrument['name']}, difference in mean points",
            version="; ".join(item.version for item in page.comparisons) or "none",
            population=f"{fmt.plural(len(page.comparisons), 'comparison')}, each with "
            "its own population, stated below",
            diagnostics=gate(rows),
            rows=rows,
        ),
        table=Table(EFFECT_COLUMNS, tuple(_described(page, row) for row in rows)),
        span=12,
        chart=chart,
        least_width_px=1060,
        empty="No difference in scores was estimated from these records.",
        legend=_forest_legend(data),
        notes=_withheld(page, rows),
        notes_title="Why estimates are withheld, in full",
    )


def _forest_title(page: PageContext, code: str | None, instrument: Row) -> str:
    """State the first main estimate on this instrument."""
    better = reading.is_lower_better(instrument)
    for item in page.comparisons:
        if item.main and reading.outcome(item.main["outcome_id"]).instrument == code:
            return words.main_estimate(item, is_lower_better=better)
    if page.lead and page.lead.main:
        return words.without_main(instrument["name"])
    return words.main_estimate(page.lead, is_lower_better=better)


def _important(instrument: Row, data: effect_rows.ForestRows | None) -> str:
    points = instrument.get("minimal_important_difference_points")
    if data is not None and points is not None:
        amount = fmt.number(points, 0)
        return f" Dashed: the smallest important difference, {amount} points."
    share = instrument.get("minimal_important_difference_share")
    if data is not None and share is not None:
        amount = fmt.per_hundred(share, 1)
        return f" Smallest important change: {amount}% of a person's first score."
    return ""


def _forest_legend(
    data: effect_rows.ForestRows | None,
) -> tuple[tuple[str, str, str], ...]:
    if data is None:
        return ()
    return (
        ("square", theme.BRAND, "Adjusted"),
        ("dot", theme.SIGNAL["ordinary"], "Plain, not adjusted"),
    )


def gate(rows: Rows) -> str:
    """Say how many of the estimates of a figure the gate let through."""
    withheld = sum(1 for row in rows if row["is_withheld"])
    if withheld:
        return f"{withheld} of {fmt.plural(len(rows), 'estimate')} withheld by the gate"
    return f"{fmt.plural(len(rows), 'estimate')} made, none withheld"


def _withheld(page: PageContext, rows: Rows) -> tuple[str, ...]:
    """Say in full why estimates are withheld, each reason once."""
    names = {item.id: item.name for item in page.comparisons}
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["is_withheld"] and row["scale"] == "mean_difference":
            key = (names[row["comparison_id"]], row["withheld_reason"] or "")
            when = reading.outcome(row["outcome_id"]).when
            times = reasons.setdefault(key, [])
            if when not in times:
                times.append(when)
    return tuple(
        f"{name}, {fmt.listing(times)}, withheld: {why}"
        for (name, why), times in reasons.items()
    )


def _described(page: PageContext, effect: Row) -> Row:
    """Put an estimate's codes into words."""
    what = reading.outcome(effect["outcome_id"])
    owner = next(c for c in page.comparisons if c.id == effect["comparison_id"])
    estimator, scale = effect["estimator_id"], effect["scale"]
    return {
        **effect,
        "name": owner.name,
        "design": words.design(owner),
        "instrument_name": page.instrument(what.instrument)["name"],
        "when": f"{what.measure}, {what.when}",
        "estimator": ESTIMATORS.get(estimator, fmt.humanise(estimator)),
        "scale_name": SCALES.get(scale, fmt.humanise(scale)),
    }


def response(page: PageContext) -> Figure:
    """Return how many in 100 responded in each arm of every comparison."""
    effects = page.effects
    pairs = effect_rows.first_responses(page.comparisons, effects)
    of_lead = next((row for item, row in pairs if item == page.lead), None)
    title = words.response(page.lead, of_lead)
    chart = None
    if pairs:
        codes = {reading.outcome(row["outcome_id"]).instrument for _, row in pairs}
        names = {code: page.instrument(code)["name"] for code in codes}
        data = effect_rows.response(pairs, names)
        description = f"Bar chart. {title}. The table holds every follow-up."
        chart = charts.spec(charts.response(data, page.styles, description=description))
    ids = {item.id for item in page.comparisons}
    by_arm = tuple(
        row
        for row in page.reports.outcomes_by_arm_and_follow_up
        if row["comparison_id"] in ids
    )
    rows = tuple(row for _, row in pairs)
    return Figure(
        id="response",
        title=title,
        definition="Responders in 100 people, the score at least halved, at the first "
        "follow-up; the difference with its 95% interval.",
        caveat="Counts people scored high enough at the start to respond. Not "
        "adjusted. Later follow-ups and remission are in the table.",
        passport=page.figure_passport(
            measure="Response: score at least halved; remission: below the cut-off",
            version="; ".join(item.version for item in page.comparisons) or "none",
            population="People who could respond and were scored",
            diagnostics=gate(rows) if rows else HUNDRED,
            rows=(*rows, *by_arm),
        ),
        table=Table(RESPONSE_COLUMNS, _named(page, by_arm)),
        span=5,
        chart=chart,
        least_width_px=440,
        empty="No difference in response was estimated from these records.",
    )


def _named(page: PageContext, rows: Rows) -> Rows:
    labels = {
        (item.id, arm.code): (number, item.name, arm.label)
        for number, item in enumerate(page.comparisons)
        for arm in item.arms
    }
    found = []
    for row in rows:
        number, name, arm = labels[row["comparison_id"], row["arm"]]
        found.append({**row, "name": name, "arm_label": arm, "_order": number})
    found.sort(key=lambda r: (r["_order"], r["arm_label"], r["follow_up_month"]))
    return tuple(found)
