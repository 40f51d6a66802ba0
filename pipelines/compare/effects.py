"""Estimate one outcome of one comparison by one estimator, or say why not."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare import ancova, cohort, gate, growth, mixed, unadjusted
from pipelines.compare.answers import Result
from pipelines.compare.covariates import Choice, choose
from pipelines.compare.gate import ArmCount, Rule
from pipelines.compare.protocols import Outcome, Protocol
from pipelines.compare.results import Estimate, NotEstimableError
from pipelines.settings import Gate

SCALES = {
    ("points", "unadjusted"): ("mean_difference", "hedges_g"),
    ("points", "ancova"): ("mean_difference",),
    ("points", "mixed_model"): ("mean_difference",),
    ("points", "growth"): ("mean_difference",),
    ("response", "unadjusted"): ("risk_difference",),
}
"""By measure and estimator. The first scale is the primary one."""

WEEKS_PER_MONTH = 365.25 / 12 / 7


@dataclass(frozen=True)
class _Sample:
    """The rows of an outcome with the covariates an estimator needs."""

    rows: pl.DataFrame
    choice: Choice
    is_exposed: NDArray[np.bool_]
    is_observed: NDArray[np.bool_]

    def observed(self, column: str) -> NDArray:
        return self.rows[column].to_numpy()[self.is_observed]

    @property
    def exposed(self) -> NDArray[np.bool_]:
        """Whether each observed row is of the exposed arm."""
        return self.is_exposed[self.is_observed]

    @property
    def covariates(self) -> dict[str, NDArray[np.float64]]:
        """The covariates in use, observed rows only."""
        return {
            name: values[self.is_observed]
            for name, values in self.choice.values.items()
        }


def estimate(
    rows: pl.DataFrame,
    protocol: Protocol,
    outcome: Outcome,
    estimator_id: str,
    limits: Gate,
    comparison_rules: list[Rule],
) -> Result:
    """Count, gate and, if the gate passes, estimate.

    A withheld outcome is not estimated at all. A model that cannot be fitted is
    withheld with its reason.

    Args:
        rows: The comparison's rows (`pipelines.compare.cohort.read`).
        protocol: Its design, arms and covariates.
        outcome: One of the protocol's.
        estimator_id: unadjusted, ancova, mixed_model or growth.
        limits: From settings.
        comparison_rules: What was found about the whole comparison; a failed one
            withholds every outcome.

    Returns:
        What was found.
    """
    sample = _sample(rows, protocol, outcome, estimator_id)
    exposed, comparator = (
        _count(sample, arm.arm, arm.label)
        for arm in (protocol.exposed, protocol.comparator)
    )
    verdict = gate.decide(protocol.design, exposed, comparator, limits)
    checked = list(verdict.rules)
    if estimator_id != "unadjusted":
        checked.append(_dropped(sample.choice))
    reasons = gate.reasons(comparison_rules)
    if sample.rows.is_empty():
        reasons.append("Nobody in these data was due to have this outcome.")
    elif verdict.withheld_reason:
        reasons.append(verdict.withheld_reason)

    scales = SCALES[outcome.measure, estimator_id]
    if reasons:
        estimates = dict.fromkeys(scales, " ".join(reasons))
    else:
        estimates, described = _fit(sample, estimator_id, scales)
        failed = [reason for reason in estimates.values() if isinstance(reason, str)]
        checked.append(
            Rule(
                "could_be_estimated",
                None,
                float(not failed),
                1.0,
                None,
                not failed,
                " ".join(dict.fromkeys(failed)) or "Estimated.",
            )
        )
        checked += described
    return Result(
        outcome=outcome,
        estimator_id=estimator_id,
        exposed=exposed,
        comparator=comparator,
        cluster_count=len(set(sample.observed("cluster_id"))),
        estimates=estimates,
        rules=tuple(checked),
    )


def _sample(
    rows: pl.DataFrame, protocol: Protocol, outcome: Outcome, estimator_id: str
) -> _Sample:
    kept = cohort.for_outcome(rows, outcome)
    names = () if estimator_id == "unadjusted" else protocol.covariates
    choice = choose(
        {name: cohort.as_floats(kept[name]) for name in names}, people=kept.height
    )
    has_value = kept["value"].is_not_null().to_numpy()
    return _Sample(
        rows=kept,
        choice=choice,
        is_exposed=kept["is_exposed"].to_numpy().astype(bool),
        is_observed=has_value & choice.is_complete,
    )


def _count(sample: _Sample, arm: str, label: str) -> ArmCount:
    of_arm = sample.rows.with_columns(observed=pl.Series(sample.is_observed)).filter(
        pl.col("arm") == arm
    )
    return ArmCount(
        arm=arm,
        label=label,
        people=of_arm["patient_id"].n_unique(),
        observed=of_arm.filter(pl.col("observed"))["patient_id"].n_unique(),
    )


def _dropped(choice: Choice) -> Rule:
    return Rule(
        "covariates_dropped",
        None,
        float(len(choice.dropped)),
        None,
        0.0,
        not choice.dropped,
        choice.sentence(),
    )


def _fit(
    sample: _Sample, estimator_id: str, scales: tuple[str, ...]
) -> tuple[dict[str, Estimate | str], list[Rule]]:
    if estimator_id == "unadjusted":
        return {scale: _plain(sample, scale) for scale in scales}, []
    scores = sample.observed("value")
    try:
        if estimator_id == "ancova":
            fitted = ancova.fit(scores, sample.exposed, sample.covariates)
            described = []
        elif estimator_id == "growth":
            fitted = _grown(sample, scores)
            described = _describe_growth(fitted)
        else:
            fitted = mixed.fit(
                scores,
                sample.observed("follow_up_month"),
                sample.exposed,
                sample.observed("patient_id"),
                sample.covariates,
            )
            described = _describe(fitted)
    except NotEstimableError as error:
        return dict.fromkeys(scales, str(error)), []
    described += [
        gate.shown(f"coefficient_{name}", b, "Coefficient of the model, in points.")
        for name, b in fitted.coefficients.items()
    ]
    return dict.fromkeys(scales, fitted.contrast), described


def _grown(sample: _Sample, scores: NDArray) -> growth.GrowthModel:
    """Fit each person's own curve; the arms' gap is averaged over the follow-ups.

    The gap changes with the logarithm of time, so its average is the gap at the week
    whose logarithm is theirs on average.
    """
    months = sample.rows["follow_up_month"].unique().to_numpy()
    return growth.fit(
        scores,
        sample.observed("follow_up_month") * WEEKS_PER_MONTH,
        sample.exposed,
        sample.observed("patient_id"),
        sample.covariates,
        at_week=np.expm1(np.log1p(months * WEEKS_PER_MONTH).mean()),
    )


def _describe_growth(fitted: growth.GrowthModel) -> list[Rule]:
    intercept, slope = np.sqrt(np.diag(fitted.random_covariance))
    return [
        gate.shown("log_likelihood", fitted.log_likelihood, "Full log-likelihood."),
        gate.shown(
            "random_intercept_sd",
            float(intercept),
            "Spread between people at day 0 in points, standard deviation.",
        ),
        gate.shown(
            "random_slope_sd",
            float(slope),
            "Spread of people's slopes, in points for each unit of ln(1 + week).",
        ),
        *_describe_rest(fitted),
    ]


def _describe(fitted: mixed.MixedModel) -> list[Rule]:
    return [
        gate.shown(
            "log_likelihood",
            fitted.log_likelihood,
            f"Full log-likelihood; the optimiser that converged is {fitted.optimiser}.",
        ),
        gate.shown(
            "random_intercept_sd",
            fitted.random_intercept_sd,
            "Spread between people in points, standard deviation.",
        ),
        *_describe_rest(fitted),
    ]


def _describe_rest(fitted: growth.GrowthModel | mixed.MixedModel) -> list[Rule]:
    return [
        gate.shown(
            "residual_sd",
            fitted.residual_sd,
            "Spread within people in points, standard deviation.",
        ),
        gate.shown(
            "scores_used",
            float(fitted.scores_count),
            "Follow-up scores that the model used.",
        ),
    ]


def _plain(sample: _Sample, scale: str) -> Estimate | str:
    values = sample.observed("value")
    arms = (values[sample.exposed], values[~sample.exposed])
    try:
        if scale == "risk_difference":
            exposed, comparator = arms
            return unadjusted.risk_difference(
                int(exposed.sum()), exposed.size, int(comparator.sum()), comparator.size
            )
        if scale == "hedges_g":
            return unadjusted.hedges_g(*arms)
        return unadjusted.mean_difference(*arms)
    except NotEstimableError as error:
        return str(error)
