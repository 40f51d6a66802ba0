"""Say what the protocols say, as rows that a report can be made from."""

import polars as pl

from pipelines.compare.protocols import Outcome, Protocol, Strategies

WEEKS_PER_MONTH = 365.25 / 12 / 7

WINDOW_WEEKS = 60 / 7
"""How far a score may lie from its month: the narrowest of the outcome windows."""


def state_comparisons(protocols: tuple[Protocol, ...]) -> pl.DataFrame:
    """Return one row per protocol, as reports.rpt_comparisons shows it."""
    return pl.DataFrame(
        [
            {
                "comparison_id": protocol.comparison_id,
                "family": protocol.family,
                "question_ids": " ".join(protocol.question_ids),
                "question": protocol.question,
                "population": protocol.population,
                "eligibility": "\n".join(protocol.eligibility),
                "exposed_arm": protocol.exposed.arm,
                "exposed_label": protocol.exposed_label,
                "exposed_strategy": protocol.exposed.strategy,
                "comparator_arm": protocol.comparator.arm,
                "comparator_label": protocol.comparator_label,
                "comparator_strategy": protocol.comparator.strategy,
                "design": protocol.design,
                "time_zero": protocol.time_zero,
                "assignment": protocol.assignment,
                "follow_up": protocol.follow_up,
                "causal_contrast": protocol.causal_contrast,
                "target": protocol.target,
                "covariates": " ".join(protocol.covariates),
                "subgroups": " ".join(protocol.subgroups),
                "decided_on": protocol.decided_on,
                "caveats": "\n".join(protocol.caveats),
                "protocol_version": protocol.version,
                "protocol_hash": protocol.hash,
                "primary_outcome_id": protocol.primary.outcome_id,
                "primary_estimator_id": protocol.primary.estimator_id,
            }
            for protocol in protocols
        ]
    )


def state_outcomes(protocols: tuple[Protocol, ...]) -> pl.DataFrame:
    """Return one row per protocol and outcome, as rpt_outcomes_of_comparison shows it.

    `month` is null where all follow-ups are taken together; `*_treatment` says whether
    people who keep to a strategy are in therapy then: `on`, `off`, or `mixed` (just on
    it or just off it). It is null where people may do as they like later.
    """
    schema = {
        "comparison_id": pl.String,
        "outcome_id": pl.String,
        "measure": pl.String,
        "month": pl.Int32,
        "role": pl.String,
        "exposed_treatment": pl.String,
        "comparator_treatment": pl.String,
    }
    rows = []
    for protocol in protocols:
        for outcome in protocol.outcomes:
            is_long = isinstance(outcome, Outcome)
            month = outcome.follow_up_month if is_long else outcome.month
            on = treatment_at(protocol.strategies, month)
            rows.append(
                (
                    protocol.comparison_id,
                    outcome.outcome_id,
                    outcome.measure,
                    month,
                    "benefit" if is_long else outcome.role,
                    *on,
                )
            )
    return pl.DataFrame(rows, schema=schema, orient="row")


def treatment_at(
    strategies: Strategies | None, month: int | None
) -> tuple[str | None, str | None]:
    """Tell whether those who keep to the long and to the short strategy are in therapy.

    Args:
        strategies: When each lets people stop; None for a choice made on day 0.
        month: When the outcome is measured, give or take its window.

    Examples:
        >>> year = Strategies(0, "week", 52, 26, 6)
        >>> [treatment_at(year, month) for month in (3, 6, 12, 24)]
        [('on', 'mixed'), ('on', 'mixed'), ('mixed', 'off'), ('off', 'off')]
    """
    if strategies is None or month is None:
        return None, None
    middle = month * WEEKS_PER_MONTH
    first, last = middle - WINDOW_WEEKS, middle + WINDOW_WEEKS
    may_be_well = strategies.long_ends == "remission_or_week"
    return (
        _treatment(
            strategies.long_week, strategies.long_week, first, last, may_be_well
        ),
        _treatment(
            strategies.short_from_week,
            strategies.short_from_week + strategies.short_weeks - 1,
            first,
            last,
            strategies.starts_in_week == 0,
        ),
    )


def _treatment(
    stop_from: int, stop_to: int, first: float, last: float, may_stop_before: bool
) -> str:
    """Say where a window of weeks lies beside the weeks in which a strategy stops."""
    if stop_to < first:
        return "off"
    return "mixed" if may_stop_before or stop_from <= last else "on"
