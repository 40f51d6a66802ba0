"""One Altair function per chart; the same function feeds the page and the packs.

One view per chart, every data set inline, no statistics. Each function takes rows made
by `chart_rows` or `effect_rows` and returns a chart; `spec` puts it in the theme.
"""

import json
from typing import Any

import altair as alt

from pipelines.reporting import marks, theme
from pipelines.reporting.chart_rows import FlowRows, ScoreRows
from pipelines.reporting.effect_rows import ForestRows, ResponseRows
from pipelines.reporting.marks import CHARACTER_PX, NOTE_PX, Styles, Width


def spec(chart: alt.LayerChart) -> dict[str, Any]:
    """Return a chart as a Vega-Lite specification in the project's theme."""
    return {**chart.to_dict(), "config": theme.vega_config()}


def trajectory(
    data: ScoreRows, styles: Styles, *, width: Width = "container", description: str
) -> alt.LayerChart:
    """Draw mean scores by arm with intervals, and the number scored under them.

    Severity bands, where the instrument has them, are named on the axis. A point that
    is not shown breaks its line.
    """
    height, under = 310, 54
    names = [*data.arms, *(name for _, name in data.bands), "Number scored"]
    left = 12 + CHARACTER_PX * max(map(len, names))
    right = 22 + CHARACTER_PX * data.label_characters
    kind = _kinds("point", "label", "scored", "arm")
    colour = marks.arm_colour(styles, data.arms)
    x = alt.X(
        "x:Q",
        title="Months since the start",
        scale=alt.Scale(domain=[data.months[0] - 0.3, data.months[-1] + 0.3]),
        axis=alt.Axis(values=list(data.months), format="d", titleAnchor="end"),
    )
    axis = _score_axis(data, left)
    scale = alt.Scale(domain=[data.bottom, data.top], nice=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=data.title, scale=scale, axis=axis)

    def below(line: str) -> Any:
        return alt.value(alt.expr(f"height + {under} + 21 * {line}"))

    bands = alt.Chart(marks.inline(data.band_rows))
    layers = [
        bands.mark_rect(color=theme.BAND).encode(y=y("from"), y2="to:Q"),
        kind["point"]
        .mark_line(strokeWidth=2.25)
        .encode(x, y("mean"), colour, marks.arm_dash(styles, data.arms)),
        kind["point"]
        .mark_rule(strokeWidth=2, clip=True)
        .encode(x, y("low"), colour, y2="high:Q"),
        kind["point"]
        .mark_point(size=58, stroke="white", strokeWidth=1.25)
        .encode(x, y("mean"), colour, tooltip=marks.tips(data.tips)),
        kind["label"]
        .mark_text(
            align="left", baseline="middle", dx=12, fontWeight=500, lineBreak="\n"
        )
        .encode(x, y("mean"), colour, text="text:N"),
        kind["scored"]
        .mark_text()
        .encode(x, colour, y=below("datum.line"), text="text:N"),
        kind["arm"]
        .mark_text(align="left")
        .encode(colour, x=alt.value(-left), y=below("datum.line"), text="arm:N"),
        marks.still(align="left", color=theme.INK_CAPTION).encode(
            x=alt.value(-left), y=below("0"), text=alt.value("Number scored")
        ),
    ]
    return marks.layer(
        data.rows,
        layers,
        width=width,
        height=height,
        description=description,
        reserve=(0, right),
    )


def _score_axis(data: ScoreRows, left: float) -> alt.Axis:
    """Name the severity bands on the axis, or number it when there are none."""
    shared = {"minExtent": left, "maxExtent": left, "titleX": -left}
    if not data.bands:
        return alt.Axis(**shared, tickCount=6, format="d")
    names = json.dumps({f"{middle:g}": name for middle, name in data.bands})
    return alt.Axis(
        **shared,
        grid=False,
        values=[middle for middle, _ in data.bands],
        labelExpr=f"{names}[format(datum.value, '~g')]",
    )


def forest(
    data: ForestRows, *, width: Width = "container", description: str
) -> alt.LayerChart:
    """Draw differences about zero: adjusted in colour, the plain one grey beside it.

    A withheld or hidden row stays in its place and says why.
    """
    left, middle, far = data.left_px, 180, 344
    kind = _kinds("columns", "head", "row", "note")
    scale = alt.Scale(domain=[-data.bound, data.bound], nice=False)
    axis = alt.Axis(
        values=data.ticks,
        labelExpr="format(datum.value, datum.value > 0 ? '+~g' : '~g')",
        grid=True,
        titlePadding=8,
    )

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title=data.title, scale=scale, axis=axis)

    zero = alt.Chart(marks.inline([{}])).mark_rule(color=theme.INK_SECONDARY)
    layers = [
        zero.encode(x=alt.XDatum(0, title=data.title, scale=scale, axis=axis)),
        marks.hairlines(kind["head"], left, far),
    ]
    for value in data.reference_points:
        line = alt.Chart(marks.inline([{}]))
        line = line.mark_rule(color=theme.SIGNAL["ordinary"], strokeDash=[3, 3])
        layers.append(line.encode(x=alt.XDatum(value, title=data.title, scale=scale)))
    for series, colour, shape, size, shift in (
        ("plain", theme.SIGNAL["ordinary"], "circle", 46, 6),
        ("adjusted", theme.BRAND, "square", 76, -5),
    ):
        rows = kind["row"].transform_filter(f"isValid(datum.{series})")
        layers += [
            rows.mark_rule(color=colour, strokeWidth=1.75, yOffset=shift).encode(
                across(f"{series}_low"), marks.row_y(), x2=f"{series}_high:Q"
            ),
            rows.mark_point(color=colour, shape=shape, size=size, yOffset=shift).encode(
                across(series), marks.row_y(), tooltip=marks.tips(data.tips)
            ),
        ]
    layers += _forest_texts(kind, left, middle, far)
    return marks.layer(
        data.rows,
        layers,
        width=width,
        height=data.height,
        description=description,
        reserve=(left, far),
    )


