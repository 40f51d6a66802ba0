"""Colours that can be read, and told apart."""

import re

import pytest

from pipelines.reporting import theme
from pipelines.reporting.site import assets


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [theme.CARD, theme.PAGE])
@pytest.mark.parametrize(
    "colour",
    [*theme.GROUPS, theme.INK, theme.INK_SECONDARY, theme.INK_CAPTION, theme.BRAND],
)
def test_text_and_groups_can_be_read(colour, ground):
    limit = 4.5 if ground == theme.CARD or colour not in theme.GROUPS else 4.0

    assert contrast(colour, ground) >= limit


def test_the_design_sheets_colours_are_kept():
    assert theme.GROUPS == ("#0F6263", "#8C7014", "#7F3DAC", "#D72984", "#232A31")
    assert theme.SIGNAL["better"] == "#0B67B2"
    assert theme.CHECKS == {"pass": "#1B7F5C", "warning": "#A66F00", "fail": "#B3261E"}
    assert not set(theme.GROUPS) & {*theme.SIGNAL.values(), *theme.CHECKS.values()}


def test_an_arm_keeps_its_colour_and_no_two_arms_look_the_same():
    arms = [f"arm {number}" for number in range(25)]

    styles = theme.group_styles([*arms, *arms])

    assert len(set(styles.values())) == 25
    assert styles["arm 0"] == ("#0F6263", (1, 0))
    assert theme.group_styles(arms[:2])["arm 1"] == styles["arm 1"]


def test_the_style_sheet_takes_its_colours_from_the_theme():
    sheet = assets.read("css/site.css")

    named = set(re.findall(r"var\(--([a-z0-9-]+)\)", sheet))
    given = set(re.findall(r"--([a-z0-9-]+):", theme.css_variables()))
    assert named <= given
    tokens = {*theme.GROUPS, *theme.SIGNAL.values(), *theme.CHECKS.values(), theme.INK}
    assert not [colour for colour in tokens if colour.lower() in sheet.lower()]
