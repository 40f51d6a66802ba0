import numpy as np
import pytest

from pipelines.compare import aipw, landmark, unadjusted, weighting
from pipelines.compare.results import NotEstimableError


def people(count, seed):
    """Nothing works, but to be exposed one must have stayed, and who is well stays."""
    rng = np.random.default_rng(seed)
    frail = rng.normal(size=count)
    last = rng.exponential(60 * np.exp(-frail))
    start = rng.uniform(0, 120, count)
    exposed = np.where(start <= last, start, np.nan)
    return last, exposed, 10 + 3 * frail + rng.normal(size=count), frail[:, None]


def test_the_head_start_of_the_exposed_is_gone():
    last, exposed, outcome, _ = people(40_000, 1)
    ever = ~np.isnan(exposed)
    naive = unadjusted.mean_difference(outcome[ever], outcome[~ever])
    found = landmark.select(30, last, exposed).estimate(
        lambda y, a: unadjusted.mean_difference(y[a], y[~a]), outcome
    )

    assert naive.high < -1
    assert found.low < 0 < found.high


@pytest.mark.parametrize("module", [aipw, weighting])
def test_estimators_get_the_kept_people_alone(module):
    last, exposed, outcome, frail = people(2_000, 2)
    outcome = np.where(last >= 30, outcome, np.nan)
    cluster = np.arange(2_000) % 50
    selected = landmark.select(30, last, exposed)
    kept = last >= 30

    found = selected.estimate(module.estimate, outcome, frail, cluster)
    plain = module.estimate(
        outcome[kept], exposed[kept] <= 30, frail[kept], cluster[kept]
    )

    assert found.contrast == plain.contrast
    assert selected.left_count == 2_000 - kept.sum()
    assert selected.estimate(module.estimate, outcome, frail, None)


@pytest.mark.parametrize(("last", "is_kept"), [(20.9, False), (21, True)])
def test_who_is_there_on_the_day_is_kept(last, is_kept):
    found = landmark.select(21, [last, 90, 90], [1, 1, np.nan])
    assert found.is_kept.tolist() == [is_kept, True, True]


@pytest.mark.parametrize(("start", "is_exposed"), [(21, True), (21.1, False)])
def test_an_exposure_counts_up_to_the_day(start, is_exposed):
    found = landmark.select(21, [90, 90, 90], [start, 1, np.nan])
    assert found.is_exposed.tolist() == [is_exposed, True, False]


@pytest.mark.parametrize("start", [1.0, 50.0, np.nan])
def test_without_two_arms_there_is_no_contrast(start):
    with pytest.raises(NotEstimableError, match="Everybody or nobody"):
        landmark.select(21, [90, 90, 5], [start, start, 7])
    with pytest.raises(NotEstimableError, match="Everybody or nobody"):
        landmark.select(21, [5, 5], [1, np.nan])


def test_impossible_input_is_refused_by_position():
    with pytest.raises(ValueError, match=r"missing at positions \[1\]"):
        landmark.select(21, [90, np.nan], [1, np.nan])
    with pytest.raises(ValueError, match="same length"):
        landmark.select(21, [90], [1, np.nan])
