"""Measure how long the simulator takes and how much memory it holds; Linux only.

    python benchmarks/simulate.py            # both sizes; writes benchmarks/simulate.md
    python benchmarks/simulate.py --sessions 100000

The size is asked for in sessions: the patients for it come from a first small run.
Time is of the wall clock, start of the processes included; memory is the most that the
command and all its processes held together, read twice a second.
"""

import argparse
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).with_suffix(".md")
TRIAL_PATIENTS = 8_192
MARGIN = 1.04
"""The first run only estimates how many sessions a patient has."""

SIZES = {"one million sessions": (1_000_000, 3), "a national year": (5_200_000, 1)}
"""Sessions and years of each size."""

HEADER = """# The simulator's speed

*Written by `benchmarks/simulate.py`; simulated records, nobody's.*

{machine}, {processes} processes: one full delivery in Parquet, without the truth, whose
effects cost the same whatever the size of the service (150,000 people: about half a
minute). {load:.1f} other processes wanted a core on average in the minutes before.

Goals: one million sessions in under 60 seconds and 2 GiB; a national year (700 thousand
courses, 5.2 million sessions, 10.5 million questionnaires, 2.7 million medication records)
in under 10 minutes and 4 GiB. The second size is set by its sessions; its other counts
are above the goals. Courses are referrals here; 37 % of them finish.

| Size | Patients | Courses | Sessions | Questionnaires | Medication | On disk | Seconds | Processor seconds | Most memory |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Measured:
    """What one run took."""

    seconds: float
    cpu_seconds: float
    """Of all processes; what the wall clock shows depends on what else runs."""

    peak_bytes: int
    disk_bytes: int
    rows: dict[str, int]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, help="one size only; writes no page")
    parser.add_argument("--years", type=float, default=3)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    if given.sessions:
        wanted = {f"{given.sessions:,} sessions": (given.sessions, given.years)}
    else:
        wanted = SIZES
    lines, load = [], os.getloadavg()[1]
    for name, (sessions, years) in wanted.items():
        trial = simulate(TRIAL_PATIENTS, years, given.processes)
        patients = round(MARGIN * TRIAL_PATIENTS * sessions / trial.rows["sessions"])
        lines.append(line(name, simulate(patients, years, given.processes)))
        sys.stdout.write(f"{lines[-1]}\n")
        sys.stdout.flush()
    if not given.sessions:
        header = HEADER.format(machine=machine(), processes=given.processes, load=load)
        PAGE.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")


def simulate(patients: int, years: float, processes: int) -> Measured:
    """Run the command in a folder that is removed again."""
    folder = Path(tempfile.mkdtemp())
    command = [
        *(sys.executable, "-c", "from pipelines.cli import main; main()", "simulate"),
        *("--out", str(folder / "service"), "--patients", str(patients)),
        *("--years", str(years), "--processes", str(processes)),
        *("--truth-patients", "0", "--seed", "1"),
    ]
    try:
        start, before, peak = time.perf_counter(), cpu_seconds(), 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            while running.poll() is None:
                peak = max(peak, memory_of(running.pid))
                time.sleep(0.5)
            seconds = time.perf_counter() - start
            told = running.stdout.read()
        if running.returncode:
            sys.exit(f"The simulation failed with exit code {running.returncode}.")
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        return Measured(seconds, cpu_seconds() - before, peak, disk, counts(told))
    finally:
        shutil.rmtree(folder)


def counts(told: str) -> dict[str, int]:
    """Read the rows of each feed from what the command prints."""
    found = re.findall(r"(\d[\d,]*) ([a-z]+)", told.splitlines()[0])
    return {feed: int(count.replace(",", "")) for count, feed in found}


def cpu_seconds() -> float:
    """Processor time of every finished process below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_of(root: int) -> int:
    """Bytes in memory of a process and all below it; shared pages count each time."""
    parents, sizes = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(path.name)] = int(fields[1])
        sizes[int(path.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return sum(size for pid, size in sizes.items() if _is_below(pid, root, parents))


def _is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def line(name: str, measured: Measured) -> str:
    """One line of the table."""
    rows = measured.rows
    cells = [
        name,
        *(
            f"{rows[feed]:,}"
            for feed in (
                "patients",
                "episodes",
                "sessions",
                "assessments",
                "medications",
            )
        ),
        f"{measured.disk_bytes / 2**30:.2f} GiB",
        f"{measured.seconds:.0f}",
        f"{measured.cpu_seconds:.0f}",
        f"{measured.peak_bytes / 2**30:.2f} GiB",
    ]
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    """Cores, memory and Python; no name of a machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
