"""Turn the points of a comparison's curves into rows of `estimates.curves`."""

import duckdb
import polars as pl

from pipelines.compare import curves
from pipelines.compare.answers import AS_PLANNED, EVERYONE, Result
from pipelines.compare.protocols import Protocol
from pipelines.compare.store import CurveRow


def trajectory(rows: pl.DataFrame, protocol: Protocol) -> list[CurveRow]:
    """Return a trial's mean scores by arm and month."""
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


def incidence(
    con: duckdb.DuckDBPyConnection, result: Result, protocol: Protocol
) -> list[CurveRow]:
    """Return both arms' shares with the event by month, and who is still followed.

    A curve for each estimator of everybody as planned; none where it is withheld.

    Args:
        con: The build; it names the questionnaires.
        result: Of one outcome by one estimator.
        protocol: Names the arms.
    """
    points = result.fitted.curves if result.fitted else ()
    how = result.population_id, result.specification_id
    if not points or how != (EVERYONE, AS_PLANNED):
        return []
    outcome_id = result.outcome.outcome_id
    instrument = _instrument(con, outcome_id)
    return [
        CurveRow(
            comparison_id=protocol.comparison_id,
            curve_id=f"{outcome_id}_{result.estimator_id}",
            arm=(protocol.exposed if point.is_exposed else protocol.comparator).arm,
            instrument=instrument,
            time_month=point.month,
            people_count=point.people_count,
            observed_count=point.at_risk_count,
            estimate=point.share,
            estimate_low=point.low,
            estimate_high=point.high,
        )
        for point in points
    ]


def _instrument(con: duckdb.DuckDBPyConnection, outcome_id: str) -> str:
    """Return the questionnaire that an outcome is named after."""
    codes = con.execute("select instrument from marts.dim_instruments").fetchall()
    named = [code for (code,) in codes if outcome_id.startswith(f"{code}_")]
    return max(named, key=len, default=outcome_id)
