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
    terms = prognosis.products(covariates)

    found = {one.name: one for one in prognosis.balance(terms, exposed, weight)}

    assert list(found) == list(terms)
    for name, values in terms.items():
        arms = [DescrStatsW(values[arm], weight[arm]) for arm in (exposed, ~exposed)]
        plain = [DescrStatsW(values[arm], ddof=1) for arm in (exposed, ~exposed)]
        spread = np.sqrt((plain[0].var + plain[1].var) / 2)
        expected = (arms[0].mean - arms[1].mean) / spread
        worth = [
            weight[arm].sum() ** 2 / (weight[arm] ** 2).sum()
            for arm in (exposed, ~exposed)
        ]
        variances = [d.var * n / (n - 1) for d, n in zip(arms, worth, strict=True)]
        assert found[name].after == pytest.approx(expected, abs=1e-10)
        assert found[name].before == pytest.approx(
            (plain[0].mean - plain[1].mean) / spread, abs=1e-10
        )
        assert found[name].variance_ratio == pytest.approx(
            variances[0] / variances[1], abs=1e-10
        )
        assert found[name].is_out == prognosis.counts(expected, *worth)


def test_without_weights_it_is_the_plain_difference():
    _, exposed, covariates = people(300, 3)
    for one in prognosis.balance(covariates, exposed, np.ones(300)):
        values = covariates[one.name]
        expected = balance.standardised_difference(values[exposed], values[~exposed])
        assert one.before == pytest.approx(expected, abs=1e-12)
        assert one.after == pytest.approx(expected, abs=1e-12)
        variances = [values[arm].var(ddof=1) for arm in (exposed, ~exposed)]
        assert one.variance_ratio == pytest.approx(variances[0] / variances[1])


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

    (found,) = prognosis.balance({"score": score}, exposed, weighted.weight)

    assert found.before > 0.5
    assert abs(found.after) < 0.1
    assert not found.is_out


def test_squares_see_a_spread_that_means_do_not():
    values = np.r_[np.linspace(-1, 1, 500), np.linspace(-3, 3, 500)]
    exposed = np.arange(1000) < 500
    terms = prognosis.products({"x": values})
    x, square = prognosis.balance(terms, exposed, np.ones(1000))

    assert abs(x.after) < 1e-12
    assert square.name == "square of x"
    assert square.is_out
    assert x.variance_ratio == pytest.approx(1 / 9)


def test_products_of_three_and_no_square_of_a_flag():
    _, _, covariates = people(50, 7)
    assert list(prognosis.products(covariates)) == [
        *("severity", "age", "female", "square of severity", "square of age"),
        *("severity x age", "severity x female", "age x female"),
    ]


@pytest.mark.parametrize(
    ("smd", "exposed", "comparator", "is_out"),
    [
        (0.1001, 1e6, 1e6, True),
        (0.1000, 1e6, 1e6, False),
        (-0.1001, 1e6, 1e6, True),
        (0.2771, 100, 100, False),  # 1.96 times the root of 2 / 100 is 0.2772
        (0.2773, 100, 100, True),
        (0.2773, 100, 99, False),
    ],
)
def test_an_imbalance_counts_beyond_a_tenth_and_beyond_chance(
    smd, exposed, comparator, is_out
):
    assert prognosis.counts(smd, exposed, comparator) is is_out


def test_by_chance_one_in_twenty_counts_in_small_strata():
    rng = np.random.default_rng(8)
    out = 0
    for _ in range(2_000):
        values = {"x": rng.normal(size=80)}
        out += prognosis.balance(values, np.arange(80) < 40, np.ones(80))[0].is_out

    assert 0.035 < out / 2_000 < 0.065


def test_what_does_not_vary_is_left_out():
    exposed = np.arange(6) < 3
    weight = np.array([1.0, 1, 1, 1, 1, 1])
    terms = {"same": np.full(6, 0.1), "one_arm": np.array([0.1, 0.1, 0.1, 1, 2, 3])}
    (found,) = prognosis.balance(terms, exposed, weight)

    assert found.name == "one_arm"
    assert found.variance_ratio is None


@pytest.mark.parametrize(("weight", "enough"), [(0, False), (0.1, True)])
def test_an_arm_needs_two_people_with_a_weight(weight, enough):
    exposed, w = np.arange(6) < 3, np.array([1, weight, 0, 1, 1, 1])
    terms = {"x": np.arange(6.0) ** 2}
    if enough:
        assert prognosis.balance(terms, exposed, w)
    else:
        with pytest.raises(NotEstimableError, match="fewer than two people"):
            prognosis.balance(terms, exposed, w)


def test_a_score_needs_a_comparator_with_outcomes():
    outcome, exposed, covariates = people(60, 9)
    with pytest.raises(NotEstimableError, match="No covariate varies"):
        prognosis.score(np.where(exposed, outcome, np.nan), exposed, covariates)
    few = np.where(exposed | (np.cumsum(~exposed) > 4), np.nan, 1.0 + np.arange(60))
    with pytest.raises(NotEstimableError):
        prognosis.score(few, exposed, covariates)
    with pytest.raises(ValueError, match="missing or infinite"):
        prognosis.score(outcome, exposed, {"x": np.full(60, np.nan)})
