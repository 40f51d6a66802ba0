"""One cohort: a simulated service, and what the product's primary estimators find."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import numpy as np
import polars as pl

from pipelines.compare import scales, units, weeks
from pipelines.compare.answers import EVERYONE, Result
from pipelines.compare.engine import Engine
from pipelines.compare.from_day_zero import FromDayZero
from pipelines.compare.over_weeks import OverWeeks
from pipelines.compare.protocols import Protocol
from pipelines.compare.results import Estimate
from pipelines.settings import Gate
from pipelines.simulate import indication, people, records, service, streams
from pipelines.simulate.blocks import sizes
from pipelines.simulate.columns import from_arrow
from pipelines.simulate.comparisons import among, comparisons
from pipelines.simulate.deliveries import SOURCE
from pipelines.simulate.making import Wanted
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters
from pipelines.simulate.truth import BASELINE_FROM
from pipelines.simulate.validation import warehouse
from pipelines.simulate.validation.comparisons import SEQUENTIAL, validated
from pipelines.simulate.validation.warehouse import Compiled

TRIAL_DAYS = 30
"""A month's trial takes the people whose day 0 lies within so many days."""


@dataclass(frozen=True)
class Found:
    """What one cohort gave for one comparison; PHQ-9 points.

    Attributes:
        scenario: Of the simulator.
        seed: Of the cohort.
        patients: Referred people.
        parameters: Hash of the simulator's parameters.
        comparison_id: Of the protocol.
        units: Compared, both arms or strategies; of strategies all who could follow.
        people: Of the exposed and the comparator arm, or followers of the strategies.
        observed: Those of them who have the outcome.
        sizes: People that those are worth once weighted (Kish); None where not known.
        estimate: By the primary estimator; None where it cannot be estimated.
        low: Of its 95 % interval.
        high: Of the same.
        plain: Difference of the plain averages, with its interval.
        plain_low: Of the same.
        plain_high: Of the same.
        spread: Standard deviation of the outcome.
        failed: Rules of the gate that withhold it in the product.
        is_alarm: Whether the negative control raises its alarm; None without one.
    """

    scenario: str
    seed: int
    patients: int
    parameters: str
    comparison_id: str
    units: int
    people: tuple[int, int]
    observed: tuple[int, int]
    sizes: tuple[float, float] | None
    estimate: float | None
    low: float | None
    high: float | None
    plain: float | None
    plain_low: float | None
    plain_high: float | None
    spread: float
    failed: tuple[str, ...]
    is_alarm: bool | None


