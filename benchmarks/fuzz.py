"""Give the intake thousands of bad files; every one must load or be refused in words.

    python -m benchmarks.fuzz --folder DIR                 # writes benchmarks/fuzz.md
    python -m benchmarks.fuzz --folder DIR --files 150 --commands 0 --no-page

Each delivery (`fuzzing.py`, one seed each) is read and laid out in this one process, and
some again by `outcomes check` and `outcomes ingest`. Allowed is success, or a refusal of
at most one screen without a traceback and without the value that was planted. The most
memory that the process held is measured; Linux only.
"""

import argparse
import logging
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import fuzzing
from benchmarks.intake import GIB, peak_bytes
from benchmarks.simulate import machine
from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters, identifiers
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.landing import land
from pipelines.intake.sources import load_source
from pipelines.settings import Home

logger = logging.getLogger(__name__)

PAGE = Path(__file__).with_suffix(".md")
FILES, COMMANDS = 10_000, 200
MEMORY, THREADS = "1GB", 2
MOST_LINES = 25
"""Lines of a message: one screen."""

SOURCE_YML = """source: {name}
owner: Nobody (made-up data)
contact: nobody@example.invalid
namespace: fuzzed
kind: full
date_mode: calendar
expected_every_days: 30
"""


@dataclass
class Tally:
    """What came of the deliveries, by kind."""

    loaded: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """Seed and kind of each that ended in any other way, and which."""

    slowest_seconds: float = 0.0
    slowest_kind: str = ""


