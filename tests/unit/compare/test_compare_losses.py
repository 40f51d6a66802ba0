"""People lost while in therapy: who stands for them, by hand and by an oracle."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, root
from scipy.special import expit

from pipelines.compare import duration, stopping
from pipelines.compare.duration import Grace, Observation
from pipelines.compare.stopping import Losses, PersonWeeks

WEEKS, LONG = 14, 12
COUNT = 1_500


def courses(people, seed):
    """Weekly scores; who is better stops, who is worse is lost more often."""
    rng = np.random.default_rng(seed)
    score = 10 + 2 * rng.normal(size=people)
    scores, stop = np.empty((WEEKS, people)), np.full(people, WEEKS)
    lost = np.zeros(people, bool)
    for week in range(WEEKS):
        scores[week] = score
        stops = rng.random(people) < expit(-2.2 - 0.25 * (score - 8))
        gone = ~stops & (rng.random(people) < expit(-3.2 + 0.2 * (score - 8)))
        leaves = (stop == WEEKS) & (stops | gone) & (week > 0)
        stop[leaves], lost[leaves] = week, gone[leaves]
        score = score - 0.35 * (stop > week) + 0.3 * rng.normal(size=people)
    final = np.minimum(stop, LONG - 1)
    rows = [(i, w) for i in range(people) for w in range(1, final[i] + 1)]
    person, week = np.array(rows).T
    history = np.stack(
        [np.ones(len(person)), scores[week, person] - 8, week / 10], axis=1
    )
    ends = stop[person] == week
    weeks = PersonWeeks(person, week, history, ends & ~lost[person], people)
    return weeks, Losses(ends & lost[person], history[:, :2]), stop, score


@pytest.fixture(scope="module")
def some():
    return courses(COUNT, 1)


def estimate(some, grace, observation=None, most_weight=None, losses=True):
    weeks, lost, stop, outcome = some
    return duration.estimate(
        weeks,
        stop,
        np.full(weeks.people_count, LONG),
        grace,
        outcome,
        observation,
        losses=lost if losses else None,
        most_weight=most_weight,
    )


def not_lost(some, lets_stay):
    """One over the chance of not being lost in the weeks that count, by person."""
    weeks, lost, _, _ = some
    chance = stopping.fit_losses(weeks, lost).hazard
    found = np.ones(weeks.people_count)
    np.multiply.at(found, weeks.person, np.where(lets_stay, 1 / (1 - chance), 1.0))
    return found


@pytest.mark.parametrize("grace", [Grace(6), Grace(6, 3), Grace(6, 3, False)])
def test_a_weight_is_that_without_losses_times_that_of_not_being_lost(some, grace):
    weeks, lost, _, _ = some
    plain, ours = estimate(some, grace, losses=False), estimate(some, grace)
    last = grace.first_week + grace.weeks
    was_lost = np.isin(np.arange(COUNT), weeks.person[lost.is_lost])

    for name, lets_stay in (("long", weeks.week < LONG), ("short", weeks.week < last)):
        without, found = getattr(plain, name).weight, getattr(ours, name).weight
        expected = np.where(was_lost, 0.0, without * not_lost(some, lets_stay))
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert (plain.short.weight[was_lost] > 0).any() == grace.allows_earlier


def test_losses_that_never_happen_change_nothing(some):
    weeks, lost, stop, outcome = some
    nobody = Losses(np.zeros_like(lost.is_lost), lost.history)
    with_nobody = estimate((weeks, nobody, stop, outcome), Grace(6))

    without = estimate(some, Grace(6), losses=False)
    assert with_nobody.contrast == without.contrast
    assert with_nobody.long.loss_slope is None


def test_losses_are_fitted_as_stops_are(some):
    weeks, lost, _, _ = some
    found = stopping.fit_losses(weeks, lost)

    assert found.coefficients.shape == (2,)
    residual = lost.is_lost - expit(lost.history @ found.coefficients)
    np.testing.assert_allclose(lost.history.T @ residual, 0, atol=1e-6)
    assert found.hazard[0] != stopping.fit(weeks).hazard[0]


def stacked(some, grace, seen, z):
    """Solve and differentiate all estimating equations numerically: the oracle."""
    weeks, lost, stop, outcome = some
    n, k, q = weeks.people_count, weeks.history.shape[1], lost.history.shape[1]
    last = grace.first_week + grace.weeks
    was_lost = np.zeros(n, bool)
    was_lost[weeks.person[lost.is_lost]] = True
    inside = (weeks.week >= grace.first_week) & (weeks.week < last)

    def summed(rows):
        return np.stack(
            [np.bincount(weeks.person, one, minlength=n) for one in rows.T], axis=1
        )

    def pieces(theta):
        alpha, delta = theta[:k], theta[k : k + q]
        mu = theta[k + q : k + q + 2]
        gammas = theta[k + q + 2 :].reshape(2, -1)
        p, r = expit(weeks.history @ alpha), expit(lost.history @ delta)
        logs = np.column_stack(
            [
                -np.log1p(-p),
                np.where(inside, -np.where(weeks.is_stop, np.log(p), np.log1p(-p)), 0),
                -np.log1p(-r),
                np.where(weeks.week < last, -np.log1p(-r), 0),
            ]
        )
        stay, early, kept, kept_early = summed(logs).T
        in_grace = (stop >= grace.first_week) & (stop < last)
        weight = [
            (stop >= LONG) * np.exp(stay + kept),
            ~was_lost
            * (
                in_grace * np.exp(early) / grace.weeks
                + (grace.allows_earlier & (stop < grace.first_week))
            )
            * np.exp(kept_early),
        ]
        parts, means = [], []
        for arm in range(2):
            chance = expit(z @ gammas[arm])
            follows = weight[arm] > 0
            parts.append((follows * (seen - chance))[:, None] * z)
            means.append((weight[arm] * seen / chance * (outcome - mu[arm]))[:, None])
        return np.concatenate(
            [
                summed(weeks.history * (weeks.is_stop - p)[:, None]),
                summed(lost.history * (lost.is_lost - r)[:, None]),
                *means,
                *parts,
            ],
            axis=1,
        )

    def total(theta):
        return pieces(theta).mean(0)

    start = np.zeros(k + q + 2 + 2 * z.shape[1])
    start[:k] = stopping.fit(weeks).coefficients
    start[k : k + q] = stopping.fit_losses(weeks, lost).coefficients
    start[k + q : k + q + 2] = outcome.mean()
    solved = root(total, start, tol=1e-13).x
    slopes = [approx_fprime(solved, total, step) for step in (1e-5, -1e-5)]
    bread = np.linalg.inv(np.mean(slopes, axis=0))
    meat = pieces(solved).T @ pieces(solved) / n
    covariance = bread @ meat @ bread.T / (n - 1)
    contrast = np.zeros(len(solved))
    contrast[k + q], contrast[k + q + 1] = 1, -1
    return contrast @ solved, np.sqrt(contrast @ covariance @ contrast)


@pytest.mark.parametrize("grace", [Grace(6), Grace(6, 3), Grace(6, 3, False)])
def test_the_error_is_that_of_the_stacked_equations(some, grace):
    rng = np.random.default_rng(5)
    z = np.stack([np.ones(COUNT), rng.normal(size=COUNT)], axis=1)
    seen = rng.random(COUNT) < expit(z @ [0.8, 0.6])

    ours = estimate(some, grace, Observation(seen, z)).contrast
    expected, error = stacked(some, grace, seen, z)

    assert ours.estimate == pytest.approx(expected, abs=1e-6)
    assert ours.std_error == pytest.approx(error, abs=1e-6)


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.99])
def test_weights_are_cut_at_a_quantile_of_the_followers(some, quantile):
    plain, cut = (
        estimate(some, Grace(6, 3)),
        estimate(some, Grace(6, 3), None, quantile),
    )

    for name in ("long", "short"):
        before, after = getattr(plain, name), getattr(cut, name)
        follows = before.weight > 0
        most = np.quantile(before.weight[follows], quantile)
        np.testing.assert_allclose(after.weight, np.minimum(before.weight, most))
        moves = before.weight < most
        np.testing.assert_array_equal(after.slope[moves], before.slope[moves])
        np.testing.assert_array_equal(after.slope[~moves], 0)
        np.testing.assert_array_equal(after.loss_slope[moves], before.loss_slope[moves])
        np.testing.assert_array_equal(after.loss_slope[~moves], 0)
        assert 0 < (follows & ~moves).sum() < follows.sum()
    assert cut.contrast.estimate != plain.contrast.estimate


def test_cut_at_the_largest_weight_nothing_is_cut(some):
    plain, cut = estimate(some, Grace(6, 3)), estimate(some, Grace(6, 3), None, 1.0)

    assert cut.contrast.estimate == pytest.approx(plain.contrast.estimate, abs=1e-12)
