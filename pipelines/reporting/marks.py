"""Small parts that every chart is put together from."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

from pipelines.reporting import theme

Width = int | Literal["container"]
"""Pixels, or as wide as the card that holds the chart."""

Styles = Mapping[str, tuple[str, tuple[int, ...]]]
"""Arm label to colour and line pattern, as `theme.group_styles` gives them."""

CHARACTER_PX = 6.9
"""Room for one character of chart text, on the generous side."""

NOTE_PX = 12
"""Size of column headings and side notes."""


def inline(rows: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Carry the rows inside the specification, so that nothing is fetched."""
    return alt.InlineData(values=[dict(row) for row in rows])


def row_y() -> alt.Y:
    """Place a row where its `y` says, in px from the top."""
    pixels = alt.Scale(domain=[0, 1], range=[0, 1], nice=False, zero=False)
    return alt.Y("y:Q", axis=None, scale=pixels)


def beyond(px: float) -> Any:
    """Place a mark so many pixels right of the plot."""
    return alt.value(alt.expr(f"width + {px:g}"))


def text(rows: alt.Chart, field: str, x: Any, **style: Any) -> alt.Chart:
    """Print a field of the rows that have it at a fixed place (px, or a value)."""
    place = alt.value(x) if isinstance(x, int | float) else x
    having = rows.transform_filter(f"isValid(datum.{field})")
    return having.mark_text(**style).encode(y=row_y(), x=place, text=f"{field}:N")


def bars(rows: alt.Chart, field: str, scale: alt.Scale, **style: Any) -> alt.Chart:
    """Draw a bar from zero to a field of each row that has it."""
    having = rows.transform_filter(f"isValid(datum.{field})")
    having = having.transform_calculate(zero="0")
    thick = having.mark_rule(strokeWidth=15, strokeCap="butt", **style)
    start = alt.X("zero:Q", scale=scale, axis=None)
    return thick.encode(start, row_y(), x2=f"{field}:Q")


def still(**style: Any) -> alt.Chart:
    """Start a text mark that is drawn once."""
    return alt.Chart(inline([{}])).mark_text(**style)


def arm_colour(styles: Styles, arms: Sequence[str]) -> alt.Color:
    """Colour marks by arm, without a legend: arms are labelled where they stand."""
    scale = alt.Scale(domain=list(arms), range=[styles[arm][0] for arm in arms])
    return alt.Color("arm:N", scale=scale, legend=None)


def arm_dash(styles: Styles, arms: Sequence[str]) -> alt.StrokeDash:
    """Give each arm's line its pattern."""
    dashes = [list(styles[arm][1]) for arm in arms]
    scale = alt.Scale(domain=list(arms), range=dashes)
    return alt.StrokeDash("arm:N", scale=scale, legend=None)


def tips(columns: Sequence[tuple[str, str]]) -> list[alt.Tooltip]:
    """Say what a pointer shows, as (field, title) pairs."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in columns]


def hairlines(heads: alt.Chart, left: float, right: float) -> alt.Chart:
    """Draw a line above every heading, from px left to px right of the plot."""
    return heads.mark_rule(color=theme.LINE, yOffset=-15).encode(
        y=row_y(), x=alt.value(-left), x2=beyond(right)
    )


def layer(
    rows: Sequence[Mapping[str, Any]],
    layers: Sequence[alt.Chart],
    *,
    width: Width,
    height: float,
    description: str,
    reserve: tuple[float, float],
) -> alt.LayerChart:
    """Lay the marks over one data set, keeping room (px) left and right of the plot.

    Invisible marks keep the room: the automatic size counts the bounds of marks, so
    padding would be taken off twice.
    """
    keepers = [
        alt.Chart(inline([{}]))
        .mark_point(size=1, opacity=0)
        .encode(x=place, y=alt.value(height / 2))
        for place in (alt.value(-reserve[0]), beyond(reserve[1]))
    ]
    kind = "fit-x" if width == "container" else "pad"
    return alt.layer(*keepers, *layers, data=inline(rows)).properties(
        width=width,
        height=height,
        description=description,
        autosize=alt.AutoSizeParams(type=kind, contains="padding"),
    )
