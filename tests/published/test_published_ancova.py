"""ANCOVA on the trial's scores at month 2 against two other ways to compute it.

The trial's paper prints no such model, so these are oracles: statsmodels' formula
interface, and the textbook expression for HC3 in plain matrix algebra.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from pipelines.compare import ancova


@pytest.fixture(scope="module")
def at_two_months(trial):
    seen = ~np.isnan(trial.scores[:, 0])
    return {
        "points": trial.scores[seen, 0],
        "is_exposed": trial.is_exposed[seen].astype(float),
        "baseline": trial.baseline[seen],
        "medication": trial.is_on_medication[seen].astype(float),
        "long": trial.is_over_6_months[seen].astype(float),
    }


@pytest.fixture(scope="module")
def fitted(at_two_months):
    covariates = {
        name: at_two_months[name] for name in ("baseline", "medication", "long")
    }
    return ancova.fit(at_two_months["points"], at_two_months["is_exposed"], covariates)


def test_it_is_what_statsmodels_says(at_two_months, fitted):
    oracle = smf.ols(
        "points ~ is_exposed + baseline + medication + long",
        pd.DataFrame(at_two_months),
    ).fit(cov_type="HC3", use_t=True)
    low, high = oracle.conf_int().loc["is_exposed"]
    contrast = fitted.contrast

    assert contrast.estimate == pytest.approx(oracle.params["is_exposed"], abs=1e-9)
    assert contrast.std_error == pytest.approx(oracle.bse["is_exposed"], abs=1e-9)
    assert (contrast.low, contrast.high) == pytest.approx((low, high), abs=1e-9)
    assert contrast.p_value == pytest.approx(oracle.pvalues["is_exposed"], abs=1e-9)


def test_it_is_what_matrix_algebra_says(at_two_months, fitted):
    points = at_two_months["points"]
    x = np.column_stack(
        [np.ones(len(points))]
        + [at_two_months[n] for n in ("is_exposed", "baseline", "medication", "long")]
    )
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ points
    leverage = np.einsum("ij,jk,ik->i", x, bread, x)
    weights = ((points - x @ beta) / (1 - leverage)) ** 2
    error = np.sqrt((bread @ (x.T * weights) @ x @ bread)[1, 1])
    half = stats.t.ppf(0.975, len(points) - 5) * error

    assert fitted.contrast.estimate == pytest.approx(beta[1], abs=1e-9)
    assert fitted.contrast.std_error == pytest.approx(error, abs=1e-9)
    assert fitted.contrast.high == pytest.approx(beta[1] + half, abs=1e-9)


def test_its_numbers_are_frozen(fitted):
    # 97 people; a change here is a change of method and belongs in the changelog.
    contrast = fitted.contrast

    assert fitted.people_count == 97
    assert contrast.estimate == pytest.approx(-2.986126, abs=5e-7)
    assert contrast.std_error == pytest.approx(1.886071, abs=5e-7)
    assert (contrast.low, contrast.high) == pytest.approx((-6.732, 0.760), abs=5e-4)
