"""Measure how long every comparison of a national service's year takes; Linux only.

    python -m benchmarks.national --folder DIR      # writes benchmarks/national.md
    python -m benchmarks.national --folder DIR --patients 20000

The service is simulated and its marts are built once into the folder, by the product's
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
from pipelines.compare import estimate
from pipelines.settings import Settings
from pipelines.simulate import records
from pipelines.simulate.blocks import sizes
from pipelines.simulate.making import Wanted
from pipelines.simulate.parameters import scenario
from pipelines.simulate.validation import warehouse
from pipelines.sql import quoted

MODULE = "benchmarks.national"
PAGE = Path(__file__).with_suffix(".md")
PATIENTS, YEARS, SEED = 680_000, 1, 1
THREADS, MEMORY = 2, "8GB"

TEXT = """# How long every comparison of a national year takes

*Written by `benchmarks/national.py`; simulated records, nobody's.*

{machine}; {threads} threads, memory limit {memory}. {load:.1f} other processes wanted a core on average
in the minutes before: where they did, read the processor seconds.

Goal: every comparison of a national service's year (700,000 courses) in under 150 seconds.

| Courses | Comparisons | Effects | Withheld | Seconds | Processor seconds | Most memory |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| {courses:,} | {comparisons} | {effects:,} | {withheld:,} | {seconds:.0f} | {cpu:.0f} | {peak:.1f} GiB |
"""


def main() -> None:
    """Build what is not there, measure, and write the page unless sizes differ."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--task", choices=("build", "estimate"), help="only this, here")
    given = parser.parse_args()
    built = given.folder / f"national_{given.patients}.duckdb"
    if given.task == "build":
        build(given.folder, built, given.patients)
        return
    if given.task == "estimate":
        settings = Settings(threads=THREADS, memory_limit=MEMORY)
        timed(lambda: estimate.run(built, settings))
        return
    if not built.exists():
        run("build", sys.argv[1:], MODULE)
    load = os.getloadavg()[1]
    told, peak = run("estimate", sys.argv[1:], MODULE)
    seconds, cpu = map(float, told[0].split())
    page = TEXT.format(
        machine=machine(),
        threads=THREADS,
        memory=MEMORY,
        load=load,
        seconds=seconds,
        cpu=cpu,
        peak=peak / 2**30,
        **counted(built),
    )
    sys.stdout.write(page)
    if given.patients == PATIENTS:
        PAGE.write_text(page, encoding="utf-8")


def build(folder: Path, built: Path, patients: int) -> None:
    """Simulate a service and build its marts into a DuckDB file."""
    folder.mkdir(parents=True, exist_ok=True)
    compiled = warehouse.compile_models(folder / f"models_{time.time_ns()}")
    parameters = scenario("default", patients, YEARS)
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
