"""Published intervals for one share and for the difference of two."""

import pytest

from pipelines.compare.unadjusted import risk_difference, wilson_interval

# Newcombe RG. Interval estimation for the difference between independent proportions:
# comparison of eleven methods. Stat Med 1998;17:873-890, Table II, method 10, a to h.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]

# Newcombe RG. Two-sided confidence intervals for the single proportion: comparison of
# seven methods. Stat Med 1998;17:857-872, Table I, method 3.
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("a", "n_a", "b", "n_b", "low", "high"), NEWCOMBE)
def test_limits_are_those_of_newcombes_table(a, n_a, b, n_b, low, high):
    found = risk_difference(a, n_a, b, n_b)

    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
    assert found.estimate == a / n_a - b / n_b


@pytest.mark.parametrize(("events", "total", "low", "high"), WILSON)
def test_limits_of_one_share_are_those_of_newcombes_table(events, total, low, high):
    assert wilson_interval(events, total) == pytest.approx((low, high), abs=5e-5)


def test_cobalts_response_at_six_months():
    # CoBalT: 95 of 206 against 46 of 213; METHODS part 5 gives .245 (.155, .330).
    found = risk_difference(95, 206, 46, 213)

    assert found.estimate == pytest.approx(0.245, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((0.155, 0.330), abs=5e-4)
