"""Measure how long a large delivery takes to load with every check; Linux only.

    python -m benchmarks.intake --folder DIR            # writes benchmarks/intake.md
    python -m benchmarks.intake --folder DIR --rows 500000 --no-page

The delivery is made up by SQL: `assessments.csv` with every column of the contract,
and its patients. It is loaded by `ingest`, the step behind `outcomes ingest`, in a
process of its own. The yardstick is one bare `create table as select` from the same
CSV into a new DuckDB file, its columns typed by the contract and nothing checked, with
the same threads and memory limit, before and after.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path

import duckdb

from benchmarks.simulate import machine
from pipelines.intake.feeds import FEEDS, ITEMS_COUNT
from pipelines.settings import Home, load_settings
from pipelines.sql import quoted

PAGE = Path(__file__).with_suffix(".md")
ROWS, ROWS_PER_PATIENT = 5_000_000, 25
THREADS, MEMORY = 2, "1GB"
GOAL_RATIO, GOAL_GIB = 4.0, 2.0
GIB = 2**30

STEPS = {
    "hash the files": ("pipelines.intake.ingest", "read_delivery"),
    "read the files as text": ("pipelines.intake.adapters", "read_files"),
    "look for identifiers": ("pipelines.intake.identifiers", "refuse_identified"),
    "type, find duplicates and broken rows": ("pipelines.intake.landing", "land"),
    "judge records beside others": ("pipelines.checks.records", "judge_delivery"),
    "landing guard": ("pipelines.intake.guards", "check_landing"),
    "compare with earlier deliveries": (
        "pipelines.intake.drift.comparing",
        "check_drift",
    ),
    "write to raw": ("pipelines.intake.raw", "write"),
    "raw guard": ("pipelines.intake.guards", "check_raw"),
}
"""Each step and the function that does it, by module, as `ingest` calls it."""

SOURCE = """source: made_up
owner: Nobody (made-up data)
contact: nobody@example.invalid
namespace: made_up
kind: full
date_mode: calendar
expected_every_days: 30
"""

HEADER = """# How long a large delivery takes to load

*Written by `benchmarks/intake.py`; made-up records, nobody's.*

{machine}; {threads} threads, memory limit {memory} (settings.toml). {load:.1f} other processes
wanted a core on average in the minutes before: where any did, read the processor seconds.

{rows:,} assessments with all {columns} columns of the contract, a CSV of {gib:.2f} GiB, and
{patients:,} patients. Goal: at most {goal_ratio:.0f} times one bare `create table as select` from the
same CSV, and under {goal_gib:.0f} GiB.

"""


def main() -> None:
    """Make the delivery, measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="needs 5 GB of disk")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--no-page", action="store_true")
    parser.add_argument("--only", choices=("bare", "load"))
    given = parser.parse_args()
    folder = given.folder.resolve()
    if given.only:
        task = {"bare": bare, "load": load}[given.only]
        sys.stdout.write(json.dumps(measured(task, folder)) + "\n")
        return
    load_before = os.getloadavg()[1]
    make_delivery(folder, given.rows)
    runs = {name: _in_a_process(name, folder, given.rows) for name in ("bare", "load")}
    again = _in_a_process("bare", folder, given.rows)
    page = as_markdown(
        folder, given.rows, load_before, runs["load"], runs["bare"], again
    )
    sys.stdout.write(page + "\n")
    if not given.no_page:
        PAGE.write_text(page, encoding="utf-8")


def make_delivery(folder: Path, rows: int) -> None:
    """Write the made-up delivery and its home, unless it is there already."""
    delivery = _csv(folder).parent
    marker = folder / f"made_{rows}"
    if marker.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    delivery.mkdir(parents=True)
    source = folder / "home" / "sources" / "made_up"
    source.mkdir(parents=True)
    (source / "source.yml").write_text(SOURCE)
    (folder / "home" / "settings.toml").write_text(
        f'threads = {THREADS}\nmemory_limit = "{MEMORY}"\n'
    )
    patients = max(1, rows // ROWS_PER_PATIENT)
    items = ", ".join(
        f"if(n % 10 = 0, null, (hash(n, {i}) % 4)::integer) as item_{i}"
        if i <= 9
        else f"null::integer as item_{i}"
        for i in range(1, ITEMS_COUNT + 1)
    )
    total = " + ".join(f"item_{i}" for i in range(1, 10))
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS}) as con:
        con.execute(
            f"copy (select {_pseudonym('n', 'patient')} as patient_id, "
            "(1950 + n % 50)::integer as birth_year, "
            "if(n % 3 = 0, 'male', 'female') as sex "
            f"from range({patients}) as made(n)) to {quoted(delivery / 'patients.csv')}"
        )
        con.execute(
            f"copy (with made as (select n, {items} from range({rows}) as made(n)) "
            f"select {_pseudonym('n', 'assessment')} as assessment_id, "
            f"{_pseudonym(f'n % {patients}', 'patient')} as patient_id, "
            f"{_pseudonym(f'n % {patients}', 'episode')} as episode_id, "
            f"{_pseudonym('n', 'session')} as session_id, "
            "'phq9' as instrument, "
            "(date '2015-01-01' + (hash(n, 99) % 3650)::integer) as completed_on, "
            "'session' as collection_reason, "
            f"coalesce({total}, (hash(n, 50) % 28)::integer) as total_points, "
            "* exclude (n) from made) "
            f"to {quoted(_csv(folder))}"
        )
    marker.touch()