def main() -> None:
    """Run the deliveries and the commands, and write the page."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--seed", type=int, default=0, help="of the first delivery")
    parser.add_argument("--no-page", action="store_true")
    given = parser.parse_args()
    started = time.perf_counter()
    seeds = range(given.seed, given.seed + given.files)
    tally = read_all(given.folder, seeds)
    peak, seconds = peak_bytes(), time.perf_counter() - started
    commands = Tally()
    for n in range(given.commands):
        run_command(given.folder, given.seed + n * 37, n % 2 == 1, commands)
    page = as_markdown(tally, commands, peak, seconds)
    sys.stdout.write(page)
    if not given.no_page:
        PAGE.write_text(page, encoding="utf-8")
    if tally.faults or commands.faults or peak > 2 * GIB:
        raise SystemExit("It failed; see above.")


def read_all(folder: Path, seeds: Iterable[int]) -> Tally:
    """Read the deliveries of the seeds, one after the other, in this process."""
    tally = Tally()
    for done, seed in enumerate(seeds, start=1):
        case = fuzzing.make(seed)
        home = _home_of(case, folder / "one")
        started = time.perf_counter()
        try:
            _read(home)
            tally.loaded[case.kind] += 1
        except DeliveryRefusedError as error:
            tally.refused[case.kind] += 1
            tally.faults += [f"{seed} {case.kind}: {f}" for f in faults_of(str(error))]
        except Exception as error:  # any other end is what is looked for
            tally.faults.append(f"{seed} {case.kind}: {type(error).__name__}")
        took = time.perf_counter() - started
        if took > tally.slowest_seconds:
            tally.slowest_seconds, tally.slowest_kind = took, case.kind
        if done % 500 == 0:
            logger.info("%d read, %d faults", done, len(tally.faults))
    return tally


def run_command(folder: Path, seed: int, is_ingest: bool, tally: Tally) -> None:
    """Give one delivery to `outcomes check` or `outcomes ingest`, a process of its own."""
    case = fuzzing.make(seed)
    home = _home_of(case, folder / "one")
    delivery = home.landing / fuzzing.SOURCE / fuzzing.DELIVERY
    what = ["ingest"] if is_ingest else ["check", str(delivery)]
    outcomes = Path(sys.executable).with_name("outcomes")
    done = subprocess.run(
        [str(outcomes), *what, "--home", str(home.root)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )
    told = done.stdout + done.stderr
    for path in (home.root / "checks", home.root / "audit.jsonl"):
        written = path.glob("*") if path.is_dir() else [path] if path.exists() else []
        told_there = "".join(file.read_text() for file in written)
        if fuzzing.MARKER in told_there:
            tally.faults.append(f"{seed} {case.kind}: the value is in {path.name}")
    if done.returncode in (0, DeliveryRefusedError.exit_code):
        (tally.loaded if done.returncode == 0 else tally.refused)[case.kind] += 1
        tally.faults += [f"{seed} {case.kind}: {fault}" for fault in faults_of(told)]
    else:
        tally.faults.append(f"{seed} {case.kind}: exit code {done.returncode}")


def faults_of(message: str) -> list[str]:
    """Return what is wrong with a message that a person is shown."""
    found = {
        f"{message.count(chr(10)) + 1} lines": message.count("\n") >= MOST_LINES,
        "a traceback": "Traceback" in message,
        "the planted value": fuzzing.MARKER.lower() in message.lower(),
        "no printable text": not message.replace("\n", "").isprintable(),
    }
    return [fault for fault, is_there in found.items() if is_there]


def as_markdown(tally: Tally, commands: Tally, peak: int, seconds: float) -> str:
    """Return the page."""
    files = sum((tally.loaded + tally.refused).values())
    ran = sum((commands.loaded + commands.refused).values())
    lines = [
        "# Ten thousand bad files\n",
        "*Written by `benchmarks/fuzz.py`; made-up files, nobody's.*\n",
        f"{machine()}; {THREADS} threads, memory limit {MEMORY}.\n",
        f"{files:,} bad deliveries in one process: {sum(tally.refused.values()):,} "
        f"refused in words, {sum(tally.loaded.values()):,} laid out (what is bad in them "
        "is for the checks), "
        f"{len(tally.faults)} ended in another way. {seconds:.0f} seconds, the slowest "
        f"{tally.slowest_seconds:.1f} ({tally.slowest_kind}); most memory "
        f"{peak / GIB:.2f} GiB.\n",
        f"{ran} of them by `outcomes check` and `outcomes ingest`: "
        f"{sum(commands.refused.values())} refused (exit code 10), "
        f"{sum(commands.loaded.values())} loaded (0), {len(commands.faults)} in another "
        "way.\n",
        "| Kind | Refused | Laid out |",
        "| --- | ---: | ---: |",
        *(
            f"| {kind} | {tally.refused[kind]} | {tally.loaded[kind]} |"
            for kind in fuzzing.KINDS
        ),
    ]
    lines += [f"\n- {fault}" for fault in (*tally.faults, *commands.faults)]
    return "\n".join(lines) + "\n"


def _home_of(case: fuzzing.Case, folder: Path) -> Home:
    shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder)
    described = home.sources / fuzzing.SOURCE
    described.mkdir(parents=True)
    dialect = f"csv: {case.csv}\n" if case.csv else ""
    (described / "source.yml").write_text(
        SOURCE_YML.format(name=fuzzing.SOURCE) + dialect
    )
    home.settings_file.write_text(f'memory_limit = "{MEMORY}"\nthreads = {THREADS}\n')
    fuzzing.write(case, home.landing / fuzzing.SOURCE / fuzzing.DELIVERY)
    return home


def _read(home: Home) -> None:
    """Read and lay out the home's one delivery, as `checking.checked` does."""
    source = load_source(home.sources / fuzzing.SOURCE)
    delivery = read_delivery(home.landing / source.name / fuzzing.DELIVERY, source)
    home.scratch.mkdir()
    with adapters.delivery_connection(delivery, home.scratch, MEMORY, THREADS) as con:
        adapters.count_records(con, delivery)
        identifiers.refuse_identified(con, delivery)
        land(con, delivery, adapters.collect_feeds(con, delivery, home.scratch))


if __name__ == "__main__":
    main()
