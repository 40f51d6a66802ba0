"""What was recorded on day 0 becomes the terms of a model."""

import numpy as np
import polars as pl
import pytest

from pipelines.compare import terms
from pipelines.compare.terms import FARTHEST, FLAG_LEAST, LEAST_IN_LEVEL

COUNT = 200


def numbers(seed=1, count=COUNT):
    return np.random.default_rng(seed).normal(size=count)


def with_missing(values, missing):
    """Return a column whose first values are not known."""
    return pl.Series(values.tolist()).set(
        pl.Series(np.arange(len(values)) < missing), None
    )


def built(columns, order=None, is_exposed=None, **how):
    return terms.build(
        pl.DataFrame(columns), tuple(order or columns), is_exposed, **how
    )


def column(found, name):
    return found.matrix[:, found.names.index(name)]


def test_a_number_is_in_standard_deviations_and_squared():
    age = 40 + 9 * numbers()
    found = built({"age": age})
    expected = (age - age.mean()) / age.std()

    assert found.names == ("age", "age_squared")
    inside = np.clip(expected, -FARTHEST, FARTHEST)
    np.testing.assert_allclose(column(found, "age"), inside, atol=1e-12)
    np.testing.assert_allclose(column(found, "age_squared"), inside**2, atol=1e-12)
    assert built({"age": age}, with_squares=False).names == ("age",)


def test_a_missing_number_is_the_mean_of_the_known_ones_and_says_so():
    known = numbers()
    found = built({"wait": with_missing(known, 30)}, with_squares=False)

    assert found.names == ("wait", "wait_missing")
    np.testing.assert_array_equal(column(found, "wait")[:30], 0.0)
    spread = known[30:].std()
    np.testing.assert_allclose(
        column(found, "wait")[30:],
        np.clip((known[30:] - known[30:].mean()) / spread, -FARTHEST, FARTHEST),
    )
    np.testing.assert_array_equal(column(found, "wait_missing"), np.arange(COUNT) < 30)


@pytest.mark.parametrize(
    ("missing", "is_term"),
    [
        (FLAG_LEAST - 1, False),
        (FLAG_LEAST, True),
        (COUNT - FLAG_LEAST, True),
        (COUNT - FLAG_LEAST + 1, False),
    ],
)
def test_being_missing_is_a_term_where_enough_are_and_enough_are_not(missing, is_term):
    found = built({"wait": with_missing(numbers(), missing)})

    assert ("wait_missing" in found.names) is is_term


def test_a_missing_flag_counts_as_no():
    flag = pl.Series([True] * 90 + [False] * 60 + [None] * 50)
    found = built({"is_female": flag})

    assert found.names == ("is_female", "is_female_missing")
    np.testing.assert_array_equal(column(found, "is_female"), np.arange(COUNT) < 90)
    np.testing.assert_array_equal(
        column(found, "is_female_missing"), np.arange(COUNT) >= 150
    )


def test_a_flag_that_is_yes_or_not_known_is_one_term():
    found = built({"is_female": pl.Series([True] * 90 + [None] * 110)})

    assert found.names == ("is_female",)


@pytest.mark.parametrize(("wait", "expected"), [(1e6, FARTHEST), (-1e6, -FARTHEST)])
def test_what_is_far_off_counts_as_three_standard_deviations(wait, expected):
    values = np.r_[numbers(count=COUNT - 1), wait]
    found = built({"wait": values})

    assert column(found, "wait")[-1] == expected
    assert column(found, "wait_squared")[-1] == expected**2
    assert np.abs(column(found, "wait")[:-1]).max() < FARTHEST


def test_the_commonest_category_has_no_term_and_a_missing_one_is_a_category():
    given = pl.Series(["b"] * 60 + ["a"] * 100 + [None] * 40)
    found = built({"format": given})

    assert found.names == ("format_b", "format_not_known")
    np.testing.assert_array_equal(column(found, "format_b"), np.arange(COUNT) < 60)
    np.testing.assert_array_equal(
        column(found, "format_not_known"), np.arange(COUNT) >= 160
    )


@pytest.mark.parametrize("of_arm", ["exposed", "comparator"])
@pytest.mark.parametrize("others", [LEAST_IN_LEVEL - 1, LEAST_IN_LEVEL])
def test_a_category_that_one_arm_hardly_has_leaves_its_people_out(of_arm, others):
    """50 of one arm have it, and as many of the other as are needed or one less."""
    exposed = np.arange(COUNT) < 100
    in_level = (np.arange(COUNT) < 50) | (
        (np.arange(COUNT) >= 100) & (np.arange(COUNT) < 100 + others)
    )
    if of_arm == "comparator":
        exposed = ~exposed
    payer = np.where(in_level, "rare", "common").tolist()
    found = built({"payer": payer}, is_exposed=exposed)

    if others < LEAST_IN_LEVEL:
        np.testing.assert_array_equal(found.has_counterpart, ~in_level)
        assert found.names == ()
    else:
        assert found.has_counterpart.all()
        assert found.names == ("payer_rare",)


def test_without_arms_nobody_lacks_a_counterpart():
    found = built({"payer": ["rare"] + ["common"] * (COUNT - 1)})

    assert found.has_counterpart.all()
    assert found.names == ("payer_rare",)


def test_a_term_that_earlier_ones_give_is_left_out():
    age = numbers()
    late = pl.Series(["late" if one else "early" for one in age > 0])
    columns = {
        "age": age,
        "born": 2020.0 - age,
        "is_late": pl.Series((age > 0).tolist()),
        "when": late,
    }
    found = built(columns, with_squares=False)

    assert found.names == ("age", "is_late")
    turned = built(columns, ("born", "when", "age", "is_late"), with_squares=False)
    assert len(turned.names) == 2
    assert turned.names[0] == "born"
    assert turned.names[1].startswith("when_")


def test_a_flags_square_is_never_a_term():
    assert built({"is_female": pl.Series([True, False] * 100)}).names == ("is_female",)


def test_what_nobody_has_and_what_all_have_is_told():
    found = built(
        {
            "same": [7.0] * COUNT,
            "nobody": pl.Series([None] * COUNT, dtype=pl.Float64),
            "age": numbers(),
        },
        ("same", "absent", "nobody", "age"),
        with_squares=False,
    )

    assert found.names == ("age",)
    assert found.not_measured == ("absent", "nobody")
    assert found.constant == ("same",)


def test_nothing_recorded_gives_no_terms_for_everybody():
    found = built({"same": [7.0] * 4})

    assert found.matrix.shape == (4, 0)
    assert found.names == ()


def test_the_order_is_that_of_the_protocol_and_rows_only_change_places():
    age, format_ = numbers(), np.where(numbers(2) > 0, "group", "single")
    wait = with_missing(numbers(3), 40)
    columns = {"age": age, "wait": wait, "format": format_.tolist()}
    first = built(columns)
    mixed = np.random.default_rng(4).permutation(COUNT)
    again = terms.build(pl.DataFrame(columns)[mixed], tuple(columns))

    assert first.names[:5] == (
        "age",
        "age_squared",
        "wait",
        "wait_squared",
        "wait_missing",
    )
    assert first.names[5].startswith("format_")
    assert again.names == first.names
    np.testing.assert_allclose(again.matrix, first.matrix[mixed], atol=1e-12)
    assert np.isfinite(first.matrix).all()
