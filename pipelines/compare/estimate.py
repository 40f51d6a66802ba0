"""Estimate every comparison that has a protocol and write schema `estimates`."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import polars as pl
from threadpoolctl import threadpool_limits

from pipelines.compare import (
    balance,
    cohort,
    effects,
    holm,
    observed,
    plotted,
    protocols,
    store,
    units,
)
from pipelines.compare.answers import AS_PLANNED, EVERYONE, Result
from pipelines.compare.gate import Rule
from pipelines.compare.protocols import Protocol
from pipelines.compare.results import Estimate
from pipelines.compare.store import CurveRow, DiagnosticRow, EffectRow
from pipelines.errors import EstimateFailedError
from pipelines.settings import Gate, Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Rows:
    """What one comparison adds to the three tables."""

    effects: list[EffectRow] = field(default_factory=list)
    diagnostics: list[DiagnosticRow] = field(default_factory=list)
    curves: list[CurveRow] = field(default_factory=list)


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
        counts = estimate_all(
            con, protocols.load_all(), settings.gate, settings.threads
        )
        con.commit()
    return counts


def estimate_all(
    con: duckdb.DuckDBPyConnection,
    planned: tuple[Protocol, ...],
    limits: Gate,
    threads: int = 1,
) -> dict[str, int]:
    """Estimate the planned comparisons on an open build and write the tables.

    Several comparisons go on at once, each on one thread: matrices are too small for
    threads of their own to be worth it.

    Args:
        con: The build, open for writing; its marts are committed.
        planned: The protocols.
        limits: The gate's.
        threads: Comparisons at once; changes nothing but the time and the memory.

    Returns:
        Rows by table.

    Raises:
        EstimateFailedError: A mart breaks its contract.
    """

    def one(protocol: Protocol) -> _Rows:
        with con.cursor() as own:
            return _estimated(own, protocol, limits)

    # A large one begun last would keep one core idle to the end.
    largest_first = sorted(planned, key=lambda one: _work(con, one), reverse=True)
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        begun = {p.comparison_id: pool.submit(one, p) for p in largest_first}
        found = [begun[protocol.comparison_id].result() for protocol in planned]
    effect_rows = [row for rows in found for row in rows.effects]
    diagnostic_rows = [row for rows in found for row in rows.diagnostics]
    effect_rows, family = _with_holm(effect_rows, planned)
    return {
        "effects": store.replace(con, "effects", effect_rows),
        "diagnostics": store.replace(con, "diagnostics", diagnostic_rows + family),
        "curves": store.replace(
            con, "curves", [row for rows in found for row in rows.curves]
        ),
    }


def _work(con: duckdb.DuckDBPyConnection, protocol: Protocol) -> int:
    """Say how much there is to do, as units times results; only to begin with most."""
    results = sum(len(outcome.estimators) for outcome in protocol.outcomes)
    return 0 if protocol.is_long_form else units.count(con, protocol) * results


def _estimated(
    con: duckdb.DuckDBPyConnection, protocol: Protocol, limits: Gate
) -> _Rows:
    read = cohort.read if protocol.is_long_form else units.read
    rows, why_none = read(con, protocol)
    has_rows = Rule(
        "has_eligible_people",
        None,
        0.0 if rows is None else float(rows["patient_id"].n_unique()),
        1.0,
        None,
        rows is not None,
        why_none or "People eligible for the comparison.",
    )
    made = _Rows(diagnostics=[_diagnostic(protocol, has_rows)])
    if rows is None:
        logger.info("%s: no rows", protocol.comparison_id)
        return made
    if protocol.is_long_form:
        results, rules = _compare(rows, protocol, limits)
        made.curves.extend(plotted.trajectory(rows, protocol))
    else:
        results, rules = observed.compare(con, rows, protocol, limits)
    is_randomised = protocol.design == "randomised" and bool(
        rows["is_randomised"].fill_null(False).all()
    )
    made.diagnostics.extend(_diagnostic(protocol, rule) for rule in rules)
    for result in results:
        made.effects.extend(_effect_rows(result, protocol, is_randomised))
        made.diagnostics.extend(
            _diagnostic(protocol, rule, result) for rule in result.rules
        )
        made.curves.extend(plotted.incidence(con, result, protocol))
    logger.info(
        "%s: %d effects, %d withheld",
        protocol.comparison_id,
        sum(len(result.estimates) for result in results),
        sum(isinstance(e, str) for r in results for e in r.estimates.values()),
    )
    return made


def _compare(
    rows: pl.DataFrame, protocol: Protocol, limits: Gate
) -> tuple[list[Result], list[Rule]]:
    """Estimate a trial's outcomes; returns also what is about the whole comparison."""
    comparison_rules = cohort.rules(rows, protocol)
    rules = [
        *comparison_rules,
        cohort.clusters(rows),
        cohort.unplanned(rows, protocol),
        *balance.rules(rows, protocol),
    ]
    results = [
        effects.estimate(
            rows, protocol, outcome, estimator_id, limits, comparison_rules
        )
        for outcome in protocol.outcomes
        for estimator_id in outcome.estimators
    ]
    return results, rules


