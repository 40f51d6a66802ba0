"""The weeks people were in therapy, by hand on four people."""

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import new_build, over_weeks, write_table

from pipelines.compare import logistic, weeks
from pipelines.compare.stopping import restricted_cubic_spline
from pipelines.compare.weeks import SCORE_KNOTS, WEEK_KNOTS, Followed

# unit, week, is_last, current, previous, age in days, missed, medication, item 9
SESSIONS = [
    ("a", 0, False, 16, None, 0, 0, False, 1),
    ("a", 1, False, 12, 16, 3, 0, False, 1),
    ("a", 3, True, 9, 12, 28, 5, True, 0),
    ("b", 0, True, 20, None, 2, 0, True, None),
    ("c", 0, False, 11, None, 1, 0, False, 0),
    ("c", 2, True, 14, 11, 29, 1, False, 2),
    ("d", 0, False, 10, None, 0, 0, None, 0),
    ("d", 27, False, 4, 10, None, None, False, 0),
    ("d", 52, True, 5, 4, 1, 0, False, 0),
]
NAMES = [
    "unit_id",
    "week",
    "is_last",
    "current_points",
    "previous_points",
    "score_age_days",
    "missed_count",
    "is_on_medication",
    "item_9_points",
]

BEFORE_26 = [
    ("late", 20, False, 8, 8, 0, 0, False, 0),
    ("late", 24, False, 8, 8, 0, 0, False, 0),
    ("late", 27, False, 8, 8, 0, 0, False, 0),
    ("late", 28, True, 8, 8, 0, 0, False, 0),
    ("new", 26, False, 7, 8, 0, 0, False, 0),
    ("new", 51, False, 6, 8, 0, 0, False, 0),
    ("new", 53, True, 6, 8, 0, 0, False, 0),
    ("gone", 25, True, 6, 8, 0, 0, False, 0),
]


def people(names, censored=()):
    return pl.DataFrame(
        {
            "unit_id": list(names),
            "is_stop_censored": [name in censored for name in names],
            "baseline_phq9_points": [16.0 + n for n in range(len(names))],
        }
    )


def read(sessions, units, **changes):
    con = new_build()
    write_table(
        con,
        weeks.TABLE,
        pl.DataFrame(sessions[::-1], schema=NAMES, orient="row"),
    )
    protocol = over_weeks(covariates=("baseline_phq9_points",), **changes)
    return weeks.read(con, units, protocol), protocol


@pytest.fixture
def every_term(monkeypatch):
    """Keep terms that so few people cannot tell apart."""
    monkeypatch.setattr(
        logistic, "told_apart", lambda matrix: np.ones(matrix.shape[1], bool)
    )


def test_rows_are_of_the_units_given_by_number_and_week():
    followed, _ = read(SESSIONS, people("dxa"))

    rows = followed.rows.select("person", "week", "since_weeks").rows()
    assert rows == [(0, 0, 1), (0, 27, 27), (2, 0, 1), (2, 1, 1), (2, 3, 2)]
    assert followed.rows["unit_id"].to_list() == ["d", "d", "a", "a", "a"]


def test_the_last_week_of_the_long_strategy_is_not_looked_at():
    followed, _ = read(SESSIONS, people("d"), strategies={"long_week": 28})
    assert followed.rows["week"].to_list() == [0, 27]
    followed, _ = read(SESSIONS, people("d"), strategies={"long_week": 27})
    assert followed.rows["week"].to_list() == [0]


def test_weeks_since_a_session_before_the_comparison_begins_are_counted():
    units = people(["late", "new", "gone"])
    followed, _ = read(BEFORE_26, units, strategies={"starts_in_week": 26})

    rows = followed.rows.select("person", "week", "since_weeks").rows()
    assert rows == [(0, 27, 3), (0, 28, 1), (1, 26, 1), (1, 51, 25)]