def _forest_texts(
    kind: dict[str, alt.Chart], left: float, middle: float, far: float
) -> list[alt.Chart]:
    """Print the columns of a forest plot: what, how many, and the two estimates."""
    caption = {"color": theme.INK_CAPTION, "fontSize": NOTE_PX}
    quiet, ink = {"color": theme.INK_CAPTION}, {"color": theme.INK}
    start, row = {"align": "left"}, kind["row"]
    end = {"align": "right"}
    centre = {shift: alt.value(alt.expr(f"width / 2 + {shift}")) for shift in (-12, 12)}
    numbers = (
        ("seen", -16, quiet),
        ("adjusted_text", marks.beyond(middle), ink),
        ("plain_text", marks.beyond(far), quiet),
    )
    found = [
        marks.text(kind["columns"], "left_text", -left, **start, **caption),
        *(
            marks.text(kind["columns"], field, x, **end, **caption)
            for field, x, _ in numbers
        ),
        marks.text(kind["head"], "left_text", -left, **start, **ink, fontWeight=600),
        marks.text(kind["head"], "note", marks.beyond(far), **end, **quiet),
        marks.text(kind["head"], "low_side", centre[-12], **end, **caption),
        marks.text(kind["head"], "high_side", centre[12], **start, **caption),
        *(marks.text(row, field, x, **end, **style) for field, x, style in numbers),
        *(
            marks.text(
                kind["note"],
                "note",
                centre[12],
                **start,
                **halo,
                limit=alt.ExprRef(f"width / 2 + {far - 12:g}"),
            )
            for halo in ({"stroke": theme.CARD, "strokeWidth": 4}, {})
        ),
        marks.text(kind["note"], "seen", -16, **end, **quiet),
    ]
    return found + [
        marks.text(kind[name], "left_text", -left + 12, **start)
        for name in ("row", "note")
    ]


def response(
    data: ResponseRows, styles: Styles, *, width: Width = "container", description: str
) -> alt.LayerChart:
    """Draw how many in 100 responded in each arm, with the difference beside them."""
    left, right = data.left_px, 100
    kind = _kinds("columns", "head", "bar", "note")
    scale = alt.Scale(domain=[0, 100], nice=False)
    bars = marks.bars(kind["bar"], "level", scale)
    level = alt.X("level:Q", scale=scale, axis=None)
    caption = {"color": theme.INK_CAPTION, "fontSize": NOTE_PX}
    ink, quiet = {"color": theme.INK}, {"color": theme.INK_CAPTION}
    start, end = {"align": "left"}, {"align": "right"}
    far = marks.beyond(right)
    layers = [
        marks.hairlines(kind["head"], left, right),
        bars.encode(marks.arm_colour(styles, data.arms), tooltip=marks.tips(data.tips)),
        kind["bar"]
        .mark_text(dx=6, fontWeight=500, **start, **ink)
        .encode(level, marks.row_y(), text="level_text:N"),
        marks.text(kind["columns"], "left_text", -left, **start, **caption),
        marks.text(kind["columns"], "note", far, **end, **caption),
        marks.text(kind["head"], "left_text", -left, **start, **ink, fontWeight=600),
        marks.text(kind["head"], "note", far, **end, **ink),
        marks.text(kind["bar"], "left_text", -left + 12, **start),
        marks.text(kind["bar"], "seen", far, **end, **quiet),
        marks.text(kind["note"], "note", -left + 12, **start, lineBreak="\n"),
    ]
    return marks.layer(
        data.rows,
        layers,
        width=width,
        height=data.height,
        description=description,
        reserve=(left, right),
    )


def flow(
    data: FlowRows, styles: Styles, *, width: Width = "container", description: str
) -> alt.LayerChart:
    """Draw how many people of each arm are left at each step, and how many are not."""
    left, right = data.left_px, 108
    kind = _kinds("columns", "bar")
    scale = alt.Scale(domain=[0, data.most], nice=False)
    bars = marks.bars(kind["bar"], "people", scale)
    end, ink = {"align": "right"}, {"color": theme.INK}
    caption = {"color": theme.INK_CAPTION, "fontSize": NOTE_PX}
    quiet = {"color": theme.INK_CAPTION}
    near, far = marks.beyond(36), marks.beyond(right)
    layers = [
        marks.bars(kind["bar"], "start", scale, color=theme.GRID),
        bars.encode(marks.arm_colour(styles, data.arms), tooltip=marks.tips(data.tips)),
        marks.text(kind["columns"], "people_text", near, **end, **caption),
        marks.text(kind["columns"], "lost_text", far, **end, **caption),
        marks.text(kind["bar"], "people_text", near, **end, **ink, fontWeight=500),
        marks.text(kind["bar"], "lost_text", far, **end, **quiet),
        marks.text(kind["bar"], "left_text", -left, align="left"),
    ]
    return marks.layer(
        data.rows,
        layers,
        width=width,
        height=data.height,
        description=description,
        reserve=(left, right),
    )


def _kinds(*names: str) -> dict[str, alt.Chart]:
    """Split the chart's rows by what they draw."""
    base = alt.Chart()
    return {name: base.transform_filter(f"datum.kind == '{name}'") for name in names}
