"""Run cohort after cohort, keep what each gave, and never run one twice."""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from pipelines.errors import UsageError
from pipelines.simulate.making import parameters_hash
from pipelines.simulate.parameters import scenario
from pipelines.simulate.validation import cohorts, truths, warehouse
from pipelines.simulate.validation.cohorts import Found
from pipelines.simulate.validation.comparisons import NULL, SCENARIOS
from pipelines.simulate.validation.truths import Summed
from pipelines.simulate.validation.warehouse import Compiled

logger = logging.getLogger(__name__)

ESTIMATES, TRUTHS = "estimates.jsonl", "truths.jsonl"
TRUTH_COHORTS, NULL_TRUTH_COHORTS = 10, 1
"""Cohorts of a scenario's truth; no estimate is made of them. Where nothing has an
effect both outcomes of a person are the same, and one cohort shows it."""

Row = TypeVar("Row", Found, Summed)

TRUTH_EVERY = 4
"""Cohorts that are estimated for each one of the truth, until that has all of its own."""

ENDED = "cohort_ended"
"""Last line of a cohort: lines without one after them are of a cohort cut off."""


@dataclass(frozen=True)
class Task:
    """One cohort to run."""

    file: str
    scenario: str
    seed: int
    patients: int

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from the others in its file."""
        return self.scenario, self.seed


@dataclass(frozen=True)
class Kept:
    """Every whole cohort of a folder."""

    found: tuple[Found, ...]
    summed: tuple[Summed, ...]
    seconds: tuple[float, ...]
    """Of a processor, for each estimated cohort."""


def tasks(
    cohorts_wanted: int,
    patients: int,
    scenarios: Iterable[str] = SCENARIOS,
    truth_cohorts: int = TRUTH_COHORTS,
) -> Iterator[Task]:
    """Yield the cohorts: one of each scenario, then the next of each.

    Wherever a run is stopped, every scenario has had about as many. A cohort of each
    truth comes with every fourth.

    Args:
        cohorts_wanted: Of each scenario.
        patients: Referred people in each.
        scenarios: Names.
        truth_cohorts: Of each scenario's truth.
    """
    for number in range(max(cohorts_wanted, TRUTH_EVERY * truth_cohorts)):
        if number < cohorts_wanted:
            for name in scenarios:
                yield Task(ESTIMATES, name, 1 + number, patients)
        turn, rest = divmod(number, TRUTH_EVERY)
        for name in scenarios if rest == 0 else ():
            most = NULL_TRUTH_COHORTS if name == NULL else truth_cohorts
            if turn < min(most, truth_cohorts):
                yield Task(TRUTHS, name, truths.FIRST_SEED + turn, patients)


def run(folder: Path, wanted: Iterable[Task], processes: int = 1) -> int:
    """Run the cohorts that the folder does not hold yet; returns how many were run.

    Args:
        folder: Made where it is missing; a rerun goes on in it.
        wanted: From `tasks`.
        processes: Working processes.

    Raises:
        UsageError: The folder holds cohorts of another size, or of other parameters.
        PipelineError: The models could not be compiled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(wanted)
    _refuse_others(folder, wanted)
    for name in (ESTIMATES, TRUTHS):
        _cut_torn(folder / name)
    done = {
        (name, key) for name in (ESTIMATES, TRUTHS) for key in _whole(folder / name)
    }
    left = [task for task in wanted if (task.file, task.key) not in done]
    if not left:
        return 0
    shutil.rmtree(folder / "models", ignore_errors=True)
    compiled = warehouse.compile_models(folder / "models")
    for number, (task, lines) in enumerate(_each(compiled, left, processes), 1):
        _append(folder / task.file, lines)
        logger.info(
            "%s %d: %s (%d of %d)",
            *(task.scenario, task.seed, task.file.split(".")[0], number, len(left)),
        )
    return len(left)


def read(folder: Path) -> Kept:
    """Return every whole cohort of a folder."""
    ended = (json.loads(line) for line in _lines(folder / ESTIMATES) if ENDED in line)
    return Kept(
        tuple(_rows(folder / ESTIMATES, Found)),
        tuple(_rows(folder / TRUTHS, Summed)),
        tuple(row["seconds"] for row in ended),
    )


def work(compiled: Compiled, task: Task) -> list[dict]:
    """Run one cohort; returns its lines, the last one saying that it has ended."""
    started = time.process_time()
    parameters = scenario(task.scenario, task.patients)
    shared = {
        "scenario": task.scenario,
        "seed": task.seed,
        "patients": task.patients,
        "parameters": parameters_hash(parameters),
    }
    find = cohorts.find if task.file == ESTIMATES else truths.find
    with cohorts.build(compiled, parameters, task.seed) as con:
        rows = [asdict(row) for row in find(con, parameters, task.seed, shared)]
    seconds = round(time.process_time() - started, 1)
    return [*rows, {**shared, ENDED: len(rows), "seconds": seconds}]


def _each(
    compiled: Compiled, left: list[Task], processes: int
) -> Iterator[tuple[Task, list[dict]]]:
    if processes == 1:
        for task in left:
            yield task, work(compiled, task)
        return
    # Spawned, not forked: the threads of polars do not survive a fork.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting, ahead = {}, iter(left)
        while True:
            while len(waiting) < processes and (task := next(ahead, None)):
                waiting[pool.submit(work, compiled, task)] = task
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()


def _append(path: Path, lines: list[dict]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _whole(path: Path) -> dict[tuple[str, int], list[dict]]:
    """Return the rows of each whole cohort, by scenario and seed."""
    found: dict[tuple[str, int], list[dict]] = {}
    rows: list[dict] = []
    for line in _lines(path):
        row = json.loads(line)
        if ENDED in row:
            found[row["scenario"], row["seed"]] = rows
            rows = []
        else:
            rows.append(row)
    return found


def _lines(path: Path) -> list[str]:
    """Return the lines up to the end of the last whole cohort."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    ends = [
        place
        for place, line in enumerate(lines, 1)
        if line.endswith("\n") and f'"{ENDED}"' in line
    ]
    return lines[: ends[-1]] if ends else []


def whole_text(path: Path) -> str:
    """Return a file's text up to the end of its last whole cohort."""
    return "".join(_lines(path))


def _cut_torn(path: Path) -> None:
    """Leave out what a killed run wrote of a cohort that it did not end."""
    if path.exists():
        whole = whole_text(path).encode()
        with path.open("r+b") as file:
            file.truncate(len(whole))


def _refuse_others(folder: Path, wanted: list[Task]) -> None:
    """Refuse a folder whose cohorts could not be taken together with these."""
    kept = read(folder)
    sizes = {task.patients for task in wanted}
    hashes = {
        name: parameters_hash(scenario(name, size))
        for size in sizes
        for name in {task.scenario for task in wanted}
    }
    for row in (*kept.found, *kept.summed):
        is_other = row.patients not in sizes or (
            hashes.get(row.scenario, row.parameters) != row.parameters
        )
        if wanted and is_other:
            raise UsageError(
                f"{folder} holds cohorts of {row.patients:,} patients, scenario "
                f"{row.scenario}, of other sizes or parameters than those asked for.\n"
                "Give another --out, or the same --patients."
            )


def _rows(path: Path, kind: type[Row]) -> list[Row]:
    return [
        kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})
        for rows in _whole(path).values()
        for row in rows
    ]
