"""Compare two strategies that nobody allocated: every outcome, population and check."""

import duckdb
import polars as pl

from pipelines.compare import summary, weeks
from pipelines.compare.answers import EVERYONE, Result
from pipelines.compare.engine import Engine
from pipelines.compare.from_day_zero import FromDayZero
from pipelines.compare.gate import Rule
from pipelines.compare.over_weeks import OverWeeks
from pipelines.compare.protocols import Protocol
from pipelines.compare.to_an_event import ToAnEvent
from pipelines.settings import Gate


def compare(
    con: duckdb.DuckDBPyConnection,
    people: pl.DataFrame,
    protocol: Protocol,
    limits: Gate,
) -> tuple[list[Result], list[Rule]]:
    """Estimate every outcome; the primary one also in subgroups and in other ways.

    Args:
        con: The build; weeks in therapy are read from it where strategies last.
        people: The units (`pipelines.compare.units.read`).
        protocol: With a design that has a row per unit.
        limits: The gate's.

    Returns:
        A result per outcome, population, estimator and specification; and the rules
        about the whole comparison.
    """
    if protocol.design == "sustained":
        engine: Engine = OverWeeks(weeks.read(con, people, protocol), protocol, limits)
    else:
        kind = ToAnEvent if protocol.primary_outcome.is_time else FromDayZero
        engine = kind(people, protocol, limits, _ranges(con))
    results = [
        result
        for outcome in protocol.outcomes
        for result in engine.estimate(outcome, EVERYONE, outcome.estimators)
    ]
    main = protocol.primary_outcome
    for name in protocol.subgroups:
        for population_id in (name, f"not_{name}"):
            results += engine.estimate(
                main, population_id, (protocol.primary.estimator_id,)
            )
        results += summary.interaction(results, protocol, name)
    results += engine.vary(main)
    return results, summary.rules(results, protocol)


def _ranges(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, float]]:
    """Return the best and the worst points of each questionnaire."""
    rows = con.execute(
        "select instrument, min_points, max_points, is_lower_better "
        "from marts.dim_instruments where max_points is not null"
    ).fetchall()
    return {
        name: (low, high) if is_lower_better else (high, low)
        for name, low, high, is_lower_better in rows
    }
