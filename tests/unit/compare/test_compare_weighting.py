"""Propensity weights: truth, balance, and the error by numerically solved equations."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, root
from scipy.special import expit

from pipelines.compare import weighting
from pipelines.compare.aipw import Observation
from pipelines.compare.results import NotEstimableError
from pipelines.compare.weighting import Target

TRUTH = -2.0


def people(count, seed, gain=0.0):
    """Severe people get the exposed arm; `gain` more effect per SD of severity."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=count)
    exposed = rng.random(count) < expit(severity - 0.5)
    effect = TRUTH + gain * severity
    outcome = 10 + 3 * severity + effect * exposed + rng.normal(size=count)
    return outcome, exposed, severity[:, None]


def test_the_truth_is_found_where_the_plain_average_is_wrong():
    outcome, exposed, severity = people(40_000, 1)
    found = weighting.estimate(outcome, exposed, severity).contrast

    assert outcome[exposed].mean() - outcome[~exposed].mean() > 0
    assert abs(found.estimate - TRUTH) < 3 * found.std_error


def test_the_target_decides_of_whom_the_effect_is():
    rng = np.random.default_rng(2)
    severity = rng.normal(size=200_000)
    chance = expit(severity - 0.5)
    overlap = (chance * (1 - chance) * severity).sum() / (chance * (1 - chance)).sum()
    data = people(200_000, 3, gain=1.0)

    everyone = weighting.estimate(*data).contrast
    both = weighting.estimate(*data, target=Target.overlap).contrast

    assert everyone.estimate == pytest.approx(TRUTH, abs=0.06)
    assert both.estimate == pytest.approx(TRUTH + overlap, abs=0.04)
    assert both.estimate - everyone.estimate > 0.1


def test_overlap_weights_balance_the_terms_exactly():
    _, exposed, severity = people(2_000, 4)
    w = weighting.estimate(
        severity[:, 0] + 0.1 * np.sin(np.arange(2_000)),
        exposed,
        severity,
        target=Target.overlap,
    ).weight
    means = [
        np.average(severity[arm, 0], weights=w[arm]) for arm in (exposed, ~exposed)
    ]

    assert means[0] == pytest.approx(means[1], abs=1e-8)
    assert w[exposed].mean() == pytest.approx(1)
    assert w[~exposed].mean() == pytest.approx(1)


@pytest.mark.parametrize("target", list(Target))
def test_the_error_is_that_of_the_stacked_equations(target):
    y, a, x = people(1_500, 5)
    z = np.column_stack([np.ones(1_500), x])

    def pieces(theta):
        e = expit(z @ theta[2:])
        if target is Target.everyone:
            w = np.where(a, 1 / e, 1 / (1 - e))
        else:
            w = np.where(a, 1 - e, e)
        return np.column_stack(
            [a * w * (y - theta[0]), ~a * w * (y - theta[1]), z * (a - e)[:, None]]
        )

    solved = root(lambda t: pieces(t).mean(0), np.zeros(4), tol=1e-12).x
    bread = np.linalg.inv(approx_fprime(solved, lambda t: pieces(t).mean(0), 1e-7))
    meat = pieces(solved).T @ pieces(solved) / 1_500
    covariance = bread @ meat @ bread.T / 1_499
    contrast = np.array([1, -1, 0, 0])

    ours = weighting.estimate(y, a, x, target=target).contrast

    assert ours.estimate == pytest.approx(contrast @ solved, abs=1e-8)
    assert ours.std_error == pytest.approx(
        np.sqrt(contrast @ covariance @ contrast), rel=1e-5
    )


def test_the_interval_covers_as_often_as_it_says():
    inside = 0
    for seed in range(300):
        found = weighting.estimate(*people(3_000, 2000 + seed)).contrast
        inside += found.low <= TRUTH <= found.high

    assert 0.91 < inside / 300 < 0.985


@pytest.mark.parametrize(
    ("propensity", "share"), [(0.299, 0), (0.3, 1), (0.7, 1), (0.701, 0)]
)
def test_equipoise_is_from_three_to_seven_tenths(propensity, share):
    assert weighting.equipoise(np.array([propensity]), 0.5) == share


def test_equipoise_allows_for_a_rare_arm():
    assert weighting.equipoise(np.array([0.1]), 0.1) == 1
    assert weighting.equipoise(np.array([0.1]), 0.5) == 0


def test_who_is_alone_in_an_arm_cannot_be_weighted():
    outcome, _, severity = people(50, 6)
    with pytest.raises(NotEstimableError, match="nothing to model"):
        weighting.estimate(outcome, np.zeros(50, bool), severity)


def test_a_site_that_separates_people_has_the_error_of_its_prior_too():
    """One site's people all got the exposed arm and all have the outcome.

    Its terms have no bound but the weak prior's. The equations are solved numerically,
    the prior a part of them, shared equally among the people.
    """
    n = 1_200
    y, a, x = people(n, 7)
    site = (np.arange(n) < 6).astype(float)
    a = a | (site > 0)
    seen = (np.random.default_rng(8).random(n) < expit(1 - 0.5 * x[:, 0])) | (site > 0)
    z = np.column_stack([np.ones(n), x, site])
    prior = np.array([0.0, 0.16, 0.16])
    own = z[:, :2]

    def pieces(theta):
        level, to_arm, seen_1, seen_0 = np.split(theta, [2, 5, 8])
        e = expit(z @ to_arm)
        w = np.where(a, 1 / e, 1 / (1 - e)) * seen
        of_1, of_0 = expit(z @ seen_1), expit(own @ seen_0)
        return np.column_stack(
            [
                a * w / of_1 * (y - level[0]),
                ~a * w / of_0 * (y - level[1]),
                z * (a - e)[:, None] - prior * to_arm / n,
                z * (a * (seen - of_1))[:, None] - prior * seen_1 / n,
                own * (~a * (seen - of_0))[:, None],
            ]
        )

    start = np.zeros(10)
    solved = root(lambda t: pieces(t).mean(0), start, tol=1e-12).x
    bread = np.linalg.inv(approx_fprime(solved, lambda t: pieces(t).mean(0), 1e-7))
    meat = pieces(solved).T @ pieces(solved) / n
    covariance = bread @ meat @ bread.T / (n - 1)
    contrast = np.array([1, -1, *[0] * 8])
    observation = Observation(seen, np.empty((n, 0)))

    ours = weighting.estimate(
        np.where(seen, y, np.nan),
        a,
        np.column_stack([x, site]),
        observation=observation,
    ).contrast

    assert ours.estimate == pytest.approx(contrast @ solved, abs=1e-6)
    assert ours.std_error == pytest.approx(
        np.sqrt(contrast @ covariance @ contrast), rel=1e-4
    )
