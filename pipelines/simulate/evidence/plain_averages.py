"""The simulator's self-test: plain averages, and how wrong they are."""

import tomllib
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import duckdb
import polars as pl

PLAIN_AVERAGES = Path(__file__).with_name("plain_averages.toml")
PLAIN_AVERAGES_SQL = Path(__file__).with_name("plain_averages.sql")


@dataclass(frozen=True)
class PlainAverage:
    """A difference of two plain averages, beside the truth; PHQ-9 points."""

    plain_id: str
    scenario: str
    exposed_count: int
    comparator_count: int
    difference: float
    """Mean of the exposed minus mean of the comparator."""

    std_error: float
    truth: float
    truth_std_error: float

    @property
    def too_high_by(self) -> float:
        """How far the plain difference lies above the truth, in points."""
        return self.difference - self.truth


def described() -> dict[str, dict]:
    """Return what each plain average compares and how wrong it must be, by its id."""
    return tomllib.loads(PLAIN_AVERAGES.read_text(encoding="utf-8"))


def compare(
    con: duckdb.DuckDBPyConnection, effects: pl.DataFrame, scenario: str
) -> list[PlainAverage]:
    """Return the plain averages of a build beside the true effects.

    Args:
        con: A build with `marts`.
        effects: What `truth.effects` gives for the same scenario.
        scenario: Its name.
    """
    rows = con.execute(PLAIN_AVERAGES_SQL.read_text(encoding="utf-8")).fetchall()
    arms = {(plain_id, arm): tuple(found) for plain_id, arm, *found in rows}
    return [
        _beside_the_truth(
            plain_id,
            scenario,
            arms[plain_id, "exposed"],
            arms[plain_id, "comparator"],
            _effect(effects, about["comparison_id"], about["outcome_id"]),
        )
        for plain_id, about in described().items()
    ]


def least(plain: PlainAverage) -> float:
    """Return by how many points it must be too high, in its scenario."""
    about = described()[plain.plain_id]
    if plain.scenario == "null":
        return about["too_high_under_null_by_at_least"]
    return about["too_high_by_at_least"]


def is_as_wrong_as_stated(plain: PlainAverage) -> bool:
    """True where the plain average is too high by the stated amount or more."""
    return plain.too_high_by >= least(plain)


def _beside_the_truth(
    plain_id: str, scenario: str, exposed: tuple, comparator: tuple, truth: tuple
) -> PlainAverage:
    (n_x, mean_x, variance_x), (n_y, mean_y, variance_y) = exposed, comparator
    error = sqrt(variance_x / n_x + variance_y / n_y)
    return PlainAverage(plain_id, scenario, n_x, n_y, mean_x - mean_y, error, *truth)


def _effect(
    effects: pl.DataFrame, comparison_id: str, outcome_id: str
) -> tuple[float, float]:
    row = effects.row(
        by_predicate=(pl.col("comparison_id") == comparison_id)
        & (pl.col("outcome_id") == outcome_id)
        & (pl.col("population_id") == "all")
        & (pl.col("scale") == "mean_difference"),
        named=True,
    )
    return row["effect"], row["std_error"]
