import math

import numpy as np
import pytest
from scipy import stats

from pipelines.compare.balance import standardised_difference
from pipelines.compare.curves import mean_with_interval
from pipelines.compare.holm import adjust
from pipelines.compare.results import Estimate, NotEstimableError, rounded
from pipelines.compare.unadjusted import (
    hedges_g,
    mean_difference,
    risk_difference,
    wilson_interval,
)

A = [4, 8, 15, 16, 23, 42]
B = [3, 1, 4, 15, 9]


@pytest.mark.parametrize("measure", [mean_difference, hedges_g])
def test_swapping_the_arms_mirrors_the_estimate(measure):
    forward, reverse = measure(A, B), measure(B, A)

    assert forward.estimate == pytest.approx(-reverse.estimate)
    assert forward.low == pytest.approx(-reverse.high)
    assert forward.high == pytest.approx(-reverse.low)
    assert forward.p_value == pytest.approx(reverse.p_value)
    assert forward.exposed_level == reverse.comparator_level


@pytest.mark.parametrize("counts", [(12, 30, 9, 55), (0, 10, 3, 12), (40, 90, 31, 88)])
def test_swapping_the_arms_mirrors_the_risk_difference(counts):
    forward = risk_difference(*counts)
    reverse = risk_difference(*counts[2:], *counts[:2])

    assert forward.estimate == pytest.approx(-reverse.estimate)
    assert forward.low == pytest.approx(-reverse.high)
    assert forward.p_value == pytest.approx(reverse.p_value)


def test_the_mean_difference_is_welchs_with_unequal_spreads():
    found = mean_difference(A, B)
    a, b = np.var(A, ddof=1) / len(A), np.var(B, ddof=1) / len(B)
    df = (a + b) ** 2 / (a**2 / (len(A) - 1) + b**2 / (len(B) - 1))
    half = stats.t.ppf(0.975, df) * math.sqrt(a + b)

    assert found.std_error == pytest.approx(math.sqrt(a + b))
    assert found.low == pytest.approx(found.estimate - half)
    assert found.high == pytest.approx(found.estimate + half)
    assert found.variance_method == "welch"


def test_the_risk_differences_p_value_is_pearsons_chi_squared():
    table = [[95, 111], [46, 167]]
    expected = stats.chi2_contingency(table, correction=False).pvalue

    assert risk_difference(95, 206, 46, 213).p_value == pytest.approx(expected)


@pytest.mark.parametrize("events", [0, 10])
def test_arms_that_all_agree_give_no_evidence_but_an_interval(events):
    found = risk_difference(events, 10, events, 10)

    assert (found.estimate, found.p_value) == (0, 1)
    assert found.low < 0 < found.high
    assert found.std_error is None


def test_an_arm_that_always_responds_against_one_that_never_does():
    found = risk_difference(10, 10, 0, 10)

    assert found.high == pytest.approx(1)
    assert found.p_value < 0.001


@pytest.mark.parametrize("measure", [mean_difference, hedges_g])
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_missing_scores_are_refused_by_position_not_by_value(measure, bad):
    with pytest.raises(ValueError, match=r"comparator arm .* positions \[1, 3\]") as e:
        measure(A, [4242, bad, 4242, bad])

    assert "4242" not in str(e.value)


@pytest.mark.parametrize(
    ("counts", "arm"),
    [
        ((4242, 10, 1, 10), "exposed"),
        ((1, 10, 4242, 10), "comparator"),
        ((-4242, 10, 1, 10), "exposed"),
        ((1, 10, 0, 0), "comparator"),
    ],
)
def test_impossible_counts_are_refused_by_arm_not_by_value(counts, arm):
    with pytest.raises(ValueError, match=f"the {arm} arm") as caught:
        risk_difference(*counts)

    assert "4242" not in str(caught.value)


def test_wilson_needs_events_within_the_total():
    with pytest.raises(ValueError, match="at least 1"):
        wilson_interval(0, 0)
    low, high = wilson_interval(0, 11)
    assert low == pytest.approx(0)
    assert 0 < high < 0.3


@pytest.mark.parametrize("measure", [mean_difference, hedges_g])
def test_one_person_or_no_spread_cannot_be_estimated(measure):
    with pytest.raises(NotEstimableError, match="fewer than two"):
        measure([3], B)
    with pytest.raises(NotEstimableError, match="same score"):
        measure([3, 3, 3], [5, 5])


def test_an_estimate_never_holds_a_number_that_is_not_one():
    with pytest.raises(NotEstimableError):
        Estimate(1, 2, float("nan"), -1, 1, 0.5, "welch")
    with pytest.raises(NotEstimableError):
        Estimate(1, 2, -1, -1, -1, 0.5, "welch", std_error=0.0)


def test_holm_keeps_the_order_and_leaves_out_what_is_withheld():
    # By hand: 3 x 0.01, then max(0.03, 2 x 0.03), then max(0.06, 0.04).
    assert adjust([0.04, None, 0.01, 0.03]) == pytest.approx(
        [0.06, None, 0.03, 0.06], nan_ok=True
    )
    assert adjust([0.9, 0.8]) == [1.0, 1.0]
    assert adjust([None, None]) == [None, None]
    with pytest.raises(ValueError, match=r"positions \[1\]") as caught:
        adjust([0.5, 42.42])
    assert "42.42" not in str(caught.value)


def test_a_mean_over_nobody_and_over_one_person():
    assert mean_with_interval([]) == (None, None, None)
    assert mean_with_interval([7]) == (7, None, None)
    assert mean_with_interval([7, 7]) == (7, 7, 7)
    mean, low, high = mean_with_interval(A)
    expected = stats.t.interval(0.95, len(A) - 1, np.mean(A), stats.sem(A))
    assert (low, high) == pytest.approx(expected)
    assert mean == 18


def test_the_standardised_difference_is_in_spreads_and_signed():
    assert standardised_difference([1, 2, 3], [2, 3, 4]) == pytest.approx(-1)
    assert standardised_difference([1, 2, 3, np.nan], [2, 3, 4]) == pytest.approx(-1)
    assert standardised_difference([1], [2, 3]) is None


def test_rounding_leaves_nothing_negative_about_zero():
    assert str(rounded(-1e-9)) == "0.0"
    assert rounded(None) is None
