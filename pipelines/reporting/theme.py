"""Design tokens: the one place that names a colour, a font or a size.

Charts (through `vega_config`) and the page (through `css_variables`) both read them
from here.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

INK = "#15212B"
"""Main text."""

INK_SECONDARY = "#42505C"
"""Labels and notes that a reader still needs."""

INK_CAPTION = "#5E6B76"
"""Captions and axis titles; 4.5:1 or more on the page and on a card."""

PAGE = "#F4F5F2"
CARD = "#FFFFFF"
LINE = "#D9DEE1"
GRID = "#E8ECEE"
AXIS = "#AEB7BD"
BRAND = "#0F5C66"
TINT = "#DFECEC"

BAND = "#F6F8F8"
"""Every second severity band behind a trajectory."""

SIGNAL: Mapping[str, str] = MappingProxyType(
    {"better": "#0B67B2", "worse": "#C4500C", "ordinary": "#7B8792"}
)
"""Meaning of a change. Never used for groups."""

GROUPS: tuple[str, ...] = ("#0F6263", "#8C7014", "#7F3DAC", "#D72984", "#232A31")
"""Arms of a comparison, in this order: 4.5:1 on white and apart when colour-blind."""

GROUP_DASHES: tuple[tuple[int, ...], ...] = (
    (1, 0),
    (7, 3),
    (2, 3),
    (9, 3, 2, 3),
    (12, 4),
)
"""Line patterns that go with `GROUPS`, so that colour is never the only sign."""

CHECKS: Mapping[str, str] = MappingProxyType(
    {"pass": "#1B7F5C", "warning": "#A66F00", "fail": "#B3261E"}
)
"""Result of a check; always with its shape (tick, triangle, cross)."""

SANS = "IBM Plex Sans"
SERIF = "Source Serif 4"
SANS_STACK = f'"{SANS}", "Segoe UI", "Helvetica Neue", Arial, sans-serif'
SERIF_STACK = f'"{SERIF}", Georgia, "Times New Roman", serif'

CHART_TEXT_PX = 13


def group_styles(arms: Sequence[str]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Give each arm of a page its colour and line pattern, in the order given.

    An arm keeps its colour in every figure of the page. After the fifth the colours
    start again with the next pattern, so that no two of the first 25 look the same.

    Returns:
        Arm to (colour, dash pattern in px).
    """
    size = len(GROUPS)
    return {
        arm: (GROUPS[i % size], GROUP_DASHES[(i + i // size) % size])
        for i, arm in enumerate(dict.fromkeys(arms))
    }


def css_variables() -> str:
    """Return the colours and font stacks as CSS custom properties."""
    tokens = {
        "ink": INK,
        "ink-2": INK_SECONDARY,
        "ink-3": INK_CAPTION,
        "page": PAGE,
        "card": CARD,
        "line": LINE,
        "brand": BRAND,
        "tint": TINT,
        "ordinary": SIGNAL["ordinary"],
        "pass": CHECKS["pass"],
        "warning": CHECKS["warning"],
        "fail": CHECKS["fail"],
        "sans": SANS_STACK,
        "serif": SERIF_STACK,
    }
    return ";".join(f"--{name}:{value}" for name, value in tokens.items())


def vega_config() -> dict[str, Any]:
    """Return the Vega-Lite config shared by every chart, whatever it is printed to."""
    text = {"labelFont": SANS, "titleFont": SANS, "labelFontSize": CHART_TEXT_PX}
    return {
        "font": SANS,
        "background": None,
        # One label per chart: the description. Marks and axes stay silent.
        "mark": {"aria": False},
        "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4},
        "view": {"stroke": None},
        "axis": {
            **text,
            "aria": False,
            "labelColor": INK_SECONDARY,
            "titleFontSize": CHART_TEXT_PX,
            "titleFontWeight": 400,
            "titleColor": INK_CAPTION,
            "domain": False,
            "ticks": False,
            "labelPadding": 7,
            "gridColor": GRID,
            "gridWidth": 1,
        },
        "axisX": {
            "grid": False,
            "domain": True,
            "domainColor": AXIS,
            "ticks": True,
            "tickColor": AXIS,
            "tickSize": 4,
            "labelPadding": 4,
        },
        "axisY": {
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "start",
            "titleBaseline": "bottom",
            "titleY": -10,
        },
        "text": {"font": SANS, "fontSize": CHART_TEXT_PX, "color": INK_SECONDARY},
        "line": {"strokeWidth": 2, "strokeCap": "round", "strokeJoin": "round"},
        "rule": {"color": INK_CAPTION},
        "point": {"filled": True, "opacity": 1},
        "range": {"category": list(GROUPS)},
    }
