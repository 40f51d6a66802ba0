"""Change the clinical SQL in one place at a time and see which changes no test notices.

    cd tests && python -m mutation.run [--model NAME] [--processes N] [--list]

A whole run writes docs/mutation.md. It ends with 1 if fewer than 95 % of the changed
comparison operators and thresholds fail a test, or if survivors and their reasons
(survivors.csv) do not match.
"""

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import duckdb
from mutation import models, mutants, page, seeds, survivors
from mutation.changes import ASKED_FOR, EXPLAINED
from mutation.mutants import Mutant
from mutation.second_tests import SecondTests
from mutation.unit_tests import UnitTests
from oracles import random_patients, raw_file

from pipelines import transform
from pipelines.settings import PROJECT_ROOT, Home, Settings

PAGE = PROJECT_ROOT / "docs" / "mutation.md"
AS_OF = "2026-06-01T00:00:00.000000Z"
MINIMUM_SHARE = 0.95
FEW_PATIENTS = 20
"""dbt only needs tables to be there; the warehouses are built from its SQL."""


def build(folder: Path, command: str = "build") -> tuple[Path, Path]:
    """Let dbt build the models and run their unit tests once, or compile them.

    Returns:
        dbt's target folder and the DuckDB file.

    Raises:
        RuntimeError: A unit test fails, or a model cannot be built.
    """
    home = Home(folder)
    raw_file.write(random_patients.make(FEW_PATIENTS), home.raw_file)
    built = home.build_file("run_1")
    built.parent.mkdir(parents=True)
    target = built.parent / "target"
    stages = (f"path:models/{stage}" for stage in models.STAGES)
    left_out = ["resource_type:test"]
    if command == "compile":
        left_out.append("resource_type:unit_test")
    what = (command, "--select", "path:seeds", *stages, "--exclude", *left_out)
    done = subprocess.run(
        transform.command(what, AS_OF, target, target / "not_there"),
        cwd=transform.DBT_PROJECT,
        env=transform.environment(
            home, "run_1", Settings(threads=1, memory_limit="2GB")
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt {command} failed:\n{done.stdout[-3000:]}")
    return target, built


def tried(
    folder: Path, only: str | None, processes: int, say: Callable[[str], None]
) -> list[Mutant]:
    """Make and try every mutant, or those of one model.

    Raises:
        ValueError: There is no such model.
    """
    target, built = build(folder)
    all_models = models.read(target, transform.DBT_PROJECT)
    changed = [m for m in all_models if m.folder in models.CHANGED]
    if only is not None:
        changed = [m for m in changed if m.name == only]
        if not changed:
            raise ValueError(f"no model of {models.CHANGED} is called {only}")
    with duckdb.connect(str(built), read_only=True) as con:
        steps = seeds.steps(con)
    second = cache(lambda: SecondTests(all_models, built, folder))
    found: list[Mutant] = []

    def add(name: str, first: list[tuple], started: float) -> None:
        done = [mutants.tried_again(mutant, what, second) for mutant, what in first]
        found.extend(done)
        asked = [m for m in done if m.kind in EXPLAINED]
        alive = sum(not m.killer for m in asked)
        say(
            f"{name}: {len(asked)} mutants, {alive} survive; "
            f"{len(done) - len(asked)} of the other classes "
            f"({time.monotonic() - started:.1f} s)"
        )

    work = partial(mutants.of_model, steps=steps, built=built)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        started = time.monotonic()
        for model, first in zip(changed, pool.imap(work, changed), strict=True):
            add(model.name, first, started)
            started = time.monotonic()
    if only is None:
        tests = UnitTests(changed, built)
        moved = seeds.cutoffs(built, changed)
        for seed in seeds.KEYS:
            started = time.monotonic()
            own = [cutoff for cutoff in moved if cutoff.seed == seed]
            add(f"seeds/{seed}.csv", mutants.of_seeds(own, tests), started)
    return found


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="only this model; the page is not written")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="name every survivor")
    options = parser.parse_args(arguments)
    say = partial(print, flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = tried(Path(folder), options.model, options.processes, say)
    if options.list:
        for mutant in found:
            if not mutant.killer:
                say(f"{mutant.kind}: {mutant.number}: {' | '.join(mutant.key)}")
    reasons = survivors.read()
    places = {m.place for m in found} if options.model else None
    wrong = survivors.complaints(found, reasons, places)
    share = page.share(m for m in found if m.kind in ASKED_FOR)
    if share < MINIMUM_SHARE and not options.model:
        wrong.append(f"{100 * share:.1f} % of what was asked for fail a test")
    if not options.model:
        PAGE.write_text(page.page(found, reasons), "utf-8")
    say("\n".join(wrong))
    say(f"{100 * share:.1f} % in {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
