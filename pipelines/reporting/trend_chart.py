"""The trend of a check: which share failed, month by month and source by source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt

from pipelines.reporting import formatting as fmt
from pipelines.reporting import marks, theme
from pipelines.reporting.marks import NOTE_PX, Styles, Width
from pipelines.reporting.quality_rows import (
    dated,
    iso,
    months_of,
    source_label,
    sources_of,
)
from pipelines.reporting.tables import Rows

FEW_MONTHS = 12
"""Up to so many months each is named on the axis; of more, each quarter's first."""

TICK_PX = 9
"""Height of the mark of a month that may not be shown."""

LEAST_TOP = 1.0
"""Least height of the axis, in 100: less would draw noise as mountains."""


@dataclass(frozen=True)
class TrendRows:
    """Rows of a trend: a place for every month, whether or not it was tested.

    `rows` hold `source`, `month` (its place, from 0), and `failed` in 100 (null breaks
    the line); `hidden` are the places of months that may not be shown. `labels` name
    places on the axis. `tolerated` is in 100; null where nothing is tolerated.
    """

    rows: list[dict]
    hidden: list[dict]
    sources: tuple[str, ...]
    labels: Mapping[int, list[str]]
    last: int
    top: float
    tolerated: float | None


def trend(rows: Rows, tolerated: float | None) -> TrendRows | None:
    """Lay out the shares of one check.

    Args:
        rows: Rows of reports.rpt_checks_by_feed_and_month of one check.
        tolerated: Share (0-1) that may fail; None where none is stated.

    Returns:
        None when no month is shown with a row that failed.
    """
    rows = dated(rows)
    shown = [row["failed_rate"] for row in rows if row["failed_rate"] is not None]
    if not any(shown):
        return None
    months = months_of(rows)
    place = {month: number for number, month in enumerate(months)}
    by_key = {(row["source"], iso(row["month"])): row for row in rows}
    sources = sources_of(rows)
    named = {source: source_label(source) for source in sources}
    found, hidden = [], set()
    for source in sources:
        for month in months:
            row = by_key.get((source, month))
            rate = row["failed_rate"] if row else None
            if row and rate is None:
                hidden.add(place[month])
            found.append(
                {
                    "source": named[source],
                    "month": place[month],
                    "failed": None if rate is None else round(100 * rate, 4),
                }
            )
    highest = max(100 * max(shown), 100 * (tolerated or 0), LEAST_TOP)
    return TrendRows(
        rows=found,
        hidden=[{"month": number} for number in sorted(hidden)],
        sources=tuple(dict.fromkeys(named.values())),
        labels=_labels(months),
        last=len(months) - 1,
        top=1.08 * highest,
        tolerated=100 * tolerated if tolerated else None,
    )


def _labels(months: list[str]) -> dict[int, list[str]]:
    """Name months on the axis, the year once and at each January."""
    found: dict[int, list[str]] = {}
    for number, month in enumerate(months):
        is_named = len(months) <= FEW_MONTHS or month[5:7] in ("01", "04", "07", "10")
        if not is_named:
            continue
        name, year = fmt.month(month).split()
        is_year_told = found and month[5:7] != "01"
        found[number] = [name[:3]] if is_year_told else [name[:3], year]
    return found


def draw(
    data: TrendRows, styles: Styles, *, width: Width = 680, description: str
) -> alt.LayerChart:
    """Draw the share that failed by month; a month not tested breaks the line.

    A tick on the axis marks a month that may not be shown, a dashed line the share that
    is tolerated.
    """
    height = 262
    scale = alt.Scale(domain=[-0.5, data.last + 0.5], nice=False)
    axis = alt.Axis(
        values=list(data.labels),
        labelExpr=f"{json.dumps({str(k): v for k, v in data.labels.items()})}[datum.value]",
        labelLineHeight=16,
    )
    x = alt.X("month:Q", title=None, scale=scale, axis=axis)
    high = alt.Scale(domain=[0, data.top], nice=False)

    def y(value: object) -> alt.Y:
        made = alt.Y if isinstance(value, str) else alt.YDatum
        levels = alt.Axis(tickCount=5, format="~f")
        return made(value, title="Failed, in 100", scale=high, axis=levels)

    rows = alt.Chart()
    colour = alt.Color(
        "source:N",
        scale=alt.Scale(
            domain=list(data.sources), range=[styles[s][0] for s in data.sources]
        ),
        legend=None,
    )
    dash = alt.StrokeDash(
        "source:N",
        scale=alt.Scale(
            domain=list(data.sources), range=[list(styles[s][1]) for s in data.sources]
        ),
        legend=None,
    )
    layers = [
        alt.Chart(marks.inline(data.hidden))
        .mark_rule(color=theme.SIGNAL["ordinary"], strokeWidth=3)
        .encode(x, y=alt.value(height), y2=alt.value(height - TICK_PX)),
        rows.mark_line().encode(x, y("failed:Q"), colour, dash),
        rows.mark_point(size=34).encode(x, y("failed:Q"), colour),
    ]
    if data.tolerated is not None:
        level = alt.Chart(marks.inline([{}]))
        layers += [
            level.mark_rule(color=theme.INK_SECONDARY, strokeDash=[5, 4]).encode(
                y(data.tolerated)
            ),
            marks.still(
                align="right",
                baseline="bottom",
                color=theme.INK_SECONDARY,
                fontSize=NOTE_PX,
            ).encode(
                y=alt.value(-10),
                x=alt.value(alt.expr("width")),
                text=alt.value(f"Dashed: {data.tolerated:g} in 100 is tolerated"),
            ),
        ]
    return marks.layer(
        data.rows,
        layers,
        width=width,
        height=height,
        description=description,
        reserve=(0, 0),
    )
