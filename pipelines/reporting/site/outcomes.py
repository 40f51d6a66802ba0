"""Figures of scores and people over time: trajectories and patient flows."""

from dataclasses import replace

from pipelines.reporting import chart_rows, charts, reading, words
from pipelines.reporting import formatting as fmt
from pipelines.reporting.reading import Comparison
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.tables import Column, Rows, Table

SCORE_COLUMNS = (
    Column("arm_label", "Arm"),
    Column("follow_up_month", "Month", "count"),
    Column("people_count", "People", "count"),
    Column("observed_count", "Scored", "count"),
    Column("mean_points", "Mean, points", "points"),
    Column("mean_low", "95% interval from", "points"),
    Column("mean_high", "to", "points"),
)
FLOW_COLUMNS = (
    Column("arm_label", "Arm"),
    Column("step_number", "Step", "count"),
    Column("step_label", "Who"),
    Column("people_count", "People", "count"),
)


def trajectories(page: PageContext, comparison: Comparison) -> list[Figure]:
    """Return the mean scores by arm over time, one figure per instrument."""
    rows = reading.of(page.reports.scores_by_arm_and_follow_up, comparison)
    codes = dict.fromkeys(row["instrument"] for row in rows)
    return [
        _trajectory(page, comparison, code, of_instrument)
        for code in codes
        if (of_instrument := tuple(row for row in rows if row["instrument"] == code))
    ]


def _trajectory(
    page: PageContext, comparison: Comparison, code: str, rows: Rows
) -> Figure:
    instrument = page.instrument(code)
    title = words.trajectory(comparison, rows)
    data = chart_rows.scores(comparison, rows, instrument)
    chart = None
    if data is not None:
        description = f"Line chart. {title}. The table holds every point."
        chart = charts.spec(
            charts.trajectory(data, page.styles, description=description)
        )
    hidden = sum(1 for row in rows if row["mean_points"] is None)
    gaps = f" {fmt.plural(hidden, 'point')} not shown." if hidden and data else ""
    follow_up = words.follow_up_gaps(comparison, rows)
    return Figure(
        id=f"scores_{comparison.id}_{code}",
        title=title,
        definition=f"{comparison.name}: mean {instrument['name']} score of the people "
        "scored at each follow-up, with its 95% interval.",
        caveat=f"{follow_up} Later means leave out those not scored.{gaps}",
        passport=page.figure_passport(
            measure=f"{instrument['name']}, total points, mean of those scored",
            version=comparison.version,
            population=comparison.row["population"],
            diagnostics="none: means as recorded, not adjusted",
            rows=rows,
        ),
        table=Table(SCORE_COLUMNS, _labelled(comparison, rows)),
        span=7,
        chart=chart,
        least_width_px=600,
        empty=f"{words.TOO_FEW} without pointing at someone.",
    )


def _labelled(comparison: Comparison, rows: Rows) -> Rows:
    """Name the arms, exposed first, in the order of time."""
    order = {arm.code: number for number, arm in enumerate(comparison.arms)}
    labels = {arm.code: arm.label for arm in comparison.arms}
    keys = ("follow_up_month", "step_number")
    found = [
        {
            **row,
            "arm_label": labels[row["arm"]],
            "step_label": reading.step_label(row.get("step", "")),
        }
        for row in rows
    ]
    found.sort(key=lambda r: (order[r["arm"]], *(r.get(key, 0) for key in keys)))
    return tuple(found)


def flow(page: PageContext, comparison: Comparison) -> Figure:
    """Return who of each arm is left at each step, and who is not in the number."""
    rows = reading.of(page.reports.patient_flow_by_arm, comparison)
    title = words.flow(comparison, rows)
    data = chart_rows.flow(comparison, rows)
    chart = None
    if data is not None:
        description = f"Bar chart. {title}. The table holds every count."
        chart = charts.spec(charts.flow(data, page.styles, description=description))
    return Figure(
        id=f"flow_{comparison.id}",
        title=title,
        definition=f"{comparison.name}: people at each step; grey is who is not in it.",
        caveat="Not scored means that no questionnaire was recorded at that follow-up. "
        "The records do not say why.",
        passport=page.figure_passport(
            measure="People in the comparison, count",
            version=comparison.version,
            population=comparison.row["population"],
            diagnostics="none: counts",
            rows=rows,
        ),
        table=Table(FLOW_COLUMNS, _labelled(comparison, rows)),
        span=6,
        chart=chart,
        least_width_px=390,
        empty=f"{words.TOO_FEW} without pointing at someone.",
        legend=tuple(
            ("bar", page.styles[arm.label][0], arm.label) for arm in comparison.arms
        ),
    )


def spread(figures: list[Figure], widths: tuple[int, ...] = (6, 6)) -> list[Figure]:
    """Give figures their columns in turn; a lone last one takes the whole width."""
    found = [
        replace(figure, span=widths[number % len(widths)])
        for number, figure in enumerate(figures)
    ]
    if found and len(found) % len(widths) == 1 and len(widths) > 1:
        found[-1] = replace(found[-1], span=12)
    return found
