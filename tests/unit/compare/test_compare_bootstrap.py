"""The bootstrap: errors that are known, draws by cluster, the same on two processes."""

import os

import numpy as np
import pytest
from oracles.length_people import Product, courses

from pipelines.compare import bootstrap, stopping
from pipelines.compare.results import NotEstimableError


def mean_of(values):
    return lambda drawn: float(values[drawn].mean())


def test_the_error_of_a_mean_is_found():
    values = np.random.default_rng(1).normal(size=200)
    found = bootstrap.estimate(mean_of(values), 200, replicates=4_000)
    expected = values.std() / np.sqrt(200)

    assert found.std_error == pytest.approx(expected, rel=0.04)
    assert found.low == pytest.approx(values.mean() - 1.96 * expected, abs=0.01)
    assert found.high == pytest.approx(values.mean() + 1.96 * expected, abs=0.01)
    assert len(found.estimates) == 4_000


def test_people_of_a_cluster_are_drawn_together():
    values = np.repeat(np.random.default_rng(2).normal(size=50), 4)
    labels = np.repeat([f"clinician_{n}" for n in range(50)], 4)
    order = np.random.default_rng(3).permutation(200)
    alone = bootstrap.estimate(mean_of(values), 200)
    together = bootstrap.estimate(mean_of(values[order]), 200, labels[order])

    assert together.std_error == pytest.approx(2 * alone.std_error, rel=0.15)


def test_a_draw_has_whole_clusters_of_their_own_sizes():
    labels, draws = np.array([0, 1, 1, 2, 2, 2]), []

    def refit(drawn):
        draws.append(drawn)
        return 0.0

    bootstrap.estimate(refit, 6, labels, replicates=50)

    for drawn in draws:
        times = np.bincount(drawn, minlength=6)
        assert times[1] == times[2]
        assert times[3] == times[4] == times[5]
        assert times[0] + times[1] + times[3] == 3
        assert (np.diff(drawn) >= 0).all()
    assert len({len(drawn) for drawn in draws}) > 1


def test_two_processes_give_what_one_gives_and_leave_the_environment():
    refit = Product.of(*courses(300, 4)).refit()
    before = dict(os.environ)
    one, two = (
        bootstrap.estimate(refit, 300, replicates=12, seed=5, processes=n)
        for n in (1, 2)
    )

    np.testing.assert_allclose(one.estimates, two.estimates, atol=1e-9)
    assert dict(os.environ) == before
    other = bootstrap.estimate(refit, 300, replicates=12, seed=6)
    assert (other.estimates != one.estimates).all()


def test_everyone_once_are_the_same_weeks():
    weeks = Product.of(*courses(40, 7, fortnightly=True)).weeks
    same = bootstrap.person_weeks(weeks, np.arange(40))

    for name in ("person", "week", "history", "is_stop", "since"):
        np.testing.assert_array_equal(getattr(same, name), getattr(weeks, name))


def test_weeks_of_the_people_drawn_are_copied_with_their_own_number():
    weeks = stopping.PersonWeeks(
        person=np.array([0, 0, 2]),
        week=np.array([1, 2, 1]),
        history=np.array([[1.0, 5], [1, 6], [1, 7]]),
        is_stop=np.array([False, True, True]),
        people_count=3,
    )
    drawn = bootstrap.person_weeks(weeks, np.array([2, 1, 0, 0]))

    assert drawn.person.tolist() == [0, 2, 2, 3, 3]
    assert drawn.week.tolist() == [1, 1, 2, 1, 2]
    assert drawn.history[:, 1].tolist() == [7, 5, 6, 5, 6]
    assert drawn.is_stop.tolist() == [True, False, True, False, True]
    assert drawn.people_count == 4
    assert drawn.since is None


@pytest.mark.parametrize(("failing", "estimable"), [(5, True), (6, False)])
def test_more_than_one_in_twenty_without_an_estimate_is_too_many(failing, estimable):
    calls = []

    def refit(drawn):
        calls.append(drawn)
        if len(calls) <= failing:
            raise NotEstimableError("Nobody follows.")
        return float(drawn.mean())

    if estimable:
        assert bootstrap.estimate(refit, 20, replicates=100).failed_count == 5
    else:
        with pytest.raises(NotEstimableError, match="determine no estimate"):
            bootstrap.estimate(refit, 20, replicates=100)


def test_one_cluster_alone_is_not_drawn():
    with pytest.raises(NotEstimableError, match="One cluster alone"):
        bootstrap.estimate(mean_of(np.arange(5.0)), 5, np.zeros(5))


def test_other_errors_are_not_swallowed():
    def refit(drawn):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bootstrap.estimate(refit, 5, replicates=3)
