"""Cumulative incidence: lifelines as the oracle, the error by bootstrap, and by hand."""

import warnings

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from pipelines.compare import survival
from pipelines.compare.results import NotEstimableError

DAY = 300.0
EVENT_RATE = {True: 1 / 700, False: 1 / 400}
DEATH_RATE = 1 / 1500


def people(count, seed):
    """No two days alike: lifelines would jitter ties."""
    rng = np.random.default_rng(seed)
    is_exposed = rng.random(count) < 0.5
    rate = np.where(is_exposed, EVENT_RATE[True], EVENT_RATE[False])
    event = rng.exponential(1 / rate)
    died = rng.exponential(1 / DEATH_RATE, count)
    end = rng.uniform(100, 700, count)
    days = np.minimum(np.minimum(event, died), end)
    status = np.select([days == event, days == died], [1, 2], 0)
    return days, status, is_exposed, rng.uniform(0.3, 3, count)


def lifelines_curve(days, status, weight=None, variance=False):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that are not whole
        return AalenJohansenFitter(calculate_variance=variance, seed=1).fit(
            days, status, event_of_interest=1, weights=weight
        )


def area(days, shares, until):
    """Integral of a curve that steps up on these days."""
    inside = days < until
    widths = np.diff(np.r_[days[inside], until])
    return float((shares[inside] * widths).sum())


@pytest.mark.parametrize("weighted", [False, True])
def test_curve_and_time_lost_are_those_of_lifelines(weighted):
    days, status, _, weight = people(400, 1)
    weight = weight if weighted else None

    ours = survival.incidence(days, status, weight)
    theirs = lifelines_curve(days, status, weight).cumulative_density_["CIF_1"]
    at = theirs.index.to_numpy()

    np.testing.assert_allclose(ours.at(at), theirs.to_numpy(), atol=1e-12)
    for until in (0.5, 150.0, DAY, 650.0):
        expected = area(at, theirs.to_numpy(), until)
        assert ours.time_lost(until) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("day", [50.0, 150.0, DAY, 600.0])
def test_without_weights_the_variance_is_that_of_lifelines(day):
    """Theirs is the sum over people; ours has n / (n - 1) for the clusters too."""
    days, status, is_exposed, _ = people(500, 2)
    expected = 0.0
    for arm in (is_exposed, ~is_exposed):
        variance = lifelines_curve(days[arm], status[arm], variance=True).variance_
        expected += variance.loc[:day].iloc[-1].item() * 500 / 499

    found = survival.difference_at(day, days, status, is_exposed).contrast

    assert found.std_error**2 == pytest.approx(expected, rel=1e-9)


def test_without_deaths_it_is_kaplan_meier_with_greenwoods_variance():
    days, status, is_exposed, _ = people(300, 3)
    status = (status == 1).astype(int)
    level, variance = {}, 0.0
    for arm in (True, False):
        own = is_exposed == arm
        level[arm] = 1 - KaplanMeierFitter().fit(days[own], status[own]).predict(DAY)
        at_risk = (days[own] >= days[own][:, None]).sum(1)
        terms = 1 / (at_risk * (at_risk - 1))
        counted = (status[own] == 1) & (days[own] <= DAY)
        variance += (1 - level[arm]) ** 2 * terms[counted].sum()

    found = survival.difference_at(DAY, days, status, is_exposed).contrast

    assert found.estimate == pytest.approx(level[True] - level[False], abs=1e-9)
    assert found.std_error**2 == pytest.approx(variance * 300 / 299, rel=1e-9)


@pytest.mark.parametrize("compare", [survival.difference_at, survival.time_lost])
def test_the_influence_is_the_derivative_in_the_weight(compare):
    """Whole days, so that events, deaths and ends of follow-up fall together."""
    days, status, is_exposed, weight = people(120, 4)
    data = (np.ceil(days / 30) * 30, status, is_exposed)
    found = compare(DAY, *data, weight)

    for person in range(0, 120, 7):
        moved = []
        for step in (1e-5, -1e-5):
            other = weight.copy()
            other[person] += step
            moved.append(compare(DAY, *data, other).contrast.estimate)
        slope = (moved[0] - moved[1]) / 2e-5
        expected = slope * weight[person] * 120
        assert found.influence[person] == pytest.approx(expected, abs=1e-4)
    assert found.influence.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("compare", [survival.difference_at, survival.time_lost])