def bare(folder: Path) -> dict[str, list[float]]:
    """Copy the CSV into a table, its columns typed by the contract."""
    target = folder / "bare.duckdb"
    target.unlink(missing_ok=True)
    columns = ", ".join(
        f"{quoted(c.name)}: {quoted(c.sql_type)}" for c in FEEDS["assessments"].columns
    )
    with duckdb.connect(
        str(target), config={"memory_limit": MEMORY, "threads": THREADS}
    ) as con:
        con.execute(
            f"create table assessments as select * from read_csv({quoted(_csv(folder))}, "
            f"auto_detect = false, header = true, delim = ',', quote = '\"', "
            f"columns = {{{columns}}})"
        )
    return {}


def load(folder: Path) -> dict[str, list[float]]:
    """Load the delivery into an empty warehouse.

    Returns:
        By step, the seconds and the processor seconds it took.
    """
    from pipelines.intake import ingest

    home = Home(folder / "home")
    for made in ("warehouse", "checks", "quarantine", "scratch"):
        shutil.rmtree(home.root / made, ignore_errors=True)
    seconds: dict[str, list[float]] = {}
    for step, (module, name) in STEPS.items():
        owner = import_module(module)
        setattr(owner, name, _timed(getattr(owner, name), step, seconds))
    outcome = ingest.ingest(home, load_settings(home), "benchmark")
    if outcome.refused:
        raise SystemExit("\n".join(map(str, outcome.refused.values())))
    return seconds


def measured(task: Callable[[Path], dict[str, list[float]]], folder: Path) -> dict:
    """Run a task in this process and say what it took."""
    started, used = time.perf_counter(), time.process_time()
    steps = task(folder)
    return {
        "seconds": time.perf_counter() - started,
        "processor_seconds": time.process_time() - used,
        "peak_bytes": peak_bytes(),
        "steps": steps,
    }


def as_markdown(
    folder: Path, rows: int, load_before: float, loaded: dict, first: dict, second: dict
) -> str:
    """Return the page."""
    text = HEADER.format(
        machine=machine(),
        threads=THREADS,
        memory=MEMORY,
        load=load_before,
        rows=rows,
        columns=len(FEEDS["assessments"].columns),
        gib=_csv(folder).stat().st_size / GIB,
        patients=max(1, rows // ROWS_PER_PATIENT),
        goal_ratio=GOAL_RATIO,
        goal_gib=GOAL_GIB,
    )
    mean = {
        key: (first[key] + second[key]) / 2 for key in ("seconds", "processor_seconds")
    }
    lines = [
        "| | Seconds | Processor seconds | Most memory, GiB |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {run['seconds']:.1f} | {run['processor_seconds']:.1f} "
            f"| {run['peak_bytes'] / GIB:.2f} |"
            for name, run in (
                ("bare, before", first),
                ("bare, after", second),
                ("load, every check", loaded),
            )
        ),
        f"| **load against bare** | **{loaded['seconds'] / mean['seconds']:.1f}** "
        f"| **{loaded['processor_seconds'] / mean['processor_seconds']:.1f}** | |",
        "",
        _verdict(loaded, mean),
        "",
        "| Where the time goes | Seconds | Processor seconds | Against bare |",
        "| --- | ---: | ---: | ---: |",
    ]
    steps = loaded["steps"]
    rest = [
        loaded[key] - sum(step[i] for step in steps.values())
        for i, key in enumerate(mean)
    ]
    for step, (seconds, used) in {**steps, "all else": rest}.items():
        share = used / mean["processor_seconds"]
        lines.append(f"| {step} | {seconds:.1f} | {used:.1f} | {share:.2f} |")
    return text + "\n".join(lines) + "\n"


def _verdict(loaded: dict, mean: dict) -> str:
    """Say whether the goals hold."""
    by_processor, by_clock = (
        "holds" if loaded[key] / mean[key] <= GOAL_RATIO else "does not hold"
        for key in ("processor_seconds", "seconds")
    )
    of_memory = "holds" if loaded["peak_bytes"] <= GOAL_GIB * GIB else "does not hold"
    return (
        f"By the clock the goal of time {by_clock}; by processor seconds, which other "
        f"work does not disturb, it {by_processor}. That of memory {of_memory}. Importing "
        "the guards' library and hashing use one core while the other waits, which the "
        "clock counts twice."
    )


def _in_a_process(task: str, folder: Path, rows: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.intake", "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--rows", str(rows), "--only", task],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _timed(function: Callable, step: str, seconds: dict[str, list[float]]) -> Callable:
    @wraps(function)
    def timed(*args, **kwargs):
        started, used = time.perf_counter(), time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            before = seconds.get(step, [0.0, 0.0])
            seconds[step] = [
                before[0] + time.perf_counter() - started,
                before[1] + time.process_time() - used,
            ]

    return timed


def peak_bytes() -> int:
    """Most memory that this process has held since it started."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _csv(folder: Path) -> Path:
    return folder / "home" / "landing" / "made_up" / "2026-01-01" / "assessments.csv"


def _pseudonym(of: str, kind: str) -> str:
    return f"left(md5('{kind}' || ({of})::varchar), 16)"


if __name__ == "__main__":
    main()