def test_who_stops_and_who_is_lost():
    followed, protocol = read(SESSIONS, people("abcd", censored="b"))
    made = weeks.person_weeks(followed, protocol)
    lost = weeks.losses(followed, made)

    assert made.person.tolist() == [0, 0, 0, 1, 2, 2, 3, 3]
    assert made.week.tolist() == [0, 1, 3, 0, 0, 2, 0, 27]
    assert made.since.tolist() == [1, 1, 2, 1, 1, 2, 1, 27]
    assert made.people_count == 4
    # b was lost, and d is still there in week 51
    assert np.flatnonzero(made.is_stop).tolist() == [2, 5]
    assert np.flatnonzero(lost.is_lost).tolist() == [3]
    np.testing.assert_allclose(
        lost.history,
        np.column_stack(
            [
                np.ones(8),
                [0, 0.1, 0.3, 0, 0, 0.2, 0, 2.7],
                [1.6, 1.2, 0.9, 2.0, 1.1, 1.4, 1.0, 0.4],
            ]
        ),
    )


def test_who_is_not_said_to_be_lost_stopped():
    units = people("abcd").with_columns(
        is_stop_censored=pl.Series([None] * 4, dtype=pl.Boolean)
    )
    followed, protocol = read(SESSIONS, units)
    made = weeks.person_weeks(followed, protocol)

    assert np.flatnonzero(made.is_stop).tolist() == [2, 3, 5]
    assert not weeks.losses(followed, made).is_lost.any()


def test_what_was_known_before_each_decision(every_term):
    followed, protocol = read(SESSIONS, people("abcd"))
    history = weeks.person_weeks(followed, protocol).history.T
    week = np.array([0, 1, 3, 0, 0, 2, 0, 27]) / 10
    score = np.array([16, 12, 9, 20, 11, 14, 10, 4]) / 10

    assert len(history) == 1 + 5 + 5 + 8 + 2 + 1
    np.testing.assert_array_equal(history[0], 1)
    np.testing.assert_allclose(
        history[1:6], restricted_cubic_spline(week, tuple(k / 10 for k in WEEK_KNOTS))
    )
    np.testing.assert_allclose(
        history[6:11],
        restricted_cubic_spline(score, tuple(k / 10 for k in SCORE_KNOTS)),
    )
    below_10, below_5, change, worse, old, missed, item_9, medication = history[11:19]
    assert below_10.tolist() == [0, 0, 1, 0, 0, 0, 0, 1]
    assert below_5.tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    np.testing.assert_allclose(change, [0, -0.4, -0.3, 0, 0, 0.3, 0, -0.6], atol=1e-12)
    np.testing.assert_allclose(worse, [0, 0, 0, 0, 0, 0.3, 0, 0], atol=1e-12)
    assert old.tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert missed.tolist() == [0, 0, 3, 0, 0, 1, 0, 0]
    assert item_9.tolist() == [1, 1, 0, 0, 0, 2, 0, 0]
    assert medication.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert history[19].tolist() == [1, 0, 0, 1, 1, 0, 1, 0]
    assert history[20].tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    baseline = (np.arange(4) - 1.5) / np.std(np.arange(4))
    np.testing.assert_allclose(history[21], baseline[[0, 0, 0, 1, 2, 2, 3, 3]])


def test_from_week_26_on_the_curve_of_weeks_bends_there(every_term):
    units = people(["late", "new"])
    followed, protocol = read(BEFORE_26, units, strategies={"starts_in_week": 26})
    history = weeks.person_weeks(followed, protocol).history.T
    knots = tuple(np.linspace(26, 51, 4) / 10)

    # three terms of the week for five, and no first weeks of therapy
    assert len(history) == 1 + 3 + 5 + 8 + 1
    np.testing.assert_allclose(
        history[1:4], restricted_cubic_spline(np.array([2.7, 2.8, 2.6, 5.1]), knots)
    )


def test_terms_that_so_few_people_cannot_tell_apart_are_left_out():
    followed, protocol = read(SESSIONS, people("abcd"))
    history = weeks.person_weeks(followed, protocol).history

    assert np.linalg.matrix_rank(history) == history.shape[1] <= 8


def test_units_marked_keep_their_weeks_under_a_new_number():
    followed, _ = read(SESSIONS, people("abcd"))
    only = followed.only(np.array([True, False, True, False]))

    assert isinstance(only, Followed)
    assert only.units["unit_id"].to_list() == ["a", "c"]
    assert only.rows.select("unit_id", "person", "week").rows() == [
        ("a", 0, 0),
        ("a", 0, 1),
        ("a", 0, 3),
        ("c", 1, 0),
        ("c", 1, 2),
    ]
