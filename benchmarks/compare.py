"""Measure how long the comparison engine takes and how much memory it holds; Linux only.

    python -m benchmarks.compare             # everything; writes benchmarks/compare.md
    python -m benchmarks.compare --replicates 20 --patients 10000

Each task runs in a process of its own. The seconds are those of the estimate alone, on
the wall clock and of all processors; memory is the most that the process and those it
started held together, read ten times a second, records and libraries included.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.simulate import cpu_seconds, machine, memory_of
from pipelines.compare import aipw, bootstrap, duration
from pipelines.compare.length_refit import LengthRefit
from pipelines.compare.stopping import PersonWeeks, restricted_cubic_spline

PAGE = Path(__file__).with_suffix(".md")
PATIENTS, REPLICATES, ROWS, PROCESSES = 60_000, 500, 500_000, 2
LAST, CLINICIANS, TERMS = 52, 600, 25

HEADER = """# The comparison engine's speed

*Written by `benchmarks/compare.py`; made-up records, nobody's.*

{machine}. {load:.1f} other processes wanted a core on average in the minutes before.
Where they did, read the processor seconds: the bootstrap shares them among two processes,
the other tasks use one or two threads.

Goals: clone-censor-weight of {patients:,} patients with its sandwich in under 5 seconds;
its bootstrap, every model fitted again in each of {replicates} draws, in under 180 seconds
and 4 GiB on two processes; AIPW of {rows:,} people in under 30 seconds. There are
{weeks:,} weeks in therapy, {history} terms in the model of stopping and {terms} covariates.

| Task | Seconds | Processor seconds | Most memory | What came out |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Courses:
    """Made-up people in therapy, weekly."""

    weeks: PersonWeeks
    stop: NDArray[np.int64]
    outcome: NDArray[np.float64]
    is_observed: NDArray[np.bool_]
    last: NDArray[np.float64]
    cluster: NDArray[np.int64] | None

    def estimate(self) -> duration.LengthContrast:
        """Compare 52 weeks with stopping in weeks 26 to 31."""
        return duration.estimate(
            self.weeks,
            self.stop,
            np.full(len(self.stop), LAST),
            duration.Grace(first_week=26, weeks=6),
            self.outcome,
            duration.Observation(self.is_observed, self.last),
            self.cluster,
        )

    def refit(self) -> LengthRefit:
        """Return what a draw is estimated with."""
        return LengthRefit.of(
            self.weeks,
            self.stop,
            np.full(len(self.stop), LAST),
            duration.Grace(first_week=26, weeks=6),
            self.outcome,
            duration.Observation(self.is_observed, self.last),
        )


def courses(patients: int) -> Courses:
    """Make people who stop when they are better; weekly scores."""
    rng = np.random.default_rng(1)
    fixed = rng.normal(size=(patients, 6))
    score = before = np.clip(15 + 4 * rng.normal(size=patients), 5, 27)
    stop = np.full(patients, LAST)
    rows = []
    for week in range(LAST):
        inside = np.flatnonzero(stop == LAST)
        now, time_terms = score[inside], np.full(len(inside), float(week))
        history = [
            np.ones(len(inside)),
            *restricted_cubic_spline(now, (2.0, 8.0, 14.0, 20.0)),
            *restricted_cubic_spline(time_terms, (2.0, 13.0, 26.0, 45.0)),
            before[inside],
            *fixed[inside].T,
        ]
        stops = rng.random(len(inside)) < expit(-3.2 - 0.12 * (now - 10))
        rows.append((inside, time_terms.astype(int), np.column_stack(history), stops))
        stop[inside[stops]] = week
        before, score = (
            score,
            np.clip(
                score - 0.2 * (stop == LAST) + 1.2 * rng.normal(size=patients), 0, 27
            ),
        )
    person, week, history, stops = (
        np.concatenate(parts) for parts in zip(*rows, strict=True)
    )
    order = np.lexsort((week, person))
    return Courses(
        PersonWeeks(person[order], week[order], history[order], stops[order], patients),
        stop,
        score + 3 * rng.normal(size=patients),
        rng.random(patients) < expit(1 - 0.05 * score),
        np.column_stack([np.ones(patients), score]),
        np.arange(patients) % CLINICIANS,
    )


