"""Growth model: a closed form for balanced scores, least squares, and statsmodels."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal
from statsmodels.formula.api import mixedlm
from statsmodels.regression.mixed_linear_model import MixedLM

from pipelines.compare import growth
from pipelines.compare.results import NotEstimableError

WEEKS = np.array([0.0, 2, 6, 13, 26])


def courses(people, seed, keep=1.0, slope_sd=0.8):
    """Scores that fall with ln(1 + week), faster in the first half of the people."""
    rng = np.random.default_rng(seed)
    patients, weeks = np.repeat(np.arange(people), 5), np.tile(WEEKS, people)
    exposed = patients < people // 2
    baseline = np.repeat(15 + 4 * rng.normal(size=people), 5)
    slope = -1.5 - 0.6 * exposed + np.repeat(slope_sd * rng.normal(size=people), 5)
    points = baseline + slope * np.log1p(weeks) + 1.5 * rng.normal(size=len(weeks))
    kept = rng.random(len(weeks)) < keep
    return [
        column[kept] for column in (points, weeks, exposed, patients, baseline - 15)
    ]


def test_balanced_scores_have_a_closed_form():
    """Then each patient's own regression is enough, whatever the variances."""
    points, weeks, exposed, patients, _ = courses(80, 1)
    z = np.column_stack([np.ones(5), np.log1p(WEEKS)])
    own = np.linalg.lstsq(z, points.reshape(80, 5).T, rcond=None)[0].T
    arms = own[:40], own[40:]
    off = np.vstack([arm - arm.mean(0) for arm in arms])
    at = np.array([1, np.log1p(26)])
    expected = at @ (arms[0].mean(0) - arms[1].mean(0))
    error = np.sqrt(at @ (off.T @ off / 80) @ at * (1 / 40 + 1 / 40))

    fitted = growth.fit(points, weeks, exposed, patients, {}, at_week=26)

    assert fitted.contrast.estimate == pytest.approx(expected, abs=1e-8)
    assert fitted.contrast.std_error == pytest.approx(error, abs=1e-6)
    assert fitted.contrast.exposed_level == pytest.approx(
        at @ arms[0].mean(0), abs=1e-8
    )
    residual = points.reshape(80, 5).T - z @ own.T
    assert fitted.residual_sd**2 == pytest.approx((residual**2).sum() / 240, rel=1e-5)


def test_gaps_and_a_covariate_as_by_statsmodels():
    points, weeks, exposed, patients, baseline = courses(60, 11, keep=0.6, slope_sd=0.3)
    noisy = baseline + np.sin(patients)
    fitted = growth.fit(points, weeks, exposed, patients, {"b": noisy}, at_week=13)
    frame = pd.DataFrame({"y": points, "b": noisy, "p": patients})
    frame["t"], frame["a"] = np.log1p(weeks), exposed.astype(float)

    theirs = mixedlm("y ~ t * a + b", frame, groups="p", re_formula="~t").fit(
        reml=False, method="bfgs", gtol=1e-9
    )

    assert theirs.converged
    assert fitted.log_likelihood == pytest.approx(theirs.llf, abs=1e-6)
    expected = theirs.fe_params["a"] + theirs.fe_params["t:a"] * np.log1p(13)
    assert fitted.contrast.estimate == pytest.approx(expected, abs=1e-6)


def test_where_statsmodels_stops_too_early_the_likelihood_is_higher():
    """The baseline is the patients' own intercept, so none is left to vary."""
    points, weeks, exposed, patients, baseline = courses(90, 2, keep=0.7)
    fitted = growth.fit(points, weeks, exposed, patients, {"b": baseline}, at_week=13)
    time, a = np.log1p(weeks), exposed.astype(float)
    x = np.column_stack([np.ones(len(a)), time, a, time * a, baseline])
    z = np.column_stack([np.ones(len(a)), time])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MixedLM(points, x, groups=patients, exog_re=z).fit(
            reml=False, method="lbfgs"
        )
    v = (patients[:, None] == patients) * (z @ fitted.random_covariance @ z.T)
    v += fitted.residual_sd**2 * np.eye(len(a))
    means = x @ list(fitted.coefficients.values())

    assert theirs.converged
    assert fitted.log_likelihood > theirs.llf + 0.1
    assert fitted.log_likelihood == pytest.approx(
        multivariate_normal(means, v).logpdf(points), abs=1e-6
    )


