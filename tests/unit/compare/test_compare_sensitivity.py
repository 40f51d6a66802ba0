import math

import pytest

from pipelines.compare import sensitivity
from pipelines.compare.results import Estimate


@pytest.mark.parametrize(
    ("ratio", "expected"), [(1.25, 1.81), (1.14, 1.54), (1 / 1.25, 1.81), (3.9, 7.26)]
)
def test_published_e_values(ratio, expected):
    """3.9: VanderWeele and Ding 2017, breast feeding and infant death."""
    assert sensitivity.e_value(ratio) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1.8, 8.7, 3.0), (0.9, 1.5, 1), (1.0, 1.5, 1), (0.5, 1.0, 1), (0.5, 0.8, 1.81)],
)
def test_the_limit_nearer_to_one_decides(low, high, expected):
    assert sensitivity.e_value_of_limit(low, high) == pytest.approx(expected, abs=0.005)


def test_a_ratio_is_above_zero():
    with pytest.raises(ValueError, match="above zero"):
        sensitivity.e_value(0)


@pytest.mark.parametrize(("share", "expected"), [(0.15, 4), (0.1501, 2)])
def test_an_odds_ratio_of_a_common_outcome_is_rooted(share, expected):
    assert sensitivity.ratio_of_odds(4, share) == expected


def test_a_difference_of_means_as_a_ratio():
    assert sensitivity.ratio_of_means(-1, 2) == pytest.approx(math.exp(-0.455))


def shifted_by(points):
    """An estimate of -3 with a limit at -1 that a shift moves by half of it."""
    middle = -3 + points / 2
    return Estimate(0, -middle, middle, middle - 2, middle + 2, 0.01, "made up", 1.0)


def test_the_tipping_point_is_where_the_interval_reaches_zero():
    assert sensitivity.tipping_point(shifted_by) == pytest.approx(2, abs=0.06)


def test_the_tipping_point_of_a_benefit_that_is_a_rise():
    def rise(points):
        middle = 3 - points / 2
        return Estimate(middle, 0, middle, middle - 2, middle + 2, 0.01, "x", 1.0)

    assert sensitivity.tipping_point(rise) == pytest.approx(2, abs=0.06)


def test_nothing_to_tip_and_nothing_that_tips():
    def wide(points):
        return Estimate(0, 1, -1, -3, 1, 0.5, "made up", 1.0)

    def firm(points):
        return Estimate(0, 20, -20, -21, -19 + points / 27, 0.001, "made up", 1.0)

    assert sensitivity.tipping_point(wide) == 0
    assert sensitivity.tipping_point(firm) is None
