"""Outcomes missing by what happened after day 0: truth, errors, two chances."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, root
from scipy.special import expit
from statsmodels.api import OLS

from pipelines.compare import aipw, weighting
from pipelines.compare.aipw import Observation
from pipelines.compare.weighting import Target

TRUTH = -2.0


def people(count, seed, bent=False, folded=False):
    """Who is seen again depends on the last score before, and on the arm.

    `bent` makes the outcome curve in the last score; `folded` makes both low and high
    last scores go with not being seen.
    """
    rng = np.random.default_rng(seed)
    severity, trend = rng.normal(size=(2, count))
    exposed = rng.random(count) < expit(0.8 * severity - 0.2)
    last = trend + 0.5 * severity
    outcome = 3 * severity + 2 * last + TRUTH * exposed + rng.normal(size=count)
    if bent:
        outcome += (trend**2 - 1) * np.where(exposed, 1, -1)
    chance = 1.0 - last**2 if folded else 1.2 - last * np.where(exposed, 1, -0.5)
    seen = rng.random(count) < expit(chance)
    values = np.where(seen, outcome, np.nan)
    return values, exposed, severity[:, None], Observation(seen, last[:, None])


def by_aipw(data, **how):
    outcome, exposed, severity, observation = data
    return aipw.estimate(outcome, exposed, severity, observation=observation, **how)


def by_weights(data, target=Target.everyone):
    outcome, exposed, severity, observation = data
    return weighting.estimate(
        outcome, exposed, severity, target=target, observation=observation
    )


def distance(contrast):
    return abs(contrast.estimate - TRUTH) / contrast.std_error


def test_complete_cases_are_wrong_and_neither_estimator_is():
    outcome, exposed, severity, observation = data = people(20_000, 1)
    seen = observation.is_observed
    naive = weighting.estimate(outcome[seen], exposed[seen], severity[seen])

    assert distance(naive.contrast) > 10
    assert distance(by_weights(data).contrast) < 3
    assert distance(by_aipw(data).contrast) < 3


def test_wrong_outcome_models_are_made_good_by_the_chance_of_being_seen():
    outcome, exposed, severity, observation = data = people(60_000, 2, bent=True)
    known = np.column_stack([np.ones(60_000), severity, observation.history])
    foretold = []
    for arm in (exposed, ~exposed):
        among = arm & observation.is_observed
        foretold.append((known @ OLS(outcome[among], known[among]).fit().params).mean())

    found = by_aipw(data).contrast

    assert distance(found) < 3
    assert abs(foretold[0] - foretold[1] - TRUTH) > 6 * found.std_error


def test_a_wrong_chance_of_being_seen_is_made_good_by_the_outcome_model():
    data = people(40_000, 3, folded=True)

    assert distance(by_aipw(data).contrast) < 3
    data = people(40_000, 3, folded=True, bent=True)
    assert distance(by_aipw(data).contrast) > 5


def test_a_share_with_missing_outcomes_is_found():
    _, exposed, severity, observation = people(40_000, 4)
    rng = np.random.default_rng(5)
    last = observation.history[:, 0]
    response = rng.random(40_000) < expit(last - 0.7 * exposed)
    # both averages over the same people's last scores
    chances = [expit(last - 0.7 * arm).mean() for arm in (1, 0)]
    given = np.where(observation.is_observed, response, np.nan)

    found = by_aipw((given, exposed, severity, observation), is_binary=True).contrast

    assert abs(found.estimate - (chances[0] - chances[1])) < 3 * found.std_error
    assert found.exposed_level == pytest.approx(chances[0], abs=0.02)


def test_the_same_seed_gives_the_same_bytes():
    data = people(2_000, 6)
    first, again, other = (by_aipw(data, seed=seed) for seed in (1, 1, 2))

    assert first.contrast == again.contrast
    assert first.influence.tobytes() == again.influence.tobytes()
    assert first.propensity.tobytes() == again.propensity.tobytes()
    assert first.contrast.estimate != other.contrast.estimate
    assert first.contrast.estimate == pytest.approx(other.contrast.estimate, abs=0.05)


def test_a_chance_of_being_seen_near_nothing_is_taken_for_one_in_twenty(monkeypatch):
    """One person is seen although nobody like them is."""
    outcome, exposed, severity, observation = people(1_000, 7)
    history, seen = observation.history.copy(), observation.is_observed.copy()
    history[0] = 25.0 if exposed[0] else -25.0
    seen[0], outcome[0] = True, 0.0
    data = outcome, exposed, severity, Observation(seen, history)

    def own_part(least=None):
        if least is not None:
            monkeypatch.setattr(aipw, "LEAST_OBSERVED", least)
        found = by_aipw(data)
        level = found.contrast.exposed_level, found.contrast.comparator_level
        arm = 0 if exposed[0] else 1
        return found.influences[arm][0] + level[arm]

    # their error counts 20 times; then 10 and 5 times
    ours, ten, five = own_part(), own_part(0.1), own_part(0.2)
    assert (ours - ten) / (ten - five) == pytest.approx(2)


def test_where_everybody_of_an_arm_is_seen_only_the_other_is_weighted():
    outcome, exposed, severity, observation = people(5_000, 8)
    seen = observation.is_observed | exposed
    filled = np.where(np.isnan(outcome), 0.0, outcome)
    given = np.where(seen, filled, np.nan)
    part = by_weights(
        (given, exposed, severity, Observation(seen, observation.history))
    )
    full = weighting.estimate(np.where(exposed, given, 0.0), exposed, severity)

    assert part.contrast.exposed_level == pytest.approx(full.contrast.exposed_level)
    np.testing.assert_allclose(part.influences[0], full.influences[0], atol=1e-9)


@pytest.mark.parametrize("target", list(Target))
def test_the_error_is_that_of_the_stacked_equations(target):
    """Both means, the chance of the arm, and that of being seen in each arm."""
    outcome, a, x, observation = data = people(1_500, 9)
    seen = observation.is_observed
    y = np.where(seen, outcome, 0.0)
    z = np.column_stack([np.ones(1_500), x])
    h = np.column_stack([z, observation.history])

    def pieces(theta):
        mu, alpha, gammas = theta[:2], theta[2:4], theta[4:].reshape(2, 3)
        e = expit(z @ alpha)
        parts = [z * (a - e)[:, None]]
        means = []
        for number, arm in enumerate((a, ~a)):
            chance = expit(h @ gammas[number])
            own = e if number == 0 else 1 - e
            w = 1 / own if target is Target.everyone else 1 - own
            parts.append(h * (arm * (seen - chance))[:, None])
            means.append(arm * seen * w / chance * (y - mu[number]))
        return np.column_stack([*means, *parts])

    def total(theta):
        return pieces(theta).mean(0)

    solved = root(total, np.zeros(10), tol=1e-13).x
    slopes = [approx_fprime(solved, total, step) for step in (1e-5, -1e-5)]
    bread = np.linalg.inv(np.mean(slopes, axis=0))
    meat = pieces(solved).T @ pieces(solved) / 1_500
    covariance = bread @ meat @ bread.T / 1_499

    ours = by_weights(data, target)

    assert ours.contrast.exposed_level == pytest.approx(solved[0], abs=1e-8)
    assert ours.contrast.comparator_level == pytest.approx(solved[1], abs=1e-8)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert ours.contrast.std_error == pytest.approx(np.sqrt(variance), abs=1e-6)
    for level, influence in enumerate(ours.influences):
        error = np.sqrt((influence**2).sum() / 1_499 / 1_500)
        assert error == pytest.approx(np.sqrt(covariance[level, level]), abs=1e-6)


def test_the_interval_covers_as_often_as_it_says():
    inside = np.zeros(2)
    for seed in range(100):
        data = people(1_500, 500 + seed)
        for number, found in enumerate((by_weights(data), by_aipw(data))):
            inside[number] += found.contrast.low <= TRUTH <= found.contrast.high

    assert (inside >= 90).all()
