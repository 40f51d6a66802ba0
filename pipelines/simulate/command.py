"""The `outcomes simulate` command; it imports what it needs when it runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipelines.errors import UsageError
from pipelines.settings import Home, load_settings

app = typer.Typer(invoke_without_command=True, add_completion=False)

out_console = Console(highlight=False, soft_wrap=True, emoji=False)


class Format(StrEnum):
    """Form of the files."""

    parquet = "parquet"
    csv = "csv"


class Schedule(StrEnum):
    """How often the service sends."""

    full = "full"
    daily = "daily"
    monthly = "monthly"


LEAST_YEARS, MOST_YEARS = 0.25, 20
"""A quarter: in less, hardly anybody referred has begun."""

TRUTH_PATIENTS = 150_000
"""People of the Monte-Carlo truth (METHODS part 8)."""

COHORTS, COHORT_PATIENTS = 500, 20_480
"""Of the validation: METHODS part 8 asks for 500; ten whole blocks of people each."""

COLUMNS_EACH = 75
"""Of the tripwire's corpus: with it there are more than 20,000 of either sort."""

HELD_OUT = 1
"""Added to the seed for a second corpus, on which no rule was tried."""

Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]
WorkFolder = Annotated[Path, typer.Option(help="An empty folder to work in.")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep it: `make docs` then writes the page.")
]


@app.callback()
def simulate(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; it must be empty.")
    ] = None,
    patients: Annotated[int, typer.Option(min=1, help="People referred.")] = 3_000,
    years: Annotated[
        float,
        typer.Option(min=LEAST_YEARS, max=MOST_YEARS, help="Length of the data."),
    ] = 3,
    seed: Seed = 1,
    scenario: Annotated[str, typer.Option(help="See docs/simulator.md.")] = "default",
    file_format: Annotated[Format, typer.Option("--format")] = Format.parquet,
    deliveries: Annotated[
        Schedule, typer.Option(help="One full delivery, or increments.")
    ] = Schedule.full,
    processes: Annotated[int, typer.Option(min=1, help="Working processes.")] = 1,
    chunk: Annotated[
        int, typer.Option(min=1, help="Blocks of patients per part of work.")
    ] = 4,
    truth_patients: Annotated[
        int,
        typer.Option(
            min=0,
            help="People of the true effects, rounded up to blocks; 0 leaves them out.",
        ),
    ] = TRUTH_PATIENTS,
) -> None:
    """Simulate a service whose truth is known: its deliveries, and the truth."""
    if context.invoked_subcommand:
        return
    if out is None:
        raise UsageError("Say where to write: outcomes simulate --out DIR")
    from pipelines.simulate.blocks import Sharing
    from pipelines.simulate.making import Wanted, make
    from pipelines.simulate.parameters import scenario as parameters_of

    wanted = Wanted(
        parameters_of(scenario, patients, years),
        seed,
        file_format.value,
        deliveries.value,
        truth_patients,
    )
    written = make(wanted, _place(out), Sharing(processes, chunk))
    counts = ", ".join(f"{n:,} {feed}" for feed, n in written.rows.items())
    out_console.print(f"Simulated, nobody's records: {counts}")
    if wanted.truth_people:
        out_console.print(
            f"True effects: from {wanted.truth_people:,} people, in whole blocks "
            f"({truth_patients:,} asked for)"
        )
    out_console.print(
        f"{written.deliveries} delivery(ies) in {out}. Load them: outcomes source add "
        f"{out}"
    )


@app.command()
def evidence(
    out: WorkFolder,
    patients: Annotated[int, typer.Option(min=2_000)] = 100_000,
    seed: Seed = 1,
    truth_patients: Annotated[int, typer.Option(min=2_000)] = TRUTH_PATIENTS,
    keep: Keep = False,
) -> None:
    """Measure benchmarks and plain averages in simulated services. Takes fifteen minutes."""
    from pipelines.simulate.evidence import benchmarks, measuring, plain_averages

    folder = _empty(out)
    found = measuring.measure(
        folder, patients, seed, truth_patients, load_settings(Home(folder / "home"))
    )
    if keep:
        measuring.write(found)
    inside = sum(benchmarks.lies_in_band(row) for row in found.benchmarks)
    wrong = sum(
        plain_averages.is_as_wrong_as_stated(row) for row in found.plain_averages
    )
    out_console.print(
        f"{inside} of {len(found.benchmarks)} benchmarks lie in their bands; {wrong} of "
        f"{len(found.plain_averages)} plain averages are as wrong as stated"
    )


