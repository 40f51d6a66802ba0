"""Difference of scores at a week, from every patient's own curve over time."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import minimize

from pipelines.compare.covariates import all_finite, design_matrix
from pipelines.compare.results import Z_95, Estimate, NotEstimableError

LEAST_SCORES = 3
"""Scores on different weeks that somebody must have: two lie on any line."""

STARTS = ((1.0, 0.0, 1.0), (0.1, 0.0, 0.1), (2.0, 0.0, 0.1), (0.1, 0.0, 1.0))
"""Where the search begins: how far patients' intercepts and slopes spread, in residual
standard deviations, and how they go together. The best end is kept."""

TOLERANCE = 1e-6
"""Largest slope of the log likelihood per score that still counts as its top."""

EXACT = 1e-9
"""Share of the scores' variance below which what is left is rounding."""

SEARCH = {"jac": True, "method": "BFGS", "options": {"gtol": 1e-10}}

SAME_HEIGHT = 1e-6
"""Natural log units: ends of the search that differ by less are as good."""


@dataclass(frozen=True)
class GrowthModel:
    """The fitted model: the arms' contrast at one week and what describes the fit.

    `random_covariance` is that of the patients' own intercepts and slopes, points
    squared, shape (2, 2); `residual_sd` is in points; `log_likelihood` has its constant.
    """

    contrast: Estimate
    coefficients: dict[str, float]
    std_errors: dict[str, float]
    log_likelihood: float
    random_covariance: NDArray[np.float64]
    residual_sd: float
    people_count: int
    scores_count: int


def fit(
    points: ArrayLike,
    weeks: ArrayLike,
    is_exposed: ArrayLike,
    patients: ArrayLike,
    covariates: Mapping[str, ArrayLike],
    at_week: float,
) -> GrowthModel:
    """Fit scores on ln(1 + week), arm and their product; give the arms' gap at a week.

    Each patient has an intercept and a slope of their own. Maximum likelihood; errors
    are those of generalised least squares at the fitted variances and the interval is
    normal; with few patients both are slightly too small. It allows for no clustering
    by clinician, and takes change to follow the logarithm: quick first, then slower.
    Scores that are missing may depend on the scores and covariates seen, nothing else.

    Units:
        Scores in points, weeks since day 0.

    Args:
        points: One score per row; shape (n,), none missing.
        weeks: Week of each score, 0 or later; shape (n,).
        is_exposed: 1 or True in the exposed arm, else 0; shape (n,).
        patients: Whose score it is, any labels; shape (n,).
        covariates: Name to values, shape (n,), none missing or constant.
        at_week: Week of the contrast; both arms have scores that late.

    Returns:
        The contrast, exposed minus comparator; its levels are the model's means at
        that week and the analysed scores' average covariates.

    Raises:
        ValueError: A length differs, a value is missing or a week is below 0;
            positions are given.
        NotEstimableError: The terms cannot be told apart, nobody has scores on three
            weeks, the week lies outside those of an arm, or the search for the
            maximum did not settle.

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> patients, weeks = np.repeat(np.arange(60), 4), np.tile([0, 4, 12, 26], 60)
        >>> own = 15 + 3 * rng.normal(size=60)[patients]
        >>> change = -2.0 - 1.0 * (patients < 30) + rng.normal(size=60)[patients]
        >>> points = own + change * np.log1p(weeks) + rng.normal(size=240)
        >>> found = fit(points, weeks, patients < 30, patients, {}, at_week=26).contrast
        >>> [round(x, 1) for x in (found.estimate, found.std_error)]
        [-3.6, 0.9]

    References:
        Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics
        1982;38:963-974.
    """
    columns = all_finite(
        "Growth model",
        {"points": points, "week": weeks, "is_exposed": is_exposed, **covariates},
    )
    patients = np.asarray(patients)
    scores, weeks = columns.pop("points"), columns.pop("week")
    if patients.shape != scores.shape:
        raise ValueError("Growth model: all columns must have the same length.")
    _check_weeks(weeks, columns["is_exposed"], patients, at_week)
    time = np.log1p(weeks)
    arm = columns.pop("is_exposed")
    columns = {"time": time, "is_exposed": arm, "time_exposed": time * arm, **columns}
    matrix = design_matrix(columns)
    sums = _Sums.of(scores, matrix, time, _numbered(patients))
    # Asked before the search, which would climb without end, and after it: covariates
    # that change may explain the rest.
    least = EXACT * scores.var()
    if sums.off_own_curves < least or (found := _highest(sums)).residual < least:
        raise NotEstimableError("Every patient's scores lie on a curve exactly.")
    covariance = found.residual * np.linalg.inv(found.information)
    coefficients, names = found.coefficients, ["intercept", *columns]

    at = matrix.mean(axis=0)
    when = float(np.log1p(at_week))
    difference = np.zeros(len(at))
    difference[[2, 3]] = 1.0, when
    at[[1, 2, 3]] = when, 0.0, 0.0
    comparator_level, estimate = float(at @ coefficients), difference @ coefficients
    std_error = float(np.sqrt(difference @ covariance @ difference))
    return GrowthModel(
        contrast=Estimate(
            exposed_level=comparator_level + float(estimate),
            comparator_level=comparator_level,
            estimate=float(estimate),
            std_error=std_error,
            low=float(estimate - Z_95 * std_error),
            high=float(estimate + Z_95 * std_error),
            p_value=float(2 * stats.norm.sf(abs(estimate) / std_error)),
            variance_method="maximum_likelihood",
        ),
        coefficients=dict(zip(names, map(float, coefficients), strict=True)),
        std_errors=dict(
            zip(names, map(float, np.sqrt(np.diag(covariance))), strict=True)
        ),
        log_likelihood=found.log_likelihood,
        random_covariance=found.residual * found.spread @ found.spread.T,
        residual_sd=float(np.sqrt(found.residual)),
        people_count=len(np.unique(patients)),
        scores_count=len(scores),
    )