def _effect_rows(
    result: Result, protocol: Protocol, is_randomised: bool
) -> list[EffectRow]:
    is_primary = (
        result.outcome.outcome_id == protocol.primary.outcome_id
        and result.estimator_id == protocol.primary.estimator_id
        and result.population_id == EVERYONE
        and result.specification_id == AS_PLANNED
    )
    # Where nobody is weighted, everyone observed counts for one.
    sizes = result.effective_sizes or (
        float(result.exposed.observed),
        float(result.comparator.observed),
    )
    made = []
    for position, (scale, answer) in enumerate(result.estimates.items()):
        known = answer if isinstance(answer, Estimate) else None
        made.append(
            EffectRow(
                comparison_id=protocol.comparison_id,
                outcome_id=result.outcome.outcome_id,
                population_id=result.population_id,
                estimator_id=result.estimator_id,
                specification_id=result.specification_id,
                scale=scale,
                exposed_count=result.exposed.people,
                comparator_count=result.comparator.people,
                exposed_observed_count=result.exposed.observed,
                comparator_observed_count=result.comparator.observed,
                exposed_effective_size=sizes[0],
                comparator_effective_size=sizes[1],
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
    rows: list[EffectRow], planned: tuple[Protocol, ...]
) -> tuple[list[EffectRow], list[DiagnosticRow]]:
    """Adjust the primary outcomes' p values by family and note each family's size."""
    family_of = {one.comparison_id: one.family for one in planned}
    adjusted: dict[str, float | None] = {}
    noted = []
    for family in sorted(set(family_of.values())):
        primary = [
            row
            for row in rows
            if row.is_primary and family_of[row.comparison_id] == family
        ]
        found = holm.adjust([row.p_value for row in primary])
        size = sum(not row.is_withheld for row in primary)
        for row, p_value in zip(primary, found, strict=True):
            adjusted[row.comparison_id] = p_value
            noted.append(
                DiagnosticRow(
                    comparison_id=row.comparison_id,
                    outcome_id=row.outcome_id,
                    population_id=row.population_id,
                    estimator_id=row.estimator_id,
                    diagnostic_id="holm_family_size",
                    arm=None,
                    value=float(size),
                    limit_low=None,
                    limit_high=None,
                    is_passed=None,
                    note="Primary outcomes shown, whose p values are adjusted "
                    f"together; {len(primary) - size} of {len(primary)} are withheld.",
                )
            )
    return [
        replace(row, p_value_holm=adjusted[row.comparison_id])
        if row.is_primary
        else row
        for row in rows
    ], noted


def _diagnostic(
    protocol: Protocol, rule: Rule, result: Result | None = None
) -> DiagnosticRow:
    return DiagnosticRow(
        comparison_id=protocol.comparison_id,
        outcome_id=result.outcome.outcome_id if result else None,
        population_id=result.population_id if result else EVERYONE,
        estimator_id=result.estimator_id if result else None,
        diagnostic_id=rule.diagnostic_id,
        arm=rule.arm,
        value=rule.value,
        limit_low=rule.limit_low,
        limit_high=rule.limit_high,
        is_passed=rule.is_passed,
        note=rule.note,
    )