def sandwich(given: argparse.Namespace) -> str:
    """Time the point and its error."""
    made = courses(given.patients)
    found = timed(made.estimate)
    shape = f"{len(made.weeks.person)} {made.weeks.history.shape[1]}"
    return f"{shape}\n{found.contrast.std_error:.4f}"


def resampled(given: argparse.Namespace) -> str:
    """Time the bootstrap by clinician, as the sandwich counts them."""
    made = courses(given.patients)
    found = timed(
        lambda: bootstrap.estimate(
            made.refit(),
            given.patients,
            made.cluster,
            replicates=given.replicates,
            processes=PROCESSES,
        )
    )
    return f"{found.std_error:.4f}"


def doubly_robust(given: argparse.Namespace, is_binary: bool) -> str:
    """Time cross-fitted AIPW."""
    rng = np.random.default_rng(2)
    covariates = rng.normal(size=(given.rows, TERMS))
    exposed = rng.random(given.rows) < expit(covariates[:, :5].sum(1) / 4)
    outcome = 10 + covariates.sum(1) - 2 * exposed + 3 * rng.normal(size=given.rows)
    if is_binary:
        outcome = (outcome < 8).astype(float)
    cluster = np.arange(given.rows) % 5_000
    found = timed(
        lambda: aipw.estimate(
            outcome, exposed, covariates, cluster, is_binary=is_binary
        )
    )
    return f"{found.contrast.std_error:.4f}"


TASKS: dict[str, Callable[[argparse.Namespace], str]] = {
    "clone-censor-weight, point and sandwich": sandwich,
    "clone-censor-weight, bootstrap": resampled,
    "AIPW, scores": lambda given: doubly_robust(given, False),
    "AIPW, shares": lambda given: doubly_robust(given, True),
}


def timed(work: Callable):
    """Run the work and print its seconds, and those of all processors, on a line."""
    start, processors = time.perf_counter(), time.process_time() + cpu_seconds()
    found = work()
    seconds = time.perf_counter() - start
    processors = time.process_time() + cpu_seconds() - processors
    sys.stdout.write(f"{seconds} {processors}\n")
    return found


def main() -> None:
    """Measure and write the page, unless another size is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--task", choices=TASKS, help="only this, in this process")
    given = parser.parse_args()
    if given.task:
        sys.stdout.write(f"{TASKS[given.task](given)}\n")
        return
    load, lines, shape = os.getloadavg()[1], [], ("0", "0")
    for task in TASKS:
        told, peak = run(task, sys.argv[1:])
        times, *others, error = told
        shape = others[0].split() if others else shape
        cells = (
            task,
            *(f"{float(seconds):.1f}" for seconds in times.split()),
            f"{peak / 2**30:.1f} GiB",
            f"standard error {error}",
        )
        lines.append(f"| {' | '.join(cells)} |")
        sys.stdout.write(f"{lines[-1]}\n")
        sys.stdout.flush()
    sizes = given.patients, given.replicates, given.rows
    if sizes == (PATIENTS, REPLICATES, ROWS):
        header = HEADER.format(
            machine=machine(),
            load=load,
            patients=given.patients,
            replicates=given.replicates,
            rows=given.rows,
            weeks=int(shape[0]),
            history=shape[1],
            terms=TERMS,
        )
        PAGE.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")


def run(
    task: str, options: list[str], module: str = "benchmarks.compare"
) -> tuple[list[str], int]:
    """Run one task in a process of its own; return the lines it says and its memory."""
    command = [sys.executable, "-m", module, "--task", task, *options]
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        while running.poll() is None:
            peak = max(peak, memory_of(running.pid))
            time.sleep(0.1)
        told = running.stdout.read()
    if running.returncode:
        sys.exit(f"{task} failed with exit code {running.returncode}.")
    return told.splitlines(), peak


if __name__ == "__main__":
    main()
