"""Balance by statsmodels' weighted statistics, the score by its regressions."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit
from statsmodels.stats.weightstats import DescrStatsW

from pipelines.compare import balance, prognosis, weighting
from pipelines.compare.results import NotEstimableError


def people(count, seed):
    rng = np.random.default_rng(seed)
    severity, age = rng.normal(size=count), rng.normal(45, 12, count)
    female = (rng.random(count) < 0.6).astype(float)
    exposed = rng.random(count) < expit(0.8 * severity - 0.3 * female)
    outcome = 10 + 3 * severity + 0.05 * age - 2 * exposed + rng.normal(size=count)
    outcome[rng.random(count) < 0.2] = np.nan
    return outcome, exposed, {"severity": severity, "age": age, "female": female}


def test_differences_and_variance_ratios_are_those_of_statsmodels():
    _, exposed, covariates = people(400, 1)
    weight = np.random.default_rng(2).uniform(0.2, 5, 400)

    for values in (covariates["severity"], covariates["age"] ** 2):
        arms = [DescrStatsW(values[arm], weight[arm]) for arm in (exposed, ~exposed)]
        plain = [DescrStatsW(values[arm], ddof=1) for arm in (exposed, ~exposed)]
        spread = np.sqrt((plain[0].var + plain[1].var) / 2)
        after = prognosis.standardised_difference(values, exposed, weight)
        before = prognosis.standardised_difference(values, exposed)
        assert after == pytest.approx((arms[0].mean - arms[1].mean) / spread, abs=1e-10)
        assert before == pytest.approx(
            (plain[0].mean - plain[1].mean) / spread, abs=1e-10
        )
        assert before == pytest.approx(
            balance.standardised_difference(values[exposed], values[~exposed])
        )
        worth = [
            weight[arm].sum() ** 2 / (weight[arm] ** 2).sum()
            for arm in (exposed, ~exposed)
        ]
        variances = [d.var * n / (n - 1) for d, n in zip(arms, worth, strict=True)]
        assert prognosis.variance_ratio(values, exposed, weight) == pytest.approx(
            variances[0] / variances[1], abs=1e-10
        )


def test_the_score_is_the_comparators_regression_for_everyone():
    outcome, exposed, covariates = people(500, 4)
    x = sm.add_constant(np.column_stack(list(covariates.values())))
    seen = ~exposed & ~np.isnan(outcome)
    expected = sm.OLS(outcome[seen], x[seen]).fit().predict(x)

    found = prognosis.score(outcome, exposed, covariates)

    np.testing.assert_allclose(found, expected, atol=1e-9)
    other = np.where(exposed, 99.0, outcome)
    np.testing.assert_array_equal(found, prognosis.score(other, exposed, covariates))


def test_a_binary_outcome_gives_chances():
    outcome, exposed, covariates = people(600, 5)
    response = np.where(np.isnan(outcome), np.nan, outcome < 11)
    x = sm.add_constant(np.column_stack(list(covariates.values())))
    seen = ~exposed & ~np.isnan(outcome)
    family = sm.families.Binomial()
    fitted = sm.GLM(response[seen], x[seen], family=family).fit(tol=1e-14)

    found = prognosis.score(response, exposed, covariates, is_binary=True)

    np.testing.assert_allclose(found, fitted.predict(x), atol=1e-7)


def test_weights_balance_the_score():
    outcome, exposed, covariates = people(4_000, 6)
    matrix = np.column_stack(list(covariates.values()))
    weighted = weighting.estimate(np.nan_to_num(outcome), exposed, matrix)
    score = prognosis.score(outcome, exposed, covariates)

    assert prognosis.standardised_difference(score, exposed) > 0.5
    after = prognosis.standardised_difference(score, exposed, weighted.weight)
    assert abs(after) < 0.1


def test_what_does_not_vary_has_no_difference():
    exposed, weight = np.arange(6) < 3, np.ones(6)
    one_arm = np.array([0.1, 0.1, 0.1, 1, 2, 3])

    assert prognosis.standardised_difference(np.full(6, 0.1), exposed) is None
    assert prognosis.variance_ratio(one_arm, exposed, weight) is None


def test_a_score_needs_a_comparator_with_outcomes():
    outcome, exposed, covariates = people(60, 9)
    with pytest.raises(NotEstimableError, match="No covariate varies"):
        prognosis.score(np.where(exposed, outcome, np.nan), exposed, covariates)
    few = np.where(exposed | (np.cumsum(~exposed) > 4), np.nan, 1.0 + np.arange(60))
    with pytest.raises(NotEstimableError):
        prognosis.score(few, exposed, covariates)
    with pytest.raises(ValueError, match="missing or infinite"):
        prognosis.score(outcome, exposed, {"x": np.full(60, np.nan)})
