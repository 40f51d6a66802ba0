"""Plain differences between two groups, with intervals that hold in small groups.

None of these adjusts for who was offered which care: outside a randomised contrast
they describe and do not explain.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    test_proportions_2indep,
)

from pipelines.compare.results import Z_95, Estimate, NotEstimableError


def wilson_interval(events: int, total: int) -> tuple[float, float]:
    """Give Wilson's 95 % score interval for one share.

    It stays inside [0, 1] and keeps its coverage near 0 and 1. No continuity
    correction.

    Units:
        Counts in, shares (0-1) out.

    Args:
        events: People with the outcome.
        total: People who could have had it, at least 1.

    Returns:
        The lower and the upper limit.

    Raises:
        ValueError: The events are not between 0 and the total, or the total is
            below 1.

    Examples:
        >>> [round(limit, 4) for limit in wilson_interval(81, 263)]
        [0.2553, 0.3662]

    References:
        Wilson EB. J Am Stat Assoc 1927;22:209-212. The example is Newcombe RG.
        Two-sided confidence intervals for the single proportion. Stat Med
        1998;17:857-872, Table I, method 3.
    """
    _check_counts("the group", events, total)
    low, high = proportion_confint(events, total, alpha=0.05, method="wilson")
    return float(low), float(high)


def risk_difference(
    exposed_events: int,
    exposed_total: int,
    comparator_events: int,
    comparator_total: int,
) -> Estimate:
    """Give the difference of two independent shares with Newcombe's interval.

    The p value is that of the score test with the pooled share (Pearson's
    chi-squared without continuity correction). Newcombe's interval has no test of
    its own, so near 0.05 the two may disagree. There is no standard error for the
    same reason.

    Units:
        Counts in, shares (0-1) out: 0.10 is ten percentage points.

    Args:
        exposed_events: People of the exposed arm with the outcome.
        exposed_total: People of the exposed arm whose outcome is known, >= 1.
        comparator_events: As `exposed_events`, for the comparator arm.
        comparator_total: As `exposed_total`, for the comparator arm.

    Returns:
        Exposed minus comparator, limits within [-1, 1].

    Raises:
        ValueError: An arm's events are not between 0 and its total, or its total is
            below 1. The message names the arm, not the counts.

    Examples:
        >>> found = risk_difference(56, 70, 48, 80)
        >>> [round(x, 4) for x in (found.estimate, found.low, found.high)]
        [0.2, 0.0524, 0.3339]

    References:
        Newcombe RG. Interval estimation for the difference between independent
        proportions: comparison of eleven methods. Stat Med 1998;17:873-890,
        method 10.
    """
    _check_counts("the exposed arm", exposed_events, exposed_total)
    _check_counts("the comparator arm", comparator_events, comparator_total)
    counts = (exposed_events, exposed_total, comparator_events, comparator_total)
    low, high = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
    # With one answer for everybody the test statistic is 0 / 0: no evidence at all.
    everyone_alike = exposed_events + comparator_events in (
        0,
        exposed_total + comparator_total,
    )
    # statsmodels also works out the ratios, which need not exist; they are not used.
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = (
            1.0
            if everyone_alike
            else test_proportions_2indep(
                *counts, compare="diff", method="score", correction=False
            ).pvalue
        )
    exposed_level = exposed_events / exposed_total
    comparator_level = comparator_events / comparator_total
    return Estimate(
        exposed_level=exposed_level,
        comparator_level=comparator_level,
        estimate=exposed_level - comparator_level,
        low=float(low),
        high=float(high),
        p_value=float(p_value),
        variance_method="newcombe_hybrid_score",
    )


def mean_difference(exposed: ArrayLike, comparator: ArrayLike) -> Estimate:
    """Give the difference of two means with Welch's t interval.

    The arms may have different spreads. Baseline scores play no part here; see
    `pipelines.compare.ancova`.

    Units:
        Those of the scores, in and out.

    Args:
        exposed: Scores of the exposed arm. Shape (n1,), n1 >= 2, no missing value.
        comparator: Scores of the comparator arm. Shape (n2,), n2 >= 2.

    Returns:
        Exposed minus comparator.

    Raises:
        ValueError: A score is missing or infinite; the message gives positions.
        NotEstimableError: An arm has fewer than two scores, or all are alike.

    Examples:
        >>> found = mean_difference([1, 2, 3, 4], [3, 4, 6, 9])
        >>> [round(x, 3) for x in (found.estimate, found.low, found.high)]
        [-3.0, -6.96, 0.96]

    References:
        Welch BL. The generalization of 'Student's' problem when several different
        population variances are involved. Biometrika 1947;34:28-35.
    """
    exposed, comparator = _two_arms(exposed, comparator)
    if exposed.std() == 0 and comparator.std() == 0:
        raise NotEstimableError("Everyone in each arm has the same score.")
    test = stats.ttest_ind(exposed, comparator, equal_var=False)
    interval = test.confidence_interval(0.95)
    variance = sum(arm.var(ddof=1) / arm.size for arm in (exposed, comparator))
    return Estimate(
        exposed_level=float(exposed.mean()),
        comparator_level=float(comparator.mean()),
        estimate=float(exposed.mean() - comparator.mean()),
        std_error=math.sqrt(variance),
        low=float(interval.low),
        high=float(interval.high),
        p_value=float(test.pvalue),
        variance_method="welch",
    )


def hedges_g(exposed: ArrayLike, comparator: ArrayLike) -> Estimate:
    """Give the standardised mean difference with Hedges' small-sample correction.

    g = J (m1 - m2) / s_pooled with J = 1 - 3 / (4 df - 1) and df = n1 + n2 - 2. The
    variance is (n1 + n2) / (n1 n2) + g^2 / (2 (n1 + n2)); Borenstein et al. 2009
    multiply the same expression in d by J^2 and come out slightly smaller. The
    interval and the p value use the normal distribution.

    Units:
        Scores in, pooled standard deviations out. The levels stay in points.

    Args:
        exposed: Scores of the exposed arm. Shape (n1,), n1 >= 2, no missing value.
        comparator: Scores of the comparator arm. Shape (n2,), n2 >= 2.

    Returns:
        Exposed minus comparator: below 0 means that the exposed score lower.

    Raises:
        ValueError: A score is missing or infinite; the message gives positions.
        NotEstimableError: An arm has fewer than two scores, or all are alike.

    Examples:
        >>> found = hedges_g([1, 2, 3, 4], [3, 4, 6, 9])
        >>> [round(x, 3) for x in (found.estimate, found.std_error)]
        [-1.253, 0.773]

    References:
        Hedges LV. Distribution theory for Glass's estimator of effect size and
        related estimators. J Educ Stat 1981;6:107-128. Borenstein M, Hedges LV,
        Higgins JPT, Rothstein HR. Introduction to Meta-Analysis. Wiley 2009, ch. 4.
    """
    exposed, comparator = _two_arms(exposed, comparator)
    if exposed.std() == 0 and comparator.std() == 0:
        raise NotEstimableError("Everyone in each arm has the same score.")
    # Its own variance divides by 2 (n - 3.94); ours is the one in the docstring.
    g, _ = effectsize_smd(
        exposed.mean(),
        exposed.std(ddof=1),
        exposed.size,
        comparator.mean(),
        comparator.std(ddof=1),
        comparator.size,
    )
    people = exposed.size + comparator.size
    std_error = math.sqrt(
        people / (exposed.size * comparator.size) + g**2 / (2 * people)
    )
    return Estimate(
        exposed_level=float(exposed.mean()),
        comparator_level=float(comparator.mean()),
        estimate=float(g),
        std_error=std_error,
        low=float(g - Z_95 * std_error),
        high=float(g + Z_95 * std_error),
        p_value=float(2 * stats.norm.sf(abs(g) / std_error)),
        variance_method="hedges",
    )


def _check_counts(where: str, events: int, total: int) -> None:
    if total < 1 or not 0 <= events <= total:
        raise ValueError(
            f"In {where} the events must be between 0 and the total, "
            "and the total at least 1."
        )


def _two_arms(
    exposed: ArrayLike, comparator: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return _scores("exposed", exposed), _scores("comparator", comparator)


def _scores(arm: str, scores: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 1:
        raise ValueError(f"The {arm} arm's scores must be one list.")
    wrong = np.flatnonzero(~np.isfinite(scores))
    if wrong.size:
        raise ValueError(
            f"The {arm} arm has missing or infinite scores at positions "
            f"{wrong.tolist()}; leave out people without a score first."
        )
    if scores.size < 2:
        raise NotEstimableError("An arm has fewer than two people with a score.")
    return scores
