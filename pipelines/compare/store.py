"""The three tables of schema `estimates`: their columns, types and how they are written.

Rows go in once, ordered by key, every float rounded, so that the same input gives the
same bytes.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import duckdb
import polars as pl

from pipelines.compare.results import rounded
from pipelines.errors import EstimateFailedError

DDL = {
    "effects": """
        comparison_id varchar not null,
        outcome_id varchar not null,
        population_id varchar not null,
        estimator_id varchar not null,
        specification_id varchar not null,
        scale varchar not null,
        exposed_count integer not null,
        comparator_count integer not null,
        exposed_observed_count integer not null,
        comparator_observed_count integer not null,
        exposed_effective_size double,
        comparator_effective_size double,
        cluster_count integer,
        exposed_level double,
        comparator_level double,
        estimate double,
        std_error double,
        variance_method varchar,
        estimate_low double,
        estimate_high double,
        p_value double,
        p_value_holm double,
        is_randomised boolean not null,
        is_primary boolean not null,
        is_withheld boolean not null,
        withheld_reason varchar,
        protocol_version integer not null,
        protocol_hash varchar not null
    """,
    "diagnostics": """
        comparison_id varchar not null,
        outcome_id varchar,
        population_id varchar not null,
        estimator_id varchar,
        diagnostic_id varchar not null,
        arm varchar,
        value double,
        limit_low double,
        limit_high double,
        is_passed boolean,
        note varchar not null
    """,
    "curves": """
        comparison_id varchar not null,
        curve_id varchar not null,
        arm varchar not null,
        instrument varchar not null,
        time_month integer not null,
        people_count integer not null,
        observed_count integer not null,
        estimate double,
        estimate_low double,
        estimate_high double
    """,
}
"""Columns and types of each table, in the order in which readers see them."""

KEYS = {
    "effects": (
        "comparison_id",
        "outcome_id",
        "population_id",
        "estimator_id",
        "specification_id",
        "scale",
    ),
    "diagnostics": (
        "comparison_id",
        "outcome_id",
        "population_id",
        "estimator_id",
        "diagnostic_id",
        "arm",
    ),
    "curves": ("comparison_id", "curve_id", "instrument", "arm", "time_month"),
}
"""What makes a row of each table the only one, and its order."""


POLARS_TYPES = {
    "varchar": pl.String,
    "integer": pl.Int32,
    "double": pl.Float64,
    "boolean": pl.Boolean,
}


@dataclass(frozen=True)
class EffectRow:
    """One row of `estimates.effects`; the numbers are None when it is withheld."""

    comparison_id: str
    outcome_id: str
    population_id: str
    estimator_id: str
    specification_id: str
    scale: str
    exposed_count: int
    comparator_count: int
    exposed_observed_count: int
    comparator_observed_count: int
    exposed_effective_size: float
    comparator_effective_size: float
    cluster_count: int
    exposed_level: float | None
    comparator_level: float | None
    estimate: float | None
    std_error: float | None
    variance_method: str | None
    estimate_low: float | None
    estimate_high: float | None
    p_value: float | None
    p_value_holm: float | None
    is_randomised: bool
    is_primary: bool
    is_withheld: bool
    withheld_reason: str | None
    protocol_version: int
    protocol_hash: str


@dataclass(frozen=True)
class DiagnosticRow:
    """One row of `estimates.diagnostics`.

    `outcome_id` and `estimator_id` are None where it is about the whole comparison;
    `is_passed` where it is shown and nothing depends on it.
    """

    comparison_id: str
    outcome_id: str | None
    population_id: str
    estimator_id: str | None
    diagnostic_id: str
    arm: str | None
    value: float | None
    limit_low: float | None
    limit_high: float | None
    is_passed: bool | None
    note: str


@dataclass(frozen=True)
class CurveRow:
    """One row of `estimates.curves`."""

    comparison_id: str
    curve_id: str
    arm: str
    instrument: str
    time_month: int
    people_count: int
    observed_count: int
    estimate: float | None
    estimate_low: float | None
    estimate_high: float | None


def replace(
    con: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[EffectRow | DiagnosticRow | CurveRow],
) -> int:
    """Replace one table of schema `estimates`.

    Args:
        con: The build, open for writing, inside the caller's transaction.
        table: effects, diagnostics or curves.
        rows: In any order.

    Returns:
        How many rows were written.

    Raises:
        EstimateFailedError: A number is not finite. The message names the table and
            the columns.
    """
    prepared = sorted((asdict(row) for row in rows), key=lambda row: _key(table, row))
    _refuse_non_finite(table, prepared)
    con.execute("create schema if not exists estimates")
    con.execute(f"create or replace table estimates.{table} ({DDL[table]})")
    frame = pl.DataFrame(
        [
            {k: rounded(v) if isinstance(v, float) else v for k, v in row.items()}
            for row in prepared
        ],
        schema=_schema(table),
    )
    con.register("rows_to_store", frame)
    con.execute(f"insert into estimates.{table} select * from rows_to_store")
    con.unregister("rows_to_store")
    return len(prepared)


def _schema(table: str) -> dict[str, pl.DataType]:
    """Return the columns of a table's DDL as polars has them."""
    lines = (line.split() for line in DDL[table].strip().rstrip(",").split(",\n"))
    return {name: POLARS_TYPES[kind.rstrip(",")] for name, kind, *_ in lines}


def _key(table: str, row: dict) -> list[tuple[bool, object]]:
    # Nulls first: None and text cannot be compared.
    return [(row[name] is not None, row[name]) for name in KEYS[table]]


def _refuse_non_finite(table: str, rows: list[dict]) -> None:
    columns = sorted(
        {
            name
            for row in rows
            for name, value in row.items()
            if isinstance(value, float) and not math.isfinite(value)
        }
    )
    if columns:
        raise EstimateFailedError(
            f"estimates.{table} would hold a number that is not finite in "
            f"{', '.join(columns)}.\nThis is a fault of ours: please report it."
        )
