"""Difference of mean scores over all follow-ups, from a mixed model."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.mixed_linear_model import MixedLM

from pipelines.compare.covariates import all_finite, design_matrix
from pipelines.compare.results import Z_95, Estimate, NotEstimableError

OPTIMISERS = {"bfgs": {"gtol": 1e-9}, "powell": {}, "lbfgs": {}}
"""Tried in this order until one converges; which one did is a diagnostic.

bfgs's own tolerance stops where the sixth decimal still moves, hence the smaller one.
"""

LIKELIHOOD_TOLERANCE = 1e-6
"""How far (natural log units) the fit may lie below the model without the random
intercept, which it contains. Further below, the optimiser stopped too early."""


@dataclass(frozen=True)
class MixedModel:
    """The fitted model: the arm's contrast and everything that describes the fit.

    `random_intercept_sd` and `residual_sd` are in points; `log_likelihood` is the
    full one, its constant included.
    """

    contrast: Estimate
    coefficients: dict[str, float]
    std_errors: dict[str, float]
    log_likelihood: float
    random_intercept_sd: float
    residual_sd: float
    people_count: int
    scores_count: int
    optimiser: str


def fit(
    points: ArrayLike,
    months: ArrayLike,
    is_exposed: ArrayLike,
    patients: ArrayLike,
    covariates: Mapping[str, ArrayLike],
) -> MixedModel:
    """Fit scores on month, arm and covariates with a random intercept per patient.

    Maximum likelihood. Month is a number, so scores are taken to fall in a line; the
    arms' difference is taken to be the same at every follow-up. People with some
    scores missing stay in: the estimate holds if what is missing depends on nothing
    but the scores and covariates seen. Errors are those of generalised least squares
    at the fitted variances and the interval is normal, as R's lme4 gives them; with
    few patients both are slightly too small. It allows for no clustering by clinician.

    Units:
        Scores in points, months since the baseline score.

    Args:
        points: One score per row. Shape (n,), none missing.
        months: Month of each score. Shape (n,).
        is_exposed: 1 or True in the exposed arm, else 0. Shape (n,).
        patients: Whose score it is. Shape (n,), any labels.
        covariates: Name to values, shape (n,), none missing or constant; the
            baseline score is one of them.

    Returns:
        The contrast, exposed minus comparator; its levels are the model's means at
        the analysed scores' average month and covariates.

    Raises:
        ValueError: A length differs or a value is missing; positions are given.
        NotEstimableError: The terms cannot be told apart, nobody has two scores, or
            no optimiser converged. A fit that did not converge is never returned.

    Examples:
        >>> fitted = fit(
        ...     points=[20, 17, 12, 9, 25, 21, 9, 8, 14, 10, 30, 24],
        ...     months=[2, 5] * 6,
        ...     is_exposed=[0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0],
        ...     patients=["a", "a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f"],
        ...     covariates={"baseline_points": np.repeat([24, 20, 30, 18, 25, 33], 2)},
        ... )
        >>> contrast = fitted.contrast
        >>> [round(x, 1) for x in (contrast.estimate, contrast.std_error)]
        [-6.6, 1.1]

    References:
        Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics
        1982;38:963-974. The trial's model: Hothorn T, Everitt BS. A Handbook of
        Statistical Analyses Using R, 3rd ed., CRC Press 2014, "Analyzing
        longitudinal data I".
    """
    columns = all_finite(
        "Mixed model",
        {"points": points, "month": months, "is_exposed": is_exposed, **covariates},
    )
    patients = np.asarray(patients)
    scores = columns.pop("points")
    if patients.shape != scores.shape:
        raise ValueError("Mixed model: all columns must have the same length.")
    if np.ptp(columns["month"]) == 0:
        # One follow-up only: month is the intercept over again.
        columns.pop("month")
    matrix = design_matrix(columns)
    people = np.unique(patients).size
    if people == scores.size:
        raise NotEstimableError(
            "Nobody has more than one follow-up score, "
            "so differences between people cannot be told from chance."
        )
    names = ["intercept", *columns]
    fitted, optimiser = _converged(scores, matrix, patients)
    coefficients = fitted.fe_params
    intercept_variance = float(fitted.cov_re[0, 0])
    residual_variance = float(fitted.scale)
    std_errors = _least_squares_errors(
        matrix, patients, intercept_variance, residual_variance
    )

    arm = names.index("is_exposed")
    estimate, std_error = float(coefficients[arm]), float(std_errors[arm])
    at_comparator = matrix.copy()
    at_comparator[:, arm] = 0
    comparator_level = float((at_comparator @ coefficients).mean())
    return MixedModel(
        contrast=Estimate(
            exposed_level=comparator_level + estimate,
            comparator_level=comparator_level,
            estimate=estimate,
            std_error=std_error,
            low=estimate - Z_95 * std_error,
            high=estimate + Z_95 * std_error,
            p_value=float(2 * stats.norm.sf(abs(estimate) / std_error)),
            variance_method="maximum_likelihood",
        ),
        coefficients=dict(zip(names, map(float, coefficients), strict=True)),
        std_errors=dict(zip(names, map(float, std_errors), strict=True)),
        log_likelihood=float(fitted.llf),
        random_intercept_sd=float(np.sqrt(intercept_variance)),
        residual_sd=float(np.sqrt(residual_variance)),
        people_count=int(people),
        scores_count=int(scores.size),
        optimiser=optimiser,
    )


def _converged(scores, matrix, patients):
    """Return the first fit that converged to a proper maximum, and its optimiser."""
    without_intercepts = OLS(scores, matrix).fit().llf
    for optimiser, options in OPTIMISERS.items():
        # statsmodels reports trouble as warnings; each is looked at here instead.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = MixedLM(scores, matrix, groups=patients).fit(
                    reml=False, method=optimiser, **options
                )
            except np.linalg.LinAlgError:
                continue
        if fitted.converged and fitted.llf >= without_intercepts - LIKELIHOOD_TOLERANCE:
            return fitted, optimiser
    raise NotEstimableError(
        "The mixed model did not converge with any of "
        f"{len(OPTIMISERS)} optimisers, so it gives no estimate."
    )


def _least_squares_errors(matrix, patients, intercept_variance, residual_variance):
    """Return the square roots of the diagonal of (X' V^-1 X)^-1, shape (k,).

    V holds, for each patient, the residual variance plus the intercept's in every
    cell; its inverse has the closed form used here. statsmodels' own errors let the
    variances vary too: 1.6712 where the published table has 1.6704.
    """
    information = matrix.T @ matrix
    _, person, scores = np.unique(patients, return_inverse=True, return_counts=True)
    sums = np.zeros((scores.size, matrix.shape[1]))
    np.add.at(sums, person, matrix)
    shrink = intercept_variance / (residual_variance + scores * intercept_variance)
    information -= (sums * shrink[:, None]).T @ sums
    return np.sqrt(residual_variance * np.diag(np.linalg.inv(information)))
