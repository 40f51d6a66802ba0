"""Interactions: saturated models of statsmodels with robust errors as the oracle."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t
from statsmodels.tools.sm_exceptions import DomainWarning

from pipelines.compare import interaction, unadjusted
from pipelines.compare.results import Estimate, NotEstimableError


def people(count, seed, gain=0.15):
    rng = np.random.default_rng(seed)
    marked, exposed = rng.random(count) < 0.4, rng.random(count) < 0.5
    cluster = rng.integers(40, size=count)
    chance = 0.25 + 0.1 * exposed + 0.05 * marked + gain * exposed * marked
    chance = np.clip(chance + 0.05 * rng.normal(size=40)[cluster], 0.01, 0.99)
    outcome = (rng.random(count) < chance).astype(float)
    return outcome, exposed, marked, cluster


def groups(outcome, exposed, marked, cluster, weight=None):
    return [
        interaction.levels(
            outcome[own],
            exposed[own],
            None if weight is None else weight[own],
            None if cluster is None else cluster[own],
        )
        for own in (marked, ~marked)
    ]


def saturated(exposed, marked):
    return np.column_stack([np.ones(len(exposed)), exposed, marked, exposed & marked])


@pytest.mark.parametrize("clustered", [False, True])
def test_differences_are_those_of_a_linear_model(clustered):
    outcome, exposed, marked, cluster = people(900, 1)
    if clustered:
        covariance = {
            "cov_type": "cluster",
            "cov_kwds": {"groups": cluster, "use_correction": False},
        }
        count = 40
    else:
        covariance, count = {"cov_type": "HC0"}, 900
    fitted = sm.OLS(outcome, saturated(exposed, marked)).fit(**covariance)

    found = interaction.between_differences(
        *groups(outcome, exposed, marked, cluster if clustered else None)
    )

    assert found.estimate == pytest.approx(fitted.params[3], abs=1e-10)
    error = fitted.bse[3] * np.sqrt(count / (count - 1))
    assert found.std_error == pytest.approx(error, abs=1e-10)
    assert found.exposed_level == pytest.approx(fitted.params[[1, 3]].sum(), abs=1e-10)
    assert found.comparator_level == pytest.approx(fitted.params[1], abs=1e-10)
    wide = t.ppf(0.975, 39) if clustered else 1.959963984540054
    assert found.high - found.estimate == pytest.approx(wide * error, abs=1e-10)


@pytest.mark.parametrize("clustered", [False, True])
def test_ratios_are_those_of_a_poisson_model_with_robust_errors(clustered):
    outcome, exposed, marked, cluster = people(900, 2)
    fitted = sm.GLM(
        outcome, saturated(exposed, marked), family=sm.families.Poisson()
    ).fit(
        tol=1e-14,
        cov_type="cluster",
        cov_kwds={
            "groups": cluster if clustered else np.arange(900),
            "use_correction": False,
        },
    )
    count = 40 if clustered else 900
    parts = groups(outcome, exposed, marked, cluster if clustered else None)
    found = interaction.between_ratios(*parts)

    assert np.log(found.estimate) == pytest.approx(fitted.params[3], abs=1e-8)
    error = fitted.bse[3] * np.sqrt(count / (count - 1))
    assert found.std_error == pytest.approx(error, abs=1e-8)
    assert found.comparator_level == pytest.approx(np.exp(fitted.params[1]), abs=1e-8)
    assert found.estimate == pytest.approx(
        found.exposed_level / found.comparator_level, abs=1e-12
    )
    assert np.log(found.low * found.high) == pytest.approx(2 * np.log(found.estimate))


def test_a_risk_ratio_is_that_of_a_log_binomial_model():
    outcome, exposed, _, _ = people(600, 3)
    x = np.column_stack([np.ones(600), exposed])
    link = sm.families.links.Log()
    with pytest.warns(DomainWarning):
        model = sm.GLM(outcome, x, family=sm.families.Binomial(link=link))
    fitted = model.fit(tol=1e-14)

    found = interaction.risk_ratio(interaction.levels(outcome, exposed))

    assert found.estimate == pytest.approx(np.exp(fitted.params[1]), abs=1e-8)
    error = fitted.bse[1] * np.sqrt(600 / 599)
    assert found.std_error == pytest.approx(error, abs=1e-7)


def test_a_trials_risk_ratio_by_hand():
    """CoBalT at six months: 95 of 206 responded against 46 of 213."""
    outcome = np.repeat([1, 0, 1, 0], [95, 111, 46, 167])
    exposed = np.repeat([True, False], [206, 213])
    found = interaction.risk_ratio(interaction.levels(outcome, exposed))

    by_hand = np.sqrt(1 / 95 - 1 / 206 + 1 / 46 - 1 / 213)
    assert found.estimate == pytest.approx((95 / 206) / (46 / 213))
    assert found.std_error == pytest.approx(by_hand * np.sqrt(419 / 418), abs=1e-12)


def test_weights_are_those_of_a_weighted_model():
    outcome, exposed, marked, _ = people(500, 4)
    weight = np.random.default_rng(5).uniform(0.2, 4, 500)
    fitted = sm.WLS(outcome, saturated(exposed, marked), weights=weight).fit(
        cov_type="HC0"
    )

    found = interaction.between_differences(
        *groups(outcome, exposed, marked, None, weight)
    )

    assert found.estimate == pytest.approx(fitted.params[3], abs=1e-10)
    error = fitted.bse[3] * np.sqrt(500 / 499)
    assert found.std_error == pytest.approx(error, abs=1e-10)


def test_clinicians_with_people_of_both_groups_are_counted_once():
    outcome, exposed, marked, cluster = people(2_000, 6)
    both = groups(outcome, exposed, marked, cluster)
    apart = groups(outcome, exposed, marked, cluster + 100 * marked)

    shared = interaction.between_differences(*both)
    separate = interaction.between_differences(*apart)

    assert shared.estimate == separate.estimate
    assert shared.std_error != pytest.approx(separate.std_error, rel=1e-3)


def test_independent_estimates_as_one_by_influence():
    outcome, exposed, marked, _ = people(3_000, 7)
    estimates = [
        unadjusted.mean_difference(outcome[own & exposed], outcome[own & ~exposed])
        for own in (marked, ~marked)
    ]
    found = interaction.between_independent(*estimates)
    by_influence = interaction.between_differences(
        *groups(outcome, exposed, marked, None)
    )

    assert found.estimate == pytest.approx(by_influence.estimate, abs=1e-12)
    assert found.std_error == pytest.approx(by_influence.std_error, rel=2e-3)


def test_the_intervals_hold_the_truth_as_often_as_they_say():
    """Without the spread between clusters the chances are .25, .35, .30 and .55."""
    truths = {"difference": 0.15, "ratio": (0.55 / 0.30) / (0.35 / 0.25)}
    inside = dict.fromkeys(truths, 0)
    for seed in range(300):
        rng = np.random.default_rng(100 + seed)
        marked, exposed = rng.random(800) < 0.4, rng.random(800) < 0.5
        chance = 0.25 + 0.1 * exposed + 0.05 * marked + 0.15 * exposed * marked
        outcome = (rng.random(800) < chance).astype(float)
        parts = groups(outcome, exposed, marked, None)
        for name, found in (
            ("difference", interaction.between_differences(*parts)),
            ("ratio", interaction.between_ratios(*parts)),
        ):
            inside[name] += found.low <= truths[name] <= found.high

    assert all(0.91 < count / 300 < 0.985 for count in inside.values())


def test_a_level_of_nothing_has_no_ratio():
    some = interaction.levels([1, 0, 1, 0, 1], [1, 1, 1, 0, 0])
    none = interaction.levels([1, 0, 0, 0, 0], [1, 1, 1, 0, 0])
    with pytest.raises(NotEstimableError, match="A level of 0 has no ratio"):
        interaction.between_ratios(some, none)
    with pytest.raises(NotEstimableError, match="A level of 0 has no ratio"):
        interaction.risk_ratio(none)


def test_degenerate_input_is_refused():
    with pytest.raises(NotEstimableError, match="An arm has nobody"):
        interaction.levels([1, 0], [1, 1])
    alike = interaction.levels([1, 1, 1, 1], [1, 1, 0, 0])
    with pytest.raises(NotEstimableError, match="same score"):
        interaction.between_differences(alike, alike)
    clustered = interaction.levels([1, 0, 1, 0], [1, 1, 0, 0], cluster=[1, 1, 2, 2])
    with pytest.raises(ValueError, match="Both groups have clusters, or neither"):
        interaction.between_differences(clustered, alike)
    plain = Estimate(0.5, 0.3, 0.2, 0.1, 0.3, 0.01, "newcombe_hybrid_score")
    with pytest.raises(NotEstimableError, match="without a standard error"):
        interaction.between_independent(plain, plain)
