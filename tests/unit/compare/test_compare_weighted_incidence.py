"""Weighted curves of two arms: lifelines as the oracle, the error by a jackknife."""

import warnings

import numpy as np
import pytest
from lifelines import AalenJohansenFitter
from made_up_times import OUTCOME, UNTIL, level, people

from pipelines.compare import survival, timed, weighted_incidence, weighting
from pipelines.compare.weighted_incidence import FollowUp
from pipelines.compare.weighting import Target


def made(count, seed, **how):
    """Follow-up of made-up people, and what decides who goes on."""
    frame = people(count, seed, **how)
    one = timed.sample(frame, OUTCOME)
    terms = np.column_stack(
        [
            frame["baseline_phq9_points"].to_numpy() - 16,
            frame["is_female"].to_numpy().astype(float),
        ]
    )
    return timed.follow_up(one, OUTCOME), terms


def apart(given: FollowUp) -> FollowUp:
    """No two days alike: lifelines would jitter ties."""
    shift = np.linspace(0, 0.5, len(given.days))
    days = np.where(given.days < UNTIL, given.days + shift, given.days)
    return FollowUp(days, given.status, given.is_exposed, given.cluster, UNTIL)


def of_lifelines(given: FollowUp, weight, arm):
    """Share and days lost of one arm, as lifelines has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that are not whole
        fitted = AalenJohansenFitter(calculate_variance=False, seed=1).fit(
            given.days[arm], given.status[arm], event_of_interest=1, weights=weight[arm]
        )
    curve = fitted.cumulative_density_["CIF_1"]
    at, shares = curve.index.to_numpy(), curve.to_numpy()
    widths = np.diff(np.r_[at[at < UNTIL], UNTIL])
    return curve.loc[:UNTIL].iloc[-1], (shares[at < UNTIL] * widths).sum()


@pytest.mark.parametrize("target", list(Target))
def test_weighted_levels_and_differences_are_those_of_lifelines(target):
    given, terms = made(600, 1)
    given = apart(given)
    exposure = weighting.model(given.is_exposed, terms)
    e = exposure.chance
    by_hand = {
        Target.everyone: np.where(
            given.is_exposed, e.mean() / e, (1 - e.mean()) / (1 - e)
        ),
        Target.overlap: np.where(given.is_exposed, 1 - e, e),
    }[target]

    found = weighted_incidence.estimate(given, exposure, target)

    one = of_lifelines(given, by_hand, given.is_exposed)
    other = of_lifelines(given, by_hand, ~given.is_exposed)
    for scale, mine in enumerate((found.share, found.days_lost)):
        assert mine.exposed_level == pytest.approx(one[scale], abs=1e-9)
        assert mine.comparator_level == pytest.approx(other[scale], abs=1e-9)
        assert mine.estimate == pytest.approx(one[scale] - other[scale], abs=1e-9)
        assert mine.variance_method == weighted_incidence.STACKED


def test_without_a_chance_it_is_the_plain_curve():
    given, _ = made(400, 2)
    plain = survival.difference_at(
        UNTIL, given.days, given.status, given.is_exposed, cluster=given.cluster
    )
    found = weighted_incidence.estimate(given)

    assert found.share == plain.contrast
    assert found.weight.tolist() == [1.0] * 400
    both = found.influences[0] - found.influences[1]
    np.testing.assert_allclose(both, plain.influence, atol=1e-12)
    assert not found.influences[0][~given.is_exposed].any()


@pytest.mark.parametrize("target", list(Target))
def test_the_error_counts_that_the_chance_was_fitted(target):
    """Everyone left out in turn: 3 % is what a jackknife of 400 may be off here."""
    given, terms = made(400, 3)
    alone = FollowUp(given.days, given.status, given.is_exposed, np.arange(400), UNTIL)

    def estimate(keep):
        some = FollowUp(
            *(getattr(alone, name)[keep] for name in ("days", "status", "is_exposed")),
            alone.cluster[keep],
            UNTIL,
        )
        exposure = weighting.model(some.is_exposed, terms[keep])
        found = weighted_incidence.estimate(some, exposure, target)
        return found.share, found.days_lost

    everybody = np.ones(400, bool)
    left_out = []
    for person in range(400):
        keep = everybody.copy()
        keep[person] = False
        left_out.append([one.estimate for one in estimate(keep)])
    jackknife = np.std(left_out, axis=0) * np.sqrt(399)

    for mine, theirs in zip(estimate(everybody), jackknife, strict=True):
        assert mine.std_error == pytest.approx(theirs, rel=0.03)


def test_weights_taken_as_given_would_have_another_error():
    given, terms = made(800, 4)
    exposure = weighting.model(given.is_exposed, terms)
    weight, _ = weighting.of_target(exposure, Target.everyone)
    as_given = survival.difference_at(
        UNTIL, given.days, given.status, given.is_exposed, weight, given.cluster
    ).contrast

    stacked = weighted_incidence.estimate(given, exposure).share

    assert stacked.estimate == as_given.estimate
    assert stacked.std_error < 0.99 * as_given.std_error


def test_intervals_hold_the_truth_and_plain_curves_miss_it():
    truths = np.subtract(level(True), level(False))
    inside = np.zeros((2, 2))
    for seed in range(60):
        given, terms = made(1500, 100 + seed)
        exposure = weighting.model(given.is_exposed, terms)
        for row, found in enumerate(
            (
                weighted_incidence.estimate(given, exposure),
                weighted_incidence.estimate(given),
            )
        ):
            for scale, mine in enumerate((found.share, found.days_lost)):
                inside[row, scale] += mine.low <= truths[scale] <= mine.high
    assert (inside[0] >= 52).all()
    assert (inside[1] <= 20).all()


def test_points_of_a_curve_say_how_many_are_followed_on():
    days = np.array([30.0, 100, 200, 365, 365, 50, 60, 70, 80, 90])
    status = np.array([1, 2, 0, 0, 1, 1, 0, 0, 0, 0])
    is_exposed = np.arange(10) < 5
    given = FollowUp(days, status, is_exposed, np.arange(10), UNTIL)

    points = weighted_incidence.curves(given, np.ones(10))

    assert [point.month for point in points[:13]] == list(range(13))
    exposed = {point.month: point for point in points if point.is_exposed}
    other = {point.month: point for point in points if not point.is_exposed}
    assert (exposed[0].share, exposed[0].low, exposed[0].high) == (0.0, 0.0, 0.0)
    # a month is 30.4 days: the first event lies before it
    assert exposed[1].share == pytest.approx(0.2)
    assert [exposed[month].at_risk_count for month in (0, 1, 4, 12)] == [5, 4, 3, 2]
    assert exposed[12].share == pytest.approx(0.2 + 0.6 * 0.5)
    assert 0 <= exposed[1].low < 0.2 < exposed[1].high <= 1
    # nobody ill yet is no certainty: at most what 5 people leave open
    assert (other[1].low, other[1].high) == (0.0, pytest.approx(1 - 0.025**0.2))
    assert other[2].at_risk_count == 3
    assert (other[3].at_risk_count, other[3].share) == (0, None)
    assert {point.people_count for point in points} == {5}


def test_one_person_alone_has_no_interval():
    days = np.array([10.0, 300, 20, 365])
    given = FollowUp(
        days, np.array([1, 0, 1, 0]), np.array([True, True, False, False]), days, UNTIL
    )
    found = weighted_incidence.curves(given, np.ones(4))[6]

    assert (found.at_risk_count, found.share, found.low) == (1, 0.5, None)


def test_the_weights_average_to_one_in_each_arm():
    given, terms = made(300, 5)
    found = weighted_incidence.estimate(given, weighting.model(given.is_exposed, terms))

    for arm in (given.is_exposed, ~given.is_exposed):
        assert found.weight[arm].mean() == pytest.approx(1)
