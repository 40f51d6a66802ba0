"""Estimate every comparison that has a protocol and write schema `estimates`."""

import logging
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from pipelines.compare import balance, cohort, curves, effects, holm, protocols, store
from pipelines.compare.gate import Rule
from pipelines.compare.protocols import Protocol
from pipelines.compare.results import Estimate
from pipelines.compare.store import CurveRow, DiagnosticRow, EffectRow
from pipelines.errors import EstimateFailedError
from pipelines.settings import Gate, Settings

logger = logging.getLogger(__name__)

POPULATION = "all"
"""Everyone eligible; subgroups will have names of their own."""

SPECIFICATION = "protocol"
"""The analysis as the protocol has it; sensitivity analyses will have names."""


def run(build_file: Path, settings: Settings) -> dict[str, int]:
    """Estimate every protocol's comparison in one build.

    Reads `marts.cmp_<comparison_id>`, replaces estimates.effects, .diagnostics and
    .curves in one transaction: all three or none. A comparison without rows gives
    one diagnostic that says so and no effect.

    Args:
        build_file: The build's DuckDB file; opened for writing and closed again.
        settings: The gate's limits, DuckDB's threads and memory.

    Returns:
        How many rows each table has, by its name.

    Raises:
        EstimateFailedError: There is no build file, or a mart breaks its contract.
        UsageError: A protocol cannot be used.
    """
    if not build_file.exists():
        raise EstimateFailedError(
            f"There is no build at {build_file}.\n"
            "Build the marts first: outcomes build --stage marts"
        )
    with duckdb.connect(
        build_file,
        config={"threads": settings.threads, "memory_limit": settings.memory_limit},
    ) as con:
        con.begin()
        counts = estimate_all(con, protocols.load_all(), settings.gate)
        con.commit()
    return counts


def estimate_all(
    con: duckdb.DuckDBPyConnection, planned: tuple[Protocol, ...], limits: Gate
) -> dict[str, int]:
    """Estimate the planned comparisons on an open build and write the tables.

    Args:
        con: The build, open for writing.
        planned: The protocols.
        limits: The gate's.

    Returns:
        Rows by table.

    Raises:
        EstimateFailedError: A mart breaks its contract.
    """
    effect_rows: list[EffectRow] = []
    diagnostic_rows: list[DiagnosticRow] = []
    curve_rows: list[CurveRow] = []
    for protocol in planned:
        rows, why_none = cohort.read(con, protocol)
        has_rows = Rule(
            "has_eligible_people",
            None,
            0.0 if rows is None else float(rows["patient_id"].n_unique()),
            1.0,
            None,
            rows is not None,
            why_none or "People eligible for the comparison.",
        )
        diagnostic_rows.append(_diagnostic(protocol, has_rows))
        if rows is None:
            logger.info("%s: no rows", protocol.comparison_id)
            continue
        found, noted = _compare(rows, protocol, limits)
        effect_rows += found
        diagnostic_rows += noted
        curve_rows += _curves(rows, protocol)
        logger.info(
            "%s: %d effects, %d withheld",
            protocol.comparison_id,
            len(found),
            sum(effect.is_withheld for effect in found),
        )
    effect_rows, family = _with_holm(effect_rows)
    diagnostic_rows += family
    return {
        "effects": store.replace(con, "effects", effect_rows),
        "diagnostics": store.replace(con, "diagnostics", diagnostic_rows),
        "curves": store.replace(con, "curves", curve_rows),
    }


def _compare(
    rows: pl.DataFrame, protocol: Protocol, limits: Gate
) -> tuple[list[EffectRow], list[DiagnosticRow]]:
    comparison_rules = cohort.rules(rows, protocol)
    is_randomised = protocol.design == "randomised" and bool(
        rows["is_randomised"].fill_null(False).all()
    )
    noted = [
        _diagnostic(protocol, rule)
        for rule in [
            *comparison_rules,
            cohort.clusters(rows),
            cohort.unplanned(rows, protocol),
            *balance.rules(rows, protocol),
        ]
    ]
    found = []
    for outcome in protocol.outcomes:
        for estimator_id in outcome.estimators:
            result = effects.estimate(
                rows, protocol, outcome, estimator_id, limits, comparison_rules
            )
            found += _effect_rows(result, protocol, is_randomised)
            noted += [_diagnostic(protocol, rule, result) for rule in result.rules]
    return found, noted