def _check_weeks(weeks, arm, patients, at_week) -> None:
    early = np.flatnonzero(weeks < 0)
    if early.size:
        raise ValueError(f"Growth model: weeks below 0 at positions {early.tolist()}.")
    pairs = np.unique(np.column_stack([_numbered(patients), weeks]), axis=0)
    if np.bincount(pairs[:, 0].astype(int)).max() < LEAST_SCORES:
        raise NotEstimableError(
            "Nobody has scores on three weeks, so patients' own slopes cannot be told "
            "from chance."
        )
    for one in (True, False):
        own = weeks[arm.astype(bool) == one]
        if not own.size:
            raise NotEstimableError("An arm has no scores.")
        if not own.min() <= at_week <= own.max():
            raise NotEstimableError("The week lies outside those an arm has scores of.")


def _numbered(patients) -> NDArray[np.int64]:
    return np.unique(patients, return_inverse=True)[1]


@dataclass(frozen=True)
class _Sums:
    """Products of the terms, the scores last: in all, and by patient with Z.

    Z holds each patient's own terms, 1 and the time. With these sums one look at the
    likelihood takes as long for ten scores a patient as for two.
    """

    scores: int
    total: NDArray[np.float64]
    crossed: NDArray[np.float64]
    squared: NDArray[np.float64]

    @classmethod
    def of(cls, scores, matrix, time, person) -> "_Sums":
        own = np.column_stack([np.ones(len(time)), time])
        both = np.column_stack([matrix, scores])
        crossed = np.zeros((person.max() + 1, 2, both.shape[1]))
        squared = np.zeros((person.max() + 1, 2, 2))
        np.add.at(crossed, person, own[:, :, None] * both[:, None, :])
        np.add.at(squared, person, own[:, :, None] * own[:, None, :])
        return cls(len(scores), both.T @ both, crossed, squared)

    @property
    def off_own_curves(self) -> float:
        """Mean square of the scores about each patient's own curve."""
        crossed = self.crossed[:, :, -1]
        within = np.einsum(
            "pa,pab,pb->", crossed, np.linalg.pinv(self.squared), crossed
        )
        return float(self.total[-1, -1] - within) / self.scores


@dataclass(frozen=True)
class _Profile:
    """The likelihood where the patients' spread, over the residual's, is given."""

    spread: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    information: NDArray[np.float64]
    """X' V^-1 X, V over the residual variance; shape (k, k)."""

    residual: float
    log_likelihood: float
    slope: NDArray[np.float64]
    """Of the log likelihood, in the three numbers of the spread."""

    @classmethod
    def at(cls, spread: NDArray[np.float64], sums: _Sums) -> "_Profile":
        """V = I + Z L L' Z' by patient, inverted by Woodbury's formula."""
        lower = np.array([[spread[0], 0.0], [spread[1], spread[2]]])
        inner = np.eye(2) + lower.T @ sums.squared @ lower
        shrink = lower @ np.linalg.inv(inner) @ lower.T
        moved = shrink @ sums.crossed
        left = sums.total - np.einsum("pak,pal->kl", sums.crossed, moved)
        information = left[:-1, :-1]
        coefficients = np.linalg.solve(information, left[:-1, -1])
        squares = float(left[-1, -1] - left[:-1, -1] @ coefficients)
        residual = max(squares, np.finfo(float).tiny) / sums.scores
        likelihood = -0.5 * (
            sums.scores * (np.log(2 * np.pi * residual) + 1)
            + np.log(np.linalg.det(inner)).sum()
        )
        off = (sums.crossed - sums.squared @ moved) @ np.r_[-coefficients, 1.0]
        kept = sums.squared - sums.squared @ shrink @ sums.squared
        slope = (off.T @ off / residual - kept.sum(axis=0)) @ lower
        return cls(
            *(lower, coefficients, information, residual, float(likelihood)),
            slope=slope[[0, 1, 1], [0, 0, 1]],
        )


def _highest(sums: _Sums) -> _Profile:
    """Return the best end of the searches.

    statsmodels' optimisers call a fit converged that lies well below the maximum
    where patients hardly differ in level or slope, which is why this is done here.
    """

    def lowest(spread):
        here = _Profile.at(spread, sums)
        return -here.log_likelihood / sums.scores, -here.slope / sums.scores

    with np.errstate(all="ignore"):
        ends = []
        for start in STARTS:
            # Where nothing is left of the scores a climb goes on without end.
            with suppress(np.linalg.LinAlgError):
                ends.append(minimize(lowest, start, **SEARCH).x)
        found = [_Profile.at(end, sums) for end in ends if np.isfinite(end).all()]
    top = max((one.log_likelihood for one in found), default=np.nan)
    # Of ends as high as each other, rounding decides which is called the highest.
    level = [one for one in found if one.log_likelihood > top - SAME_HEIGHT]
    best = min(level, key=lambda one: np.abs(one.slope).max(), default=None)
    if best is None or not np.abs(best.slope).max() < TOLERANCE * sums.scores:
        raise NotEstimableError(
            "The growth model's likelihood has no top that could be found."
        )
    return best
