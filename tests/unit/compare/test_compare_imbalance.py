"""Which differences on day 0 count: beyond the limit, and beyond chance."""

import numpy as np
import pytest

from pipelines.compare import imbalance
from pipelines.compare.imbalance import Imbalance

LIMIT = 0.10


@pytest.mark.parametrize(
    ("after", "chance", "passes"),
    [
        (0.1001, 0.01, False),
        (0.0999, 0.01, True),
        (-0.1001, 0.01, False),
        (0.25, 0.2501, True),  # in few people, chance brings as much
        (0.25, 0.2499, False),
    ],
)
def test_a_difference_counts_beyond_the_limit_and_beyond_chance(after, chance, passes):
    found = [Imbalance("age", 0.5, after, chance), Imbalance("sex", 0.5, 0.0, chance)]

    rule = imbalance.verdict(found, LIMIT, "the arms")

    assert rule.is_passed is passes
    assert rule.value == pytest.approx(abs(after))
    assert (rule.value <= rule.limit_high) is passes
    assert "age" in rule.note
    assert ("1 of 2 differences" in rule.note) is not passes


def test_the_one_furthest_beyond_its_own_limit_is_named():
    found = [Imbalance("few_people", 0, 0.30, 0.40), Imbalance("many", 0, 0.12, 0.02)]

    rule = imbalance.verdict(found, LIMIT, "the arms")

    assert not rule.is_passed
    assert "many" in rule.note
    assert rule.limit_high == LIMIT


def test_squares_see_a_spread_that_means_do_not():
    values = np.r_[np.linspace(-1, 1, 500), np.linspace(-3, 3, 500)]
    exposed = np.arange(1000) < 500
    matrix = np.column_stack([values, values**2])
    plain, square = imbalance.between_arms(
        ("x", "x_squared"), matrix, exposed, np.ones(1000)
    )

    assert abs(plain.after) < 1e-12
    assert plain.variance_ratio == pytest.approx(1 / 9)
    assert abs(square.after) > square.limit(LIMIT)


def test_products_see_what_single_terms_do_not():
    rng = np.random.default_rng(1)
    one, two = rng.choice([-1.0, 1.0], (2, 4000))
    exposed = rng.random(4000) < np.where(one * two > 0, 0.7, 0.3)
    found = imbalance.between_arms(
        ("one", "two"), np.column_stack([one, two]), exposed, np.ones(4000)
    )

    assert [item.name for item in found] == ["one", "two", "one_times_two"]
    beyond = [item.name for item in found if abs(item.after) > item.limit(LIMIT)]
    assert beyond == ["one_times_two"]


def test_by_chance_one_in_twenty_verdicts_fails_in_small_strata():
    rng = np.random.default_rng(8)
    exposed, ones = np.arange(80) < 40, np.ones(80)
    failed = 0
    for _ in range(1000):
        matrix = rng.normal(size=(80, 6))
        names = tuple(f"term{i}_squared" for i in range(6))
        found = imbalance.between_arms(names, matrix, exposed, ones)
        failed += not imbalance.verdict(found, 0.0, "the arms").is_passed

    assert 0.03 < failed / 1000 < 0.08


def test_followers_are_held_against_everybody():
    values = np.r_[np.zeros(50), np.ones(50)]
    weight = np.r_[np.zeros(40), np.ones(10), np.full(50, 0.2)]

    (found,) = imbalance.against_cohort(("x",), values[:, None], weight, "long_term")

    assert found.arm == "long_term"
    assert found.before == pytest.approx((50 / 60 - 0.5) / 0.5)
    assert found.after == pytest.approx(0.0)
    assert imbalance.against_cohort(("x",), values[:, None], 0 * weight, "a") == []


def test_single_terms_are_told_and_products_are_not():
    found = [Imbalance("x", 0.3, 0.1, 0.2), Imbalance("x_times_y", 0.3, 0.1, 0.2)]

    told = imbalance.each(found)

    assert [rule.diagnostic_id for rule in told] == [
        "standardised_difference_x",
        "weighted_standardised_difference_x",
    ]
    assert [rule.value for rule in told] == [0.3, 0.1]
    assert all(rule.diagnostic_id.startswith(imbalance.OF_EACH) for rule in told)