def _effect_rows(
    result: effects.Result, protocol: Protocol, is_randomised: bool
) -> list[EffectRow]:
    is_primary = (
        result.outcome.outcome_id == protocol.primary.outcome_id
        and result.estimator_id == protocol.primary.estimator_id
    )
    made = []
    for position, (scale, answer) in enumerate(result.estimates.items()):
        known = answer if isinstance(answer, Estimate) else None
        made.append(
            EffectRow(
                comparison_id=protocol.comparison_id,
                outcome_id=result.outcome.outcome_id,
                population_id=POPULATION,
                estimator_id=result.estimator_id,
                specification_id=SPECIFICATION,
                scale=scale,
                exposed_count=result.exposed.people,
                comparator_count=result.comparator.people,
                exposed_observed_count=result.exposed.observed,
                comparator_observed_count=result.comparator.observed,
                # Nobody is weighted here, so everyone observed counts for one.
                exposed_effective_size=float(result.exposed.observed),
                comparator_effective_size=float(result.comparator.observed),
                cluster_count=result.cluster_count,
                exposed_level=known and known.exposed_level,
                comparator_level=known and known.comparator_level,
                estimate=known and known.estimate,
                std_error=known and known.std_error,
                variance_method=known and known.variance_method,
                estimate_low=known and known.low,
                estimate_high=known and known.high,
                p_value=known and known.p_value,
                p_value_holm=None,
                is_randomised=is_randomised,
                is_primary=is_primary and position == 0,
                is_withheld=known is None,
                withheld_reason=None if known else str(answer),
                protocol_version=protocol.version,
                protocol_hash=protocol.hash,
            )
        )
    return made


def _with_holm(
    rows: list[EffectRow],
) -> tuple[list[EffectRow], list[DiagnosticRow]]:
    """Adjust the primary outcomes' p values and note the family's size."""
    primary = [row for row in rows if row.is_primary]
    adjusted = iter(holm.adjust([row.p_value for row in primary]))
    family_size = sum(not row.is_withheld for row in primary)
    noted = [
        DiagnosticRow(
            comparison_id=row.comparison_id,
            outcome_id=row.outcome_id,
            population_id=row.population_id,
            estimator_id=row.estimator_id,
            diagnostic_id="holm_family_size",
            arm=None,
            value=float(family_size),
            limit_low=None,
            limit_high=None,
            is_passed=None,
            note="Primary outcomes shown, whose p values are adjusted together; "
            f"{len(primary) - family_size} of {len(primary)} are withheld.",
        )
        for row in primary
    ]
    return [
        replace(row, p_value_holm=next(adjusted)) if row.is_primary else row
        for row in rows
    ], noted


def _curves(rows: pl.DataFrame, protocol: Protocol) -> list[CurveRow]:
    return [
        CurveRow(
            comparison_id=protocol.comparison_id,
            curve_id="trajectory",
            arm=point.arm,
            instrument=point.instrument,
            time_month=point.month,
            people_count=point.people_count,
            observed_count=point.observed_count,
            estimate=point.mean,
            estimate_low=point.low,
            estimate_high=point.high,
        )
        for point in curves.trajectory(rows)
    ]


def _diagnostic(
    protocol: Protocol, rule: Rule, result: effects.Result | None = None
) -> DiagnosticRow:
    return DiagnosticRow(
        comparison_id=protocol.comparison_id,
        outcome_id=result.outcome.outcome_id if result else None,
        population_id=POPULATION,
        estimator_id=result.estimator_id if result else None,
        diagnostic_id=rule.diagnostic_id,
        arm=rule.arm,
        value=rule.value,
        limit_low=rule.limit_low,
        limit_high=rule.limit_high,
        is_passed=rule.is_passed,
        note=rule.note,
    )
