import pytest

from pipelines.compare import specification
from pipelines.compare.results import Estimate, NotEstimableError


def one(estimate, low=None, high=None):
    low = estimate - 1 if low is None else low
    high = estimate + 1 if high is None else high
    return Estimate(estimate, 0.0, estimate, low, high, 0.5, "", 1.0)


@pytest.mark.parametrize(
    ("other", "sign", "size"),
    [
        (-2.0, 1, 1),
        (-3.0, 1, 1),  # the limits are within
        (-3.001, 1, 0),
        (-1.0, 1, 1),
        (-0.999, 1, 0),
        (0.0, 0, 0),
        (0.001, 0, 0),
    ],
)
def test_sign_and_size_each_on_both_sides(other, sign, size):
    found = specification.agreement(one(-2.0, -3.0, -1.0), [one(other)])

    assert found.same_sign_share == sign
    assert found.same_size_share == size


@pytest.mark.parametrize(("other", "share"), [(0.99, 1), (1.0, 0), (1.01, 0)])
def test_ratios_lie_on_either_side_of_one(other, share):
    found = specification.agreement(one(0.8, 0.6, 1.1), [one(other)], no_difference=1)

    assert found.same_sign_share == share
    assert found.same_size_share == 1


def test_shares_are_of_all_others():
    panel = [one(x) for x in (-2.5, -1.5, -0.5, 0.5, 4.0)]
    found = specification.agreement(one(-2.0, -3.0, -1.0), panel)

    assert found == specification.Agreement(5, 0.6, 0.4)


def test_no_difference_at_all_agrees_with_none_but_itself():
    found = specification.agreement(one(0.0), [one(0.0), one(0.1), one(-0.1)])

    assert found.same_sign_share == pytest.approx(1 / 3)


def test_a_panel_of_one_says_nothing():
    with pytest.raises(NotEstimableError, match="No other specification"):
        specification.agreement(one(-2.0), [])
