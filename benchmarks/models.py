"""Build the models with dbt, as a run does, and read how long each one took.

Models only: the tests of a run are left out, and so are the seeds, which both
sides of the comparison are given.
"""

import importlib.metadata
import json
import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines import transform
from pipelines.settings import Home, Settings

AS_OF = "2026-06-01T00:00:00.000000Z"
"""After everything that the generator writes."""

RUN_ID = "benchmark"

KILOBYTE = 1024
"""Linux counts a process's peak memory in these."""

STAGES = ("staging", "intermediate", "marts")


@dataclass(frozen=True)
class ModelTimes:
    """What dbt measured in one build of the models.

    Attributes:
        seconds_by_model: Execution time of each model, from run_results.json.
        busy_seconds: Seconds in which at least one model was executing: less than
            the sum where two ran at once.
        dbt_seconds: Wall time of the dbt commands less the busy seconds: start,
            parsing, compiling and writing its own files.
        peak_bytes: The most memory that a dbt process held.
        processor_seconds: Processor time of the dbt commands, start included.
    """

    seconds_by_model: dict[str, float]
    busy_seconds: float
    dbt_seconds: float
    peak_bytes: int
    processor_seconds: float

    @property
    def summed_seconds(self) -> float:
        """The models' execution times, added up."""
        return sum(self.seconds_by_model.values())


def build(home: Home, settings: Settings) -> ModelTimes:
    """Build every model up to the marts into the home's build file.

    Raises:
        RuntimeError: A model could not be built.
    """
    home.build_file(RUN_ID).unlink(missing_ok=True)
    home.build_file(RUN_ID).parent.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}
    spans: list[tuple[float, float]] = []
    wall = processor = 0.0
    peak = 0
    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        parsed = Path(folder) / transform.PARSED
        _dbt(home, settings, ("seed",), Path(folder), parsed)
        for stage in STAGES:
            what = ("run", "--select", f"path:models/{stage}")
            results, stage_wall, used = _dbt(home, settings, what, Path(folder), parsed)
            wall += stage_wall
            processor += used.ru_utime + used.ru_stime
            peak = max(peak, used.ru_maxrss * KILOBYTE)
            for result in results:
                name = result["unique_id"].split(".")[-1]
                seconds[name] = result["execution_time"]
                spans.append(_span(result))
    busy = _union(spans)
    return ModelTimes(seconds, busy, wall - busy, peak, processor)


def dbt_version() -> str:
    """Return the version of dbt-core."""
    return importlib.metadata.version("dbt-core")


def _dbt(
    home: Home, settings: Settings, what: tuple[str, ...], target: Path, parsed: Path
) -> tuple[list[dict], float, resource.struct_rusage]:
    """Run one dbt command; returns its results, wall seconds and what it used."""
    begun = time.monotonic()
    with (target / "output").open("w") as output:
        process = subprocess.Popen(
            transform.command(what, AS_OF, target, parsed),
            cwd=transform.DBT_PROJECT,
            env=transform.environment(home, RUN_ID, settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    # the rows are made up, so what dbt says may be shown
    if process.returncode != 0:
        raise RuntimeError((target / "output").read_text("utf-8"))
    if (target / "partial_parse.msgpack").exists():
        (target / "partial_parse.msgpack").replace(parsed)
    results = json.loads((target / "run_results.json").read_text("utf-8"))["results"]
    return results, wall, usage


def _span(result: dict) -> tuple[float, float]:
    """Return when a model's execution began and ended."""
    timing = next(t for t in result["timing"] if t["name"] == "execute")
    begun, ended = (
        datetime.fromisoformat(timing[edge]).timestamp()
        for edge in ("started_at", "completed_at")
    )
    return begun, ended


def _union(spans: list[tuple[float, float]]) -> float:
    """Return the length of the time that any of the spans covers."""
    covered, reached = 0.0, 0.0
    for begun, ended in sorted(spans):
        covered += max(0.0, ended - max(begun, reached))
        reached = max(reached, ended)
    return covered