def test_errors_are_those_of_least_squares_at_the_fitted_variances():
    points, weeks, exposed, patients, baseline = courses(90, 2, keep=0.7)
    fitted = growth.fit(
        points, weeks, exposed, patients, {"baseline": baseline}, at_week=13
    )
    time, a = np.log1p(weeks), exposed.astype(float)
    x = np.column_stack([np.ones(len(a)), time, a, time * a, baseline])
    z = np.column_stack([np.ones(len(a)), time])
    within = patients[:, None] == patients
    v = within * (z @ fitted.random_covariance @ z.T)
    v += fitted.residual_sd**2 * np.eye(len(a))
    covariance = np.linalg.inv(x.T @ np.linalg.solve(v, x))
    beta = covariance @ x.T @ np.linalg.solve(v, points)
    at = np.array([0, 0, 1, np.log1p(13), 0])
    assert fitted.contrast.estimate == pytest.approx(at @ beta, abs=1e-6)
    assert fitted.contrast.std_error == pytest.approx(
        np.sqrt(at @ covariance @ at), abs=1e-6
    )
    assert list(fitted.coefficients.values()) == pytest.approx(beta, abs=1e-6)
    assert list(fitted.std_errors.values()) == pytest.approx(
        np.sqrt(np.diag(covariance)), abs=1e-6
    )


def test_the_contrast_moves_with_the_week():
    data = courses(80, 3)
    early, late = (growth.fit(*data[:4], {}, at_week=w) for w in (0, 26))
    per_log_week = late.coefficients["time_exposed"]

    assert early.contrast.estimate == pytest.approx(early.coefficients["is_exposed"])
    assert late.contrast.estimate - early.contrast.estimate == pytest.approx(
        per_log_week * np.log(27), abs=1e-6
    )


def test_patients_who_do_not_differ_in_slope_still_give_an_estimate():
    fitted = growth.fit(*courses(60, 4, slope_sd=0.0)[:4], {}, at_week=26)

    assert np.linalg.eigvalsh(fitted.random_covariance).min() > -1e-8
    assert fitted.contrast.low < -0.6 * np.log(27) < fitted.contrast.high


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    truth, inside = -0.6 * np.log(27), 0
    for seed in range(40):
        found = growth.fit(*courses(60, 500 + seed)[:4], {}, at_week=26).contrast
        inside += found.low <= truth <= found.high

    assert inside >= 34  # 40 times 95 % has a spread of 1.4


@pytest.mark.parametrize(("weeks", "estimable"), [((2, 6), False), ((2, 6, 13), True)])
def test_somebody_has_scores_on_three_weeks(weeks, estimable):
    points, week, exposed, patients, _ = courses(40, 5)
    kept = np.isin(week, weeks)
    data = [points[kept], week[kept], exposed[kept], patients[kept], {}]
    if estimable:
        assert growth.fit(*data, at_week=6).people_count == 40
    else:
        with pytest.raises(NotEstimableError, match="scores on three weeks"):
            growth.fit(*data, at_week=6)


@pytest.mark.parametrize(("at_week", "estimable"), [(13, True), (13.1, False)])
def test_no_arm_is_extrapolated(at_week, estimable):
    points, weeks, exposed, patients, _ = courses(40, 6)
    kept = exposed | (weeks <= 13)
    data = [points[kept], weeks[kept], exposed[kept], patients[kept], {}]
    if estimable:
        assert growth.fit(*data, at_week=at_week).scores_count == kept.sum()
    else:
        with pytest.raises(NotEstimableError, match="The week lies outside"):
            growth.fit(*data, at_week=at_week)


def test_impossible_input_is_refused():
    points, weeks, exposed, patients, baseline = courses(20, 7)
    with pytest.raises(ValueError, match=r"below 0 at positions \[3\]"):
        growth.fit(
            points, np.where(np.arange(100) == 3, -1, weeks), exposed, patients, {}, 6
        )
    with pytest.raises(ValueError, match="same length"):
        growth.fit(points, weeks, exposed, patients[1:], {}, 6)
    with pytest.raises(NotEstimableError, match="An arm has no scores"):
        growth.fit(points, weeks, np.ones(100), patients, {}, 6)
    with pytest.raises(NotEstimableError, match="cannot be told apart"):
        growth.fit(
            points, weeks, exposed, patients, {"b": baseline, "c": 2 * baseline}, 6
        )


def test_scores_on_a_curve_exactly_give_no_estimate():
    _, weeks, exposed, patients, _ = courses(20, 8)
    points = patients + (1 + np.sin(patients)) * np.log1p(weeks)
    with pytest.raises(NotEstimableError, match="curve exactly"):
        growth.fit(points, weeks, exposed, patients, {}, at_week=6)


def test_a_search_that_does_not_settle_is_never_returned(monkeypatch):
    monkeypatch.setattr(growth, "TOLERANCE", 0.0)
    with pytest.raises(NotEstimableError, match="no top"):
        growth.fit(*courses(20, 8)[:4], {}, at_week=6)
