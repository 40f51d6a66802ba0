"""Run the product on simulated services and write down what it measures in them."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.compare.results import rounded
from pipelines.errors import PipelineError
from pipelines.settings import Home, Settings
from pipelines.simulate import product, truth
from pipelines.simulate.blocks import Sharing
from pipelines.simulate.evidence import benchmarks, plain_averages
from pipelines.simulate.evidence.benchmarks import Benchmark
from pipelines.simulate.evidence.plain_averages import PlainAverage
from pipelines.simulate.making import Wanted, make, parameters_hash
from pipelines.simulate.parameters import scenario

logger = logging.getLogger(__name__)

MEASURED = Path(__file__).with_name("measured.json")
"""What was measured last; docs/simulator.md is made from it."""

SCENARIOS = ("default", "null")
LAST_STAGE = "aggregates"


@dataclass(frozen=True)
class Evidence:
    """What was measured, and of which services."""

    patients: int
    years: float
    truth_patients: int
    seed: int
    parameters: dict[str, str]
    """Hash of the parameters, by scenario."""

    benchmarks: list[Benchmark]
    plain_averages: list[PlainAverage]


def measure(
    folder: Path, patients: int, seed: int, truth_patients: int, settings: Settings
) -> Evidence:
    """Simulate the scenarios, run the product on each, and measure.

    Args:
        folder: An empty folder for the services and their homes.
        patients: Size of each service.
        seed: Seed of each.
        truth_patients: People of the Monte-Carlo truth.
        settings: Limits and resources of the product.
    """
    measured, plain, hashes = [], [], {}
    for name in SCENARIOS:
        parameters = scenario(name, patients)
        effects = truth.effects(parameters, seed, truth_patients)
        built = build(folder / name, Wanted(parameters, seed), settings)
        with duckdb.connect(str(built), read_only=True) as con:
            if name == "default":
                measured = benchmarks.measure(con)
            plain += plain_averages.compare(con, effects, name)
        hashes[name] = parameters_hash(parameters)
    return Evidence(
        patients, parameters.years, truth_patients, seed, hashes, measured, plain
    )


def build(folder: Path, wanted: Wanted, settings: Settings) -> Path:
    """Make one service and run the product on it; returns the build's database.

    Raises:
        PipelineError: The product did not get that far.
    """
    make(wanted, folder / "service", Sharing())
    home = Home(folder / "home")
    logger.info("running the product on scenario %s", wanted.parameters.scenario)
    said = product.run(home, folder / "service", settings, LAST_STAGE)
    if said.refused or said.stopped_at:
        raise PipelineError(
            f"The product did not build scenario {wanted.parameters.scenario}: "
            f"{said.stopped_at or 'the delivery was refused'}. Its home is {home.root}."
        )
    return home.build_file(product.RUN)


def read() -> Evidence:
    """Return what was measured last."""
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    found["benchmarks"] = [Benchmark(**row) for row in found["benchmarks"]]
    found["plain_averages"] = [PlainAverage(**row) for row in found["plain_averages"]]
    return Evidence(**found)


def write(evidence: Evidence) -> None:
    """Keep what was measured for docs/simulator.md.

    Numbers to six places: the order in which processors add does not reach the file.
    """
    text = json.dumps(_rounded(asdict(evidence)), indent=2, ensure_ascii=False) + "\n"
    MEASURED.write_text(text, encoding="utf-8")


def _rounded(item: object) -> object:
    """Round every number of nested lists and dictionaries."""
    if isinstance(item, dict):
        return {key: _rounded(value) for key, value in item.items()}
    if isinstance(item, list):
        return [_rounded(value) for value in item]
    return rounded(item) if isinstance(item, float) else item
