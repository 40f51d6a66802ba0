"""Baseline-adjusted difference of mean scores at one follow-up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.regression.linear_model import OLS

from pipelines.compare.covariates import all_finite, design_matrix
from pipelines.compare.results import Estimate, NotEstimableError


@dataclass(frozen=True)
class Ancova:
    """The fitted model: the arm's contrast and every coefficient by name."""

    contrast: Estimate
    coefficients: dict[str, float]
    std_errors: dict[str, float]
    people_count: int


def fit(
    points: ArrayLike, is_exposed: ArrayLike, covariates: Mapping[str, ArrayLike]
) -> Ancova:
    """Regress the follow-up score on the arm and the covariates.

    Least squares; HC3 errors, which allow the spread to differ between people; a t
    reference with n - k degrees of freedom. The baseline score is one of the
    covariates: scores at follow-up are modelled, never change scores, so that a
    chance difference at baseline does not return as an effect. Outside a randomised
    contrast it removes only differences in the covariates given. It allows for no
    clustering by clinician.

    Units:
        Those of the scores.

    Args:
        points: Follow-up scores. Shape (n,), none missing.
        is_exposed: 1 or True in the exposed arm, else 0. Shape (n,).
        covariates: Name to values, shape (n,), none missing or constant
            (`pipelines.compare.covariates.choose`).

    Returns:
        The contrast, exposed minus comparator; its levels are the model's means at
        the analysed people's average covariates.

    Raises:
        ValueError: A length differs or a value is missing; positions are given.
        NotEstimableError: The terms cannot be told apart, or one person alone
            determines a term (leverage 1), so that HC3 does not exist.

    Examples:
        >>> fitted = fit(
        ...     points=[20, 12, 25, 9, 14, 30, 8, 22],
        ...     is_exposed=[0, 1, 0, 1, 1, 0, 1, 0],
        ...     covariates={"baseline_points": [24, 20, 30, 18, 25, 33, 14, 29]},
        ... )
        >>> contrast = fitted.contrast
        >>> [round(x, 2) for x in (contrast.estimate, contrast.low, contrast.high)]
        [-5.94, -12.46, 0.58]

    References:
        Vickers AJ, Altman DG. Analysing controlled trials with baseline and follow
        up measurements. BMJ 2001;323:1123-1124. MacKinnon JG, White H. Some
        heteroskedasticity-consistent covariance matrix estimators. J Econom
        1985;29:305-325.
    """
    columns = all_finite(
        "ANCOVA", {"points": points, "is_exposed": is_exposed, **covariates}
    )
    scores = columns.pop("points")
    matrix = design_matrix(columns)
    names = ["intercept", *columns]
    model = OLS(scores, matrix)
    plain = model.fit()
    if np.any(plain.get_influence().hat_matrix_diag > 1 - 1e-9):
        raise NotEstimableError(
            "One person alone determines a term of the model, "
            "so its robust error does not exist."
        )
    robust = model.fit(cov_type="HC3", use_t=True)
    arm = names.index("is_exposed")
    low, high = robust.conf_int(0.05)[arm]
    at_comparator = matrix.copy()
    at_comparator[:, arm] = 0
    comparator_level = float((at_comparator @ robust.params).mean())
    estimate = float(robust.params[arm])
    return Ancova(
        contrast=Estimate(
            exposed_level=comparator_level + estimate,
            comparator_level=comparator_level,
            estimate=estimate,
            std_error=float(robust.bse[arm]),
            low=float(low),
            high=float(high),
            p_value=float(robust.pvalues[arm]),
            variance_method="hc3",
        ),
        coefficients=dict(zip(names, map(float, robust.params), strict=True)),
        std_errors=dict(zip(names, map(float, robust.bse), strict=True)),
        people_count=len(scores),
    )