@contextmanager
def build(
    compiled: Compiled, parameters: Parameters, seed: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Simulate a service in memory and build its marts."""
    made = [
        records.clean_block(parameters, seed, block, count)
        for block, count in enumerate(sizes(parameters.patients))
    ]
    frames = {feed: pl.concat([one[feed] for one in made]) for feed in made[0]}
    frames |= records.fixed_tables(parameters, seed)
    sending = Wanted(parameters, seed).sending
    with warehouse.build(compiled, frames, sending) as con:
        yield con


def find(
    con: duckdb.DuckDBPyConnection, parameters: Parameters, seed: int, shared: dict
) -> Iterator[Found]:
    """Estimate every validated comparison of one cohort, whatever its gate says.

    Args:
        con: From `build`.
        parameters: Of the same service.
        seed: Of the same.
        shared: What every row of the cohort says: scenario, seed and so on.
    """
    for protocol in validated():
        engine = engine_of(con, protocol, parameters, seed)
        if engine is not None:
            yield _found(engine, protocol, shared)


def engine_of(
    con: duckdb.DuckDBPyConnection,
    protocol: Protocol,
    parameters: Parameters,
    seed: int,
) -> Engine | None:
    """Return the product's engine on the units of a comparison; None without units.

    Of sequential trials it has only the trial in which a person's day 0 lies.
    """
    limits = Gate(overridden=protocol.comparison_id)
    chosen, _ = units.read(con, protocol)
    if chosen is None:
        return None
    if protocol.comparison_id == SEQUENTIAL:
        chosen = _with_a_truth(con, chosen, parameters, seed)
        if chosen["is_exposed"].n_unique() < 2:
            return None
    if protocol.design == "sustained":
        return OverWeeks(weeks.read(con, chosen, protocol), protocol, limits)
    return FromDayZero(chosen, protocol, limits, {})


def begun(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return day 0 of each unit: unit_id and index_on."""
    return con.sql("select unit_id, index_on from intermediate.int_units_started").pl()


def with_source(frame: pl.DataFrame) -> pl.DataFrame:
    """Name the patients of a frame as ingest does."""
    return frame.with_columns(
        patient_id=pl.concat_str(pl.lit(f"{SOURCE}:"), "patient_id")
    )


def _with_a_truth(
    con: duckdb.DuckDBPyConnection,
    chosen: pl.DataFrame,
    parameters: Parameters,
    seed: int,
) -> pl.DataFrame:
    """Keep the first trial of each person in which their simulated day 0 lies."""
    days = [
        day_zero(parameters, seed, block, SEQUENTIAL)
        for block in range(parameters.blocks)
    ]
    known = with_source(pl.concat(days))
    after = pl.col("day_zero_on") - pl.col("index_on")
    return (
        chosen.join(begun(con), on="unit_id")
        .join(known, on="patient_id")
        .filter(after.is_between(timedelta(0), timedelta(TRIAL_DAYS)))
        .sort("patient_id", "index_on")
        .unique("patient_id", keep="first", maintain_order=True)
        .drop("index_on", "day_zero_on")
    )


def day_zero(
    parameters: Parameters, seed: int, block: int, comparison_id: str
) -> pl.DataFrame:
    """Return whose potential outcomes a comparison has, and the day they begin.

    Returns:
        patient_id, without the source, and day_zero_on.
    """
    place = service.build(parameters, seed)
    who = people.draw(parameters, seed, block, place)
    chosen = indication.choose(parameters, seed, who, place)
    points = indication.points_on_day_zero(parameters, seed, who, place)
    kind = next(c.among for c in comparisons() if c.comparison_id == comparison_id)
    inside = np.flatnonzero(among(kind, who, chosen) & (points >= BASELINE_FROM))
    numbers = block * BLOCK_PATIENTS + inside.astype(np.int64)
    first_on = np.datetime64(parameters.calendar.first_on, "D")
    return pl.DataFrame(
        {
            "patient_id": from_arrow(streams.pseudonyms(seed, "patient", numbers)),
            "day_zero_on": first_on + who.start_day[inside].astype(np.int64),
        }
    )


def _found(engine: Engine, protocol: Protocol, shared: dict) -> Found:
    outcome = protocol.primary_outcome
    main_id = protocol.primary.estimator_id
    plain, main = engine.estimate(outcome, EVERYONE, ("unadjusted", main_id))
    attempt = engine.begin(outcome, EVERYONE)
    estimate, of_plain = _contrast(main), _contrast(plain)
    return Found(
        **shared,
        comparison_id=protocol.comparison_id,
        units=attempt.sample.frame.height,
        people=(main.exposed.people, main.comparator.people),
        observed=(main.exposed.observed, main.comparator.observed),
        sizes=main.effective_sizes,
        estimate=estimate and estimate.estimate,
        low=estimate and estimate.low,
        high=estimate and estimate.high,
        plain=of_plain and of_plain.estimate,
        plain_low=of_plain and of_plain.low,
        plain_high=of_plain and of_plain.high,
        spread=float(np.nanstd(attempt.sample.values)),
        failed=tuple(
            dict.fromkeys(
                rule.diagnostic_id for rule in main.rules if rule.is_passed is False
            )
        ),
        is_alarm=_alarm(engine, protocol),
    )


def _contrast(result: Result) -> Estimate | None:
    found = result.estimates[scales.DIFFERENCE[result.outcome.measure]]
    return found if isinstance(found, Estimate) else None


def _alarm(engine: Engine, protocol: Protocol) -> bool | None:
    controls = [one for one in protocol.outcomes if one.role == "negative_control"]
    if not controls:
        return None
    main_id = protocol.primary.estimator_id
    (result,) = engine.estimate(controls[0], EVERYONE, (main_id,))
    found = _contrast(result)
    return None if found is None else not found.low <= 0 <= found.high
