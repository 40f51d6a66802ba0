"""The balance (Love) plot: how far apart two sides are, before and after weighting."""

import altair as alt

from pipelines.reporting import marks, theme
from pipelines.reporting.balance_rows import BalanceRows
from pipelines.reporting.marks import NOTE_PX, Width

TIPS = (
    ("left_text", "Recorded at the start"),
    ("before_text", "Before weighting"),
    ("after_text", "After weighting"),
)


def balance(
    data: BalanceRows, *, width: Width = "container", description: str
) -> alt.LayerChart:
    """Draw each covariate's difference, grey before and in colour after weighting."""
    left, right = data.left_px, 12
    rows = alt.Chart()
    scale = alt.Scale(domain=[0, data.most], nice=False)
    axis = alt.Axis(format=".1f", tickMinStep=0.1, tickCount=6, grid=True)
    title = "Standard deviations apart"

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title=title, scale=scale, axis=axis)

    limit = alt.Chart(marks.inline([{}])).mark_rule(
        color=theme.INK_SECONDARY, strokeDash=[3, 3]
    )
    layers = [
        limit.encode(x=alt.XDatum(data.limit, title=title, scale=scale, axis=axis)),
        rows.mark_rule(color=theme.LINE).encode(
            across("before"), marks.row_y(), x2="after:Q"
        ),
    ]
    for series, colour, shape, size in (
        ("before", theme.SIGNAL["ordinary"], "circle", 52),
        ("after", theme.BRAND, "square", 64),
    ):
        layers.append(
            rows.mark_point(color=colour, shape=shape, size=size).encode(
                across(series), marks.row_y(), tooltip=marks.tips(TIPS)
            )
        )
    layers += [
        marks.text(rows, "left_text", -left, align="left"),
        marks.still(
            align="left", baseline="bottom", color=theme.INK_CAPTION, fontSize=NOTE_PX
        ).encode(
            x=alt.XDatum(data.limit, title=title, scale=scale, axis=axis),
            y=alt.value(-3),
            text=alt.value(f"limit {data.limit:g}"),
        ),
    ]
    return marks.layer(
        data.rows,
        layers,
        width=width,
        height=data.height,
        description=description,
        reserve=(left, right),
    )