def test_the_clustered_error_is_near_that_of_a_bootstrap(compare):
    """500 replicates know a standard error to about 3 %; 10 % are allowed."""
    days, status, is_exposed, weight = people(800, 5)
    cluster = np.arange(800) // 4  # follow-up of a cluster ends alike
    days = np.minimum(days, 200 + 100 * np.repeat(np.arange(200) % 5, 4))
    status = np.where(days == np.floor(days), 0, status)
    found = compare(200.0, days, status, is_exposed, weight, cluster).contrast

    rng, drawn = np.random.default_rng(6), []
    for _ in range(500):
        clusters = rng.integers(200, size=200)
        rows = (4 * clusters[:, None] + np.arange(4)).ravel()
        again = compare(200.0, days[rows], status[rows], is_exposed[rows], weight[rows])
        drawn.append(again.contrast.estimate)

    assert found.std_error == pytest.approx(np.std(drawn, ddof=1), rel=0.1)
    assert found.variance_method == "aalen_johansen_influence_function"


def test_the_intervals_hold_the_truth_as_often_as_they_say():
    def share(rate, day):
        total = rate + DEATH_RATE
        return rate / total * (1 - np.exp(-total * day))

    def lost(rate, day):
        total = rate + DEATH_RATE
        return rate / total * (day - (1 - np.exp(-total * day)) / total)

    for compare, level in ((survival.difference_at, share), (survival.time_lost, lost)):
        truth = level(EVENT_RATE[True], DAY) - level(EVENT_RATE[False], DAY)
        inside = 0
        for seed in range(300):
            found = compare(DAY, *people(400, 100 + seed)[:3]).contrast
            inside += found.low <= truth <= found.high
        assert 0.91 < inside / 300 < 0.985


def test_a_day_of_an_event_counts_and_death_is_not_censoring():
    days, status = [100, 200, 300, 400], [2, 1, 0, 0]

    curve = survival.incidence(days, status)

    assert curve.at([199.9, 200.0]).tolist() == [0, 0.25]
    assert curve.died.tolist() == [0.25, 0.25]
    censored = survival.incidence(days, [0, 1, 0, 0])
    assert censored.at(200.0) == pytest.approx(1 / 3)


def test_who_is_censored_on_a_day_of_events_was_at_risk():
    assert survival.incidence([50, 50], [1, 0]).at(50) == 0.5
    assert survival.incidence([50, 49.9], [1, 0]).at(50) == 1


def test_weights_count_relatively():
    days, status, is_exposed, weight = people(200, 8)
    once = survival.time_lost(DAY, days, status, is_exposed, weight).contrast
    twice = survival.time_lost(DAY, days, status, is_exposed, 2 * weight).contrast

    assert twice.estimate == pytest.approx(once.estimate, abs=1e-12)
    assert twice.std_error == pytest.approx(once.std_error, abs=1e-12)


def test_a_curve_goes_on_only_while_somebody_is_followed():
    days, status = [50.0, 60.0, 100.0] * 2, [1, 2, 0] * 2
    is_exposed = np.arange(6) < 3
    assert survival.difference_at(100, days, status, is_exposed).contrast.estimate == 0
    with pytest.raises(NotEstimableError, match="followed up to that day"):
        survival.difference_at(100.1, days, status, is_exposed)

    everyone_ended = [1, 2, 1, 1, 2, 2]
    late = survival.difference_at(999, days, everyone_ended, is_exposed).contrast
    assert late.estimate == pytest.approx(1 / 3)


@pytest.mark.parametrize(("day", "estimable"), [(49.9, False), (50, True)])
def test_an_arm_without_an_event_gives_no_estimate(day, estimable):
    data = ([40, 90, 50, 90], [1, 0, 1, 0], [1, 1, 0, 0])
    if estimable:
        assert survival.difference_at(day, *data).contrast.estimate == 0
    else:
        with pytest.raises(NotEstimableError, match="had the event"):
            survival.difference_at(day, *data)


@pytest.mark.parametrize("is_exposed", [[1, 1], [0, 0]])
def test_an_empty_arm_gives_no_estimate(is_exposed):
    with pytest.raises(NotEstimableError, match="An arm has nobody"):
        survival.time_lost(50, [10, 20], [1, 1], is_exposed)


@pytest.mark.parametrize(
    ("days", "status", "weight", "what"),
    [
        ([10, -1], [1, 0], None, "a day below 0"),
        ([10, 11], [1, 3], None, "an unknown status"),
        ([10, 11], [1, 0], [1, 0], "a weight that is not above 0"),
        ([10, np.nan], [1, 0], None, "missing or infinite"),
    ],
)
def test_impossible_input_is_refused_by_position(days, status, weight, what):
    with pytest.raises(ValueError, match=rf"{what} at positions \[1\]"):
        survival.incidence(days, status, weight)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="same length"):
        survival.incidence([1, 2], [1])
    with pytest.raises(ValueError, match="same length"):
        survival.difference_at(5, [1, 2], [1, 1], [True])
