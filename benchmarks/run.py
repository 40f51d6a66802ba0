"""Measure the models against bare DuckDB SQL that makes the same tables.

    python -m benchmarks.run --home DIR [--episodes N] [--record]

The bare SQL is run before and after the models, and the mean is taken, so that a
machine that slows down or speeds up during the run shows.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import equality, figures, generate, models
from pipelines.settings import PROJECT_ROOT, Home, Settings

NATIONAL_EPISODES = 700_000
"""Courses of care that one national service begins in a year."""


@dataclass(frozen=True)
class BareTimes:
    """What one run of the bare SQL took.

    Attributes:
        seconds_by_file: Wall seconds of each file in bare/.
        peak_bytes: The most memory that its process held.
        processor_seconds: Processor time of its process.
    """

    seconds_by_file: dict[str, float]
    peak_bytes: int
    processor_seconds: float

    @property
    def seconds(self) -> float:
        """Wall seconds of all the files."""
        return sum(self.seconds_by_file.values())


def write_bare(home: Home, settings: Settings) -> BareTimes:
    """Write the marts as bare SQL, in a process of its own."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "benchmarks.bare",
            str(home.raw_file),
            str(bare_file(home)),
            str(settings.threads),
            settings.memory_limit,
        ],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError("The bare SQL failed; its message is above.")
    return BareTimes(
        json.loads(output),
        used.ru_maxrss * models.KILOBYTE,
        used.ru_utime + used.ru_stime,
    )


def bare_file(home: Home) -> Path:
    """Return where the bare SQL writes its marts."""
    return home.root / "bare" / "outcomes.duckdb"


def measure(home: Home, episodes: int, settings: Settings) -> dict[str, Any]:
    """Make the records, build both sides, compare them; returns the figures.

    Records that are already there are used again.
    """
    if not home.raw_file.exists():
        scratch = home.raw_file.with_suffix(".part")
        generate.generate(scratch, episodes)
        scratch.replace(home.raw_file)
    _say("bare SQL, first time")
    first = write_bare(home, settings)
    _say("models")
    built = models.build(home, settings)
    _say("bare SQL, second time")
    second = write_bare(home, settings)
    _say("comparing every mart, row for row")
    compared = equality.compare(
        home.build_file(models.RUN_ID), bare_file(home), home.raw_file
    )
    bare_seconds = (first.seconds + second.seconds) / 2
    return {
        "rows": generate.count(home.raw_file),
        "versions": {
            "python": platform.python_version(),
            "duckdb": duckdb.__version__,
            "dbt-core": models.dbt_version(),
        },
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "models": {
            "summed_seconds": built.summed_seconds,
            "busy_seconds": built.busy_seconds,
            "dbt_seconds": built.dbt_seconds,
            "processor_seconds": built.processor_seconds,
            "peak_bytes": built.peak_bytes,
            "seconds_by_model": built.seconds_by_model,
        },
        "bare": {
            "seconds": [first.seconds, second.seconds],
            "processor_seconds": [first.processor_seconds, second.processor_seconds],
            "peak_bytes": max(first.peak_bytes, second.peak_bytes),
            "seconds_by_file": second.seconds_by_file,
        },
        "ratio": built.busy_seconds / bare_seconds,
        "summed_ratio": built.summed_seconds / bare_seconds,
        "processor_ratio": 2
        * built.processor_seconds
        / (first.processor_seconds + second.processor_seconds),
        "marts": {c.table: c.row_count for c in compared},
        "unequal_marts": [c.table for c in compared if not c.is_equal],
    }


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def main() -> int:
    """Measure, print the figures, and write them down if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a folder of its own")
    parser.add_argument("--episodes", type=int, default=NATIONAL_EPISODES)
    parser.add_argument(
        "--record", action="store_true", help="write the figures into README.md"
    )
    options = parser.parse_args()
    settings = Settings(threads=2, memory_limit="8GB")
    measured = measure(Home(options.home), options.episodes, settings)
    figures.keep(measured, options.home / figures.KEPT.name)
    sys.stdout.write(figures.as_markdown(measured))
    if measured["unequal_marts"]:
        sys.stderr.write("The marts differ, so the times compare nothing.\n")
        return 1
    if options.record:
        figures.record(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
