"""The truth that an estimate is held against: that of the people really compared.

Both potential outcomes of the people whom the product compares, after it has left out
who has no counterpart, averaged with the weights of the estimator's own target: 1 for
everyone, e(1 - e) for who could well have had either arm. One truth per comparison and
scenario, from several cohorts that no estimate is made of.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from pipelines.compare import point_exposure
from pipelines.compare.answers import EVERYONE
from pipelines.compare.engine import Attempt, Engine
from pipelines.compare.protocols import Protocol
from pipelines.compare.results import NotEstimableError
from pipelines.simulate import truth
from pipelines.simulate.parameters import Parameters
from pipelines.simulate.validation.cohorts import begun, engine_of, with_source
from pipelines.simulate.validation.comparisons import validated

FIRST_SEED = 1_000_001
"""Seeds of the truth's cohorts begin here, far from those that are estimated."""


@dataclass(frozen=True)
class Summed:
    """Weighted sums over the people of one cohort; those of several add up.

    Attributes:
        scenario: Of the simulator.
        seed: Of the cohort.
        patients: Referred people.
        parameters: Hash of the simulator's parameters.
        comparison_id: Of the protocol.
        people: With both potential outcomes.
        weight: Sum of weights w.
        weighted: Sum of w d, where d is exposed minus comparator.
        squares: Sums of w², w² d and w² d².
    """

    scenario: str
    seed: int
    patients: int
    parameters: str
    comparison_id: str
    people: int
    weight: float
    weighted: float
    squares: tuple[float, float, float]


@dataclass(frozen=True)
class Truth:
    """The true contrast with its Monte-Carlo error, and how many people it is of."""

    effect: float
    std_error: float
    people: int
    cohorts: int


def pooled(parts: list[Summed]) -> Truth:
    """Return the truth of several cohorts taken together.

    Examples:
        >>> one = Summed("null", 1, 9, "", "a", 2, 2.0, 3.0, (2.0, 3.0, 5.0))
        >>> pooled([one, one])
        Truth(effect=1.5, std_error=0.25, people=4, cohorts=2)
    """
    weight = sum(part.weight for part in parts)
    effect = sum(part.weighted for part in parts) / weight
    w2, w2d, w2d2 = (sum(part.squares[i] for part in parts) for i in range(3))
    variance = max(w2d2 - 2 * effect * w2d + effect**2 * w2, 0.0) / weight**2
    people = sum(part.people for part in parts)
    return Truth(effect, float(np.sqrt(variance)), people, len(parts))


def find(
    con: duckdb.DuckDBPyConnection, parameters: Parameters, seed: int, shared: dict
) -> Iterator[Summed]:
    """Sum the potential outcomes of the people compared, for every comparison.

    Args:
        con: A cohort's build.
        parameters: Of the same service.
        seed: Of the same.
        shared: What every row of the cohort says.
    """
    names = frozenset(one.comparison_id for one in validated())
    made = [
        truth.potential_outcomes(parameters, seed, block, names)
        for block in range(parameters.blocks)
    ]
    known = with_source(pl.concat(made))
    first = begun(con)
    for protocol in validated():
        engine = engine_of(con, protocol, parameters, seed)
        if engine is None:
            continue
        try:
            compared = _compared(engine, protocol)
        except NotEstimableError:
            continue
        pairs = known.filter(
            pl.col("comparison_id") == protocol.comparison_id,
            pl.col("outcome_id") == protocol.primary.outcome_id,
        )
        yield _summed(compared, first, pairs, protocol, shared)


def _compared(engine: Engine, protocol: Protocol) -> pl.DataFrame:
    """Return the units really compared, with their weight in the target."""
    attempt: Attempt = engine.begin(protocol.primary_outcome, EVERYONE)
    engine.fit_main(attempt)
    frame = attempt.sample.frame.select("unit_id", "patient_id")
    weight = np.ones(frame.height)
    if protocol.design != "sustained" and protocol.target == "overlap":
        fitted = point_exposure.fit(
            attempt.prepared, protocol.primary.estimator_id, protocol.primary_outcome
        )
        weight = fitted.propensity * (1 - fitted.propensity)
    return frame.with_columns(weight=pl.Series(weight))


def _summed(
    compared: pl.DataFrame,
    begun_on: pl.DataFrame,
    pairs: pl.DataFrame,
    protocol: Protocol,
    shared: dict,
) -> Summed:
    """Join each person's first unit to their potential outcomes."""
    joined = (
        compared.join(begun_on, on="unit_id")
        .sort("patient_id", "index_on")
        .unique("patient_id", keep="first", maintain_order=True)
        .join(pairs, on="patient_id")
        .drop_nulls(["exposed_outcome", "comparator_outcome"])
    )
    w = joined["weight"].to_numpy()
    d = (joined["exposed_outcome"] - joined["comparator_outcome"]).to_numpy()
    squares = (w**2).sum(), (w**2 * d).sum(), (w**2 * d**2).sum()
    return Summed(
        **shared,
        comparison_id=protocol.comparison_id,
        people=joined.height,
        weight=float(w.sum()),
        weighted=float((w * d).sum()),
        squares=tuple(float(one) for one in squares),
    )
