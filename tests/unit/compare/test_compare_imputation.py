"""Imputation: statsmodels' pooling, degrees of freedom by hand, truth under MAR."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import t
from statsmodels.api import OLS
from statsmodels.imputation.mice import MICE, MICEData

from pipelines.compare import imputation, sensitivity, unadjusted
from pipelines.compare.results import Estimate, NotEstimableError

TRUTH = -2.0


def people(count, seed):
    """Severe people are less often seen again, and more so in the exposed arm."""
    rng = np.random.default_rng(seed)
    exposed = rng.random(count) < 0.5
    baseline = rng.normal(size=count)
    outcome = 10 + 3 * baseline + TRUTH * exposed + 2 * rng.normal(size=count)
    seen = rng.random(count) < expit(0.8 - (0.4 + 1.2 * exposed) * baseline)
    return np.where(seen, outcome, np.nan), exposed, baseline[:, None]


def welch(exposed):
    return lambda y: unadjusted.mean_difference(y[exposed], y[~exposed])


def estimated(data, seed=0, **shifts):
    outcome, exposed, covariates = data
    complete = imputation.impute(outcome, exposed, covariates, seed=seed)
    return imputation.estimate(
        complete,
        np.isnan(outcome),
        exposed,
        welch(exposed),
        len(outcome) - 2,
        **shifts,
    )


def one(estimate, std_error):
    return Estimate(estimate, 0.0, estimate, -9.0, 9.0, 0.5, "", std_error)


def test_pooling_is_that_of_statsmodels():
    outcome, exposed, baseline = people(300, 1)
    columns = {"y": outcome, "a": exposed.astype(float), "b": baseline[:, 0]}
    np.random.seed(1)  # statsmodels draws from the global generator
    mice = MICE("y ~ a + b", OLS, MICEData(pd.DataFrame(columns)), n_skip=2)
    theirs = mice.fit(n_burnin=2, n_imputations=20)

    ours = imputation.pool(
        [one(fit.params.iloc[1], fit.bse.iloc[1]) for fit in mice.results_list]
    )

    assert ours.contrast.estimate == pytest.approx(theirs.params[1], abs=1e-9)
    assert ours.contrast.std_error == pytest.approx(theirs.bse[1], abs=1e-9)
    assert ours.missing_share == pytest.approx(theirs.frac_miss_info[1], abs=1e-9)


def test_pooling_by_hand():
    estimates = [Fraction(n, 4) for n in (7, 9, 8, 12)]
    variances = [Fraction(n, 9) for n in (4, 9, 9, 16)]
    mean = sum(estimates) / 4
    between = Fraction(5, 4) * sum((e - mean) ** 2 for e in estimates) / 3
    total = sum(variances) / 4 + between
    share = between / total
    old = 3 / share**2
    seen = Fraction(41, 43) * 40 * (1 - share)
    df = old * seen / (old + seen)

    found = imputation.pool(
        [
            one(float(e), math.sqrt(v))
            for e, v in zip(estimates, variances, strict=True)
        ],
        freedom=40,
    )

    assert found.degrees_of_freedom == pytest.approx(float(df), abs=1e-9)
    assert found.missing_share == pytest.approx(float(share), abs=1e-12)
    wide = t.ppf(0.975, float(df)) * math.sqrt(total)
    assert found.contrast.low == pytest.approx(float(mean) - wide, abs=1e-9)
    assert found.contrast.high == pytest.approx(float(mean) + wide, abs=1e-9)


@pytest.mark.parametrize(("freedom", "expected"), [(math.inf, math.inf), (40, 38.1395)])
def test_sets_that_agree_leave_the_degrees_of_freedom_of_complete_data(
    freedom, expected
):
    found = imputation.pool([one(2.0, 1.0)] * 20, freedom)

    assert found.degrees_of_freedom == pytest.approx(expected, abs=1e-4)
    assert found.missing_share == 0


def test_the_truth_is_found_where_complete_cases_are_wrong():
    data = people(20_000, 2)
    seen = ~np.isnan(data[0])
    complete_cases = welch(data[1][seen])(data[0][seen])
    found = estimated(data).contrast

    assert complete_cases.high < TRUTH
    assert abs(found.estimate - TRUTH) < 3 * found.std_error


def test_the_intervals_hold_the_truth_as_often_as_they_say():
    inside = 0
    for seed in range(300):
        found = estimated(people(200, 1_000 + seed), seed).contrast
        inside += found.low <= TRUTH <= found.high

    assert 0.91 < inside / 300 < 0.99


def test_draws_have_the_predictive_mean_and_spread():
    """The t distribution of a new score about the line, Rubin 1987."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(14, 1)), rng.normal(size=14)
    y[-1], exposed = np.nan, np.ones(14, bool)
    draws = imputation.impute(y, exposed, x, 40_000, seed=4)[:, -1]
    fitted = OLS(y[:-1], np.column_stack([np.ones(13), x[:-1]])).fit()
    predicted = fitted.get_prediction(np.array([1.0, x[-1, 0]]))
    variance = float(np.asarray(predicted.var_pred_mean + fitted.scale).item())

    assert draws.mean() == pytest.approx(
        float(predicted.predicted_mean[0]), abs=4 * math.sqrt(variance / 40_000)
    )
    # The variance of t with 11 degrees of freedom is 11 / 9.
    assert draws.var() == pytest.approx(variance * 11 / 9, rel=0.03)


