"""Benchmarks: what the product measures in a simulated service, beside publications."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight

PUBLISHED = Path(__file__).with_name("published.toml")
BENCHMARKS_SQL = Path(__file__).with_name("benchmarks.sql")
REMISSIONS_SQL = Path(__file__).with_name("remissions.sql")
YEAR_DAYS = 365


@dataclass(frozen=True)
class Benchmark:
    """One figure as the product measures it."""

    benchmark_id: str
    value: float
    units_count: int
    """Courses, referrals or remissions that it is measured on."""


def published() -> dict[str, dict]:
    """Return name, unit, published, source, low, high and band, by benchmark_id."""
    return tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))


def measure(con: duckdb.DuckDBPyConnection) -> list[Benchmark]:
    """Return every benchmark, in the order of `published`.

    Args:
        con: A build with `marts` and `aggregates`.
    """
    rows = con.execute(BENCHMARKS_SQL.read_text(encoding="utf-8")).fetchall()
    found = {row[0]: Benchmark(row[0], float(row[1]), int(row[2])) for row in rows}
    found["relapse"] = _relapse(con)
    return [found[benchmark_id] for benchmark_id in published()]


def lies_in_band(benchmark: Benchmark) -> bool:
    """True from the band's lower limit to its upper one, limits included."""
    band = published()[benchmark.benchmark_id]
    return band["low"] <= benchmark.value <= band["high"]


def _relapse(con: duckdb.DuckDBPyConnection) -> Benchmark:
    """Share ill again within a year, by Kaplan and Meier; who is lost is censored."""
    rows = con.execute(REMISSIONS_SQL.read_text(encoding="utf-8")).fetchnumpy()
    days = np.asarray(rows["followed_days"], float)
    curve = SurvfuncRight(days, np.asarray(rows["is_relapsed"], int))
    last = np.searchsorted(curve.surv_times, YEAR_DAYS, side="right") - 1
    return Benchmark("relapse", float(1 - curve.surv_prob[last]), len(days))
