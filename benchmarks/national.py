"""Measure how long every comparison of a national service's year takes; Linux only.

    python -m benchmarks.national --folder DIR      # writes benchmarks/national.md
    python -m benchmarks.national --folder DIR --patients 20000 --years 2

Beside the national year, as many courses over three years, of which most have been
followed: in a single year hardly any outcome at 12 months is due, and what compares
long therapy ends early. The service is simulated and its marts are built once into the folder, by the product's
own SQL without dbt; that is not measured. Then every protocol is estimated, as
`outcomes build --stage estimates` does, in a process of its own.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.compare import run, timed
from benchmarks.simulate import machine
from pipelines.compare import estimate, protocols
from pipelines.settings import Settings
from pipelines.simulate import records
from pipelines.simulate.blocks import sizes
from pipelines.simulate.making import Wanted
from pipelines.simulate.parameters import scenario
from pipelines.simulate.validation import warehouse
from pipelines.sql import quoted

MODULE = "benchmarks.national"
PAGE = Path(__file__).with_suffix(".md")
CASES = ((680_000, 1), (680_000, 3))
"""Patients and years."""

SEED = 1
THREADS, MEMORY = 2, "8GB"

TEXT = """# How long every comparison of a national year takes

*Written by `benchmarks/national.py`; simulated records, nobody's.*

{machine}; {threads} threads, memory limit {memory}. {load:.1f} other processes wanted a core on average
in the minutes before: where they did, read the processor seconds.

Goal: every comparison of a national service's year (700,000 courses) in under 150 seconds.
In one year hardly anybody has been followed for twelve months, so what compares long
therapy is withheld early; the same number of courses over three years has most of it.

| Years | Courses | Comparisons | Effects | Withheld | Seconds | Processor seconds | Most memory |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}
"""
ROW = (
    "| {years} | {courses:,} | {comparisons} | {effects:,} | {withheld:,} "
    "| {seconds:.0f} | {cpu:.0f} | {peak:.1f} GiB |"
)


def main() -> None:
    """Build what is not there, measure, and write the page unless a size is given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--patients", type=int)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--task", choices=("build", "estimate"), help="only this, here")
    given = parser.parse_args()
    if given.task:
        built = file(given.folder, given.patients, given.years)
        if given.task == "build":
            build(given.folder, built, given.patients, given.years)
        else:
            settings = Settings(threads=THREADS, memory_limit=MEMORY)
            timed(lambda: estimate.run(built, settings))
        return
    cases = ((given.patients, given.years),) if given.patients else CASES
    load = os.getloadavg()[1]
    page = TEXT.format(
        machine=machine(),
        threads=THREADS,
        memory=MEMORY,
        load=load,
        rows="\n".join(measured(given.folder, *case) for case in cases),
    )
    sys.stdout.write(page)
    if cases == CASES:
        PAGE.write_text(page, encoding="utf-8")


def file(folder: Path, patients: int, years: int) -> Path:
    """Return where the built service is."""
    return folder / f"national_{patients}_{years}.duckdb"


def measured(folder: Path, patients: int, years: int) -> str:
    """Estimate one service, in a process of its own, and return its row of the page."""
    size = ["--patients", str(patients), "--years", str(years)]
    arguments = ["--folder", str(folder), *size]
    built = file(folder, patients, years)
    if not built.exists():
        run("build", arguments, MODULE)
    told, peak = run("estimate", arguments, MODULE)
    seconds, cpu = map(float, told[0].split())
    return ROW.format(
        years=years, seconds=seconds, cpu=cpu, peak=peak / 2**30, **counted(built)
    )


def build(folder: Path, built: Path, patients: int, years: int) -> None:
    """Simulate a service and build its marts into a DuckDB file."""
    folder.mkdir(parents=True, exist_ok=True)
    compiled = warehouse.compile_models(
        folder / f"models_{time.time_ns()}", protocols.load_all()
    )
    parameters = scenario("default", patients, years)
    blocks = [
        records.clean_block(parameters, SEED, number, count)
        for number, count in enumerate(sizes(parameters.patients))
    ]
    frames = {feed: pl.concat([one[feed] for one in blocks]) for feed in blocks[0]}
    frames |= records.fixed_tables(parameters, SEED)
    sending = Wanted(parameters, SEED).sending
    whole = built.with_suffix(".part")
    whole.unlink(missing_ok=True)
    with warehouse.build(compiled, frames, sending, MEMORY) as con:
        con.execute(f"attach {quoted(whole)} as whole")
        con.execute("copy from database outcomes to whole")
        con.execute("detach whole")
    whole.rename(built)


def counted(built: Path) -> dict[str, int]:
    """Count what was compared."""
    with duckdb.connect(built, read_only=True) as con:
        found = con.sql(
            "select (select count(*) from staging.stg_episodes) as courses, "
            "count(distinct comparison_id) as comparisons, count(*) as effects, "
            "count(*) filter (is_withheld) as withheld from estimates.effects"
        )
        return dict(zip(found.columns, found.fetchone(), strict=True))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    main()