def test_who_was_seen_keeps_the_score_and_the_seed_decides_the_rest():
    outcome, exposed, covariates = people(100, 5)
    first = imputation.impute(outcome, exposed, covariates, seed=1)
    seen = ~np.isnan(outcome)

    assert first.shape == (20, 100)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first[:, seen], np.tile(outcome[seen], (20, 1)))
    np.testing.assert_array_equal(
        first, imputation.impute(outcome, exposed, covariates, seed=1)
    )
    other = imputation.impute(outcome, exposed, covariates, seed=2)
    assert (first[:, ~seen] != other[:, ~seen]).all()


def test_with_nothing_missing_it_is_the_analysis_itself():
    outcome, exposed, covariates = people(100, 6)
    outcome = np.nan_to_num(outcome, nan=9.5)
    found = estimated((outcome, exposed, covariates)).contrast
    plain = welch(exposed)(outcome)

    assert found.estimate == pytest.approx(plain.estimate, abs=1e-12)
    assert found.std_error == pytest.approx(plain.std_error, abs=1e-12)


def test_a_shift_moves_its_arm_by_the_share_that_is_missing():
    data = people(400, 7)
    outcome, exposed, _ = data
    plain = estimated(data).contrast
    missing = [np.isnan(outcome[arm]).mean() for arm in (exposed, ~exposed)]
    one_arm = estimated(data, exposed_shift=3).contrast
    both = estimated(data, exposed_shift=3, comparator_shift=3).contrast

    assert one_arm.estimate - plain.estimate == pytest.approx(3 * missing[0])
    assert one_arm.comparator_level == plain.comparator_level
    assert both.estimate - plain.estimate == pytest.approx(
        3 * (missing[0] - missing[1])
    )


def test_the_tipping_point_is_where_the_interval_reaches_zero():
    data = people(400, 8)
    tips = sensitivity.tipping_point(
        lambda shift: estimated(data, exposed_shift=shift).contrast
    )

    assert 0 < tips < 27
    assert estimated(data, exposed_shift=tips).contrast.high >= 0
    assert estimated(data, exposed_shift=tips - 0.05).contrast.high < 0


def test_a_share_is_found_from_the_drawn_scores():
    outcome, exposed, covariates = people(500, 9)
    complete = imputation.impute(outcome, exposed, covariates)
    found = imputation.estimate(
        complete,
        np.isnan(outcome),
        exposed,
        lambda y: welch(exposed)((y < 10).astype(float)),
    ).contrast

    assert 0 < found.comparator_level < found.exposed_level < 1


def test_bounds_give_one_arm_the_worst_and_the_other_the_best():
    outcome = np.array([10, np.nan, 12, 14, np.nan, 16])
    exposed = np.arange(6) < 3
    found = imputation.bounds(outcome, exposed, 27, 0, welch(exposed))

    assert found.worst.exposed_level == pytest.approx(49 / 3)
    assert found.worst.comparator_level == pytest.approx(10)
    assert found.best.exposed_level == pytest.approx(22 / 3)
    assert found.best.comparator_level == pytest.approx(19)
    satisfied = imputation.bounds(outcome, exposed, 5, 35, welch(exposed))
    assert satisfied.worst.estimate < satisfied.best.estimate


@pytest.mark.parametrize(("imputations", "enough"), [(19, False), (20, True)])
def test_twenty_draws_at_least(imputations, enough):
    data = people(50, 10)
    if enough:
        assert len(imputation.impute(*data, imputations)) == 20
    else:
        with pytest.raises(ValueError, match="at least 20 times"):
            imputation.impute(*data, imputations)


@pytest.mark.parametrize(("seen", "enough"), [(2, False), (3, True)])
def test_an_arm_needs_more_scores_than_terms(seen, enough):
    outcome = np.r_[np.arange(seen) * 1.5, np.nan, np.arange(5) * 2.0]
    exposed = np.arange(len(outcome)) <= seen
    covariates = np.sin(np.arange(len(outcome)))[:, None]
    if enough:
        assert np.isfinite(imputation.impute(outcome, exposed, covariates)).all()
    else:
        with pytest.raises(NotEstimableError, match="too few scores"):
            imputation.impute(outcome, exposed, covariates)


def test_what_cannot_be_pooled_says_so():
    with pytest.raises(ValueError, match="two estimates or more"):
        imputation.pool([one(1.0, 1.0)])
    with pytest.raises(NotEstimableError, match="no standard error"):
        imputation.pool([one(1.0, None)] * 2)
    outcome, exposed, covariates = people(50, 11)
    with pytest.raises(NotEstimableError, match="cannot be told apart"):
        imputation.impute(outcome, exposed, np.hstack([covariates, covariates]))