@app.command()
def faults(
    out: WorkFolder,
    patients: Annotated[int, typer.Option(min=1)] = 2_000,
    seed: Seed = 1,
    keep: Keep = False,
) -> None:
    """Plant every fault, run the product, and say what it names. Takes fifteen minutes."""
    from pipelines.simulate.faults import measuring
    from pipelines.simulate.making import DIRTY, Wanted, refuse_what_cannot_be
    from pipelines.simulate.parameters import scenario as parameters_of

    refuse_what_cannot_be(Wanted(parameters_of(DIRTY, patients), seed))
    folder = _empty(out)
    measured = measuring.measure(
        folder, patients, seed, load_settings(Home(folder / "home"))
    )
    if keep:
        measuring.write(measured)
    rows = measured["rows"]
    named = sum(row["named"] == row["planted"] for row in rows)
    out_console.print(
        f"{len(rows)} kinds of fault: {named} named in full, "
        f"{sum(row['named'] == 0 for row in rows)} not yet named; "
        f"{len(measured['alarms'])} kinds of false alarm"
    )


@app.command()
def tripwire(
    each: Annotated[
        int, typer.Option(min=1, help="Columns of every form and way of planting.")
    ] = COLUMNS_EACH,
    seed: Seed = 1,
    keep: Keep = False,
) -> None:
    """Show the tripwire made-up identifiers and clean columns. Takes twenty minutes."""
    from pipelines.simulate.tripwire import document, measuring

    measured = [measuring.measure(seed + n, each) for n in (0, HELD_OUT)]
    if keep:
        measuring.write(measured)
    out_console.print(document.told(measured))


@app.command()
def validate(
    out: Annotated[
        Path, typer.Option(help="Folder to work in; a rerun goes on in it.")
    ],
    cohorts: Annotated[
        int, typer.Option(min=0, help="Of each scenario; 0 only sums up.")
    ] = COHORTS,
    patients: Annotated[int, typer.Option(min=2_000)] = COHORT_PATIENTS,
    scenario: Annotated[
        list[str] | None, typer.Option(help="All five if not given.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="Working processes.")] = 2,
    keep: Keep = False,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Begin with the cohorts that were kept.")
    ] = False,
) -> None:
    """Hold the product's estimates against the truth, cohort by cohort. Takes hours."""
    from pipelines.simulate.validation import keeping, measuring, running
    from pipelines.simulate.validation.comparisons import SCENARIOS

    folder = _place(out)
    if go_on:
        keeping.go_on(folder)
    wanted = running.tasks(
        cohorts,
        patients,
        tuple(scenario or SCENARIOS),
        running.TRUTH_COHORTS if cohorts else 0,
    )
    ran = running.run(folder, wanted, processes)
    measured = measuring.measure(running.read(folder))
    if keep:
        measuring.write(measuring.beside_others(measured, measuring.read()))
        keeping.keep(folder)
    out_console.print(f"{ran} cohorts run; {measuring.told(measured)}")


def _empty(out: Path) -> Path:
    """Make the folder to work in; it must not hold anything."""
    from pipelines.simulate.files import told_to_the_user

    folder = _place(out)
    with told_to_the_user(folder):
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty. Give another --out.")
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _place(out: Path) -> Path:
    """Return the path in full; it may lead nowhere yet."""
    try:
        return out.expanduser().resolve()
    except (OSError, RuntimeError) as error:  # no such home, or links in a circle
        raise UsageError(
            f"--out {out} is no path: {error}. Give another --out."
        ) from error
