"""The `outcomes` command: what a person types, and what the DAGs run."""

import logging
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from pipelines import delivery_views, runs, views
from pipelines.cli_sources import source_app
from pipelines.cli_steps import (
    HOME,
    AsOfOption,
    HomeOption,
    RunIdOption,
    WaitOption,
    chosen_run_id,
    doing,
    err,
    ingest_new,
    one_stage,
    open_home,
    out,
    step,
)
from pipelines.errors import (
    NOTHING_NEW,
    DeliveryRefusedError,
    PipelineError,
    UsageError,
)
from pipelines.locks import only_writer
from pipelines.settings import PROJECT_ROOT, Home
from pipelines.simulate.command import app as simulate_app

app = typer.Typer(
    name="outcomes",
    help="Therapy outcomes, from a delivery to a published release.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback can show values
)
app.add_typer(source_app, name="source")
app.add_typer(simulate_app, name="simulate")


@app.callback()
def _start(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks. They can show values.")
    ] = False,
) -> None:
    del debug  # read in main, which sees every error
    _set_up_logging()


@app.command()
def check(
    delivery: Annotated[Path, typer.Argument(help="Folder of one delivery.")],
    source: Annotated[
        str, typer.Option(help="The source that sent it; else its folder's parent.")
    ] = "",
    show_all: Annotated[
        bool,
        typer.Option("--all", help="Also every column and figure that is missing."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    values: Annotated[
        Path | None,
        typer.Option(help="File of your own for the words outside the code lists."),
    ] = None,
    home: HomeOption = HOME,
    wait: WaitOption = 0,
) -> None:
    """Name all that is wrong with a delivery, and say whether it would load.

    Loads nothing. Exit code 10: it would be refused.
    """
    from pipelines.intake.preflight.run import preflight

    where, settings = open_home(home)
    with only_writer(where, wait):  # it reads the warehouse, which has one user
        found = preflight(where, settings, runs.new_run_id(), delivery, source, values)
    delivery_views.show_preflight(out, found, show_all=show_all, as_json=as_json)
    if not found.would_load:
        raise typer.Exit(DeliveryRefusedError.exit_code)


@app.command()
def ingest(
    home: HomeOption = HOME,
    run_id: RunIdOption = None,
    wait: WaitOption = 0,
    again: Annotated[
        list[str] | None,
        typer.Option(help="Withdrawn delivery to load all the same; repeatable."),
    ] = None,
) -> None:
    """Load every new delivery. Exit code 99: there was nothing new."""
    where, settings = open_home(home)
    with only_writer(where, wait):
        has_loaded = ingest_new(
            where, settings, chosen_run_id(run_id), tuple(again or ())
        )
    if not has_loaded:
        raise typer.Exit(NOTHING_NEW)


@app.command()
def withdraw(
    delivery: Annotated[str, typer.Argument(help="<source>/<delivery>.")],
    reason: Annotated[
        str, typer.Option(help="Why, for the audit record; nothing about a person.")
    ],
    home: HomeOption = HOME,
    wait: WaitOption = 0,
) -> None:
    """Take a whole accepted delivery back; its rows do not count from now on."""
    from pipelines.intake.withdrawal import withdraw as take_back

    where, _ = open_home(home)
    with only_writer(where, wait):
        done = take_back(where, delivery, reason)
    views.show_withdrawn(out, done)


@app.command()
def build(
    stage: Annotated[
        str,
        typer.Option(
            help=f"One of {', '.join(s for s in runs.STAGES if s != 'estimates')}."
        ),
    ],
    home: HomeOption = HOME,
    run_id: RunIdOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
) -> None:
    """Build one stage and run its guard. `staging` starts a new run."""
    if stage not in runs.STAGES or stage == "estimates":
        raise UsageError(
            f"--stage takes {', '.join(s for s in runs.STAGES if s != 'estimates')}; "
            "estimates are made with: outcomes estimate"
        )
    one_stage(home, stage, run_id, as_of, wait)


@app.command()
def estimate(
    home: HomeOption = HOME,
    run_id: RunIdOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
) -> None:
    """Estimate every comparison that has a protocol."""
    one_stage(home, "estimates", run_id, as_of, wait)


@app.command()
def publish(
    home: HomeOption = HOME, run_id: RunIdOption = None, wait: WaitOption = 0
) -> None:
    """Publish a run as an immutable release and make it current."""
    from pipelines import stages

    where, settings = open_home(home)
    with only_writer(where, wait):
        run = runs.read(where, run_id) if run_id else runs.ready_for(where, "release")
        folder = step("release", lambda: stages.publish(where, settings, run))
    out.print(f"Published {folder.name}. Page: {folder / 'site' / 'index.html'}")


@app.command("run")
def run_all(
    home: HomeOption = HOME,
    run_id: RunIdOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
) -> None:
    """Do everything in order: ingest, build, estimate, report, publish."""
    from pipelines import stages

    where, settings = open_home(home)
    chosen = chosen_run_id(run_id)
    with only_writer(where, wait):
        ingest_new(where, settings, chosen)
        run = runs.start(where, settings, chosen, runs.parse_as_of(as_of))
        for stage in runs.STAGES:
            run = step(stage, doing(where, settings, run, stage))
        step("release", lambda: stages.publish(where, settings, run))
    views.show_current(out, where)


@app.command()
def releases(home: HomeOption = HOME) -> None:
    """List the releases, and what the current one found."""
    where, _ = open_home(home)
    views.show_releases(out, where)
    views.show_current(out, where)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SQL query.")],
    home: HomeOption = HOME,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV to the output.")] = False,
) -> None:
    """Query the current release, read-only and locked down."""
    from pipelines.release import access

    where, _ = open_home(home)
    with access.open_current(where) as con:
        views.show_rows(out, access.run_query(con, sql), as_csv)


@app.command()
def doctor(home: HomeOption = HOME) -> None:
    """Say whether this machine and this home are fit to run."""
    from pipelines.doctor import examine

    findings = examine(Home(home), dict(os.environ))
    views.show_findings(out, findings)
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(UsageError.exit_code)


@app.command(hidden=True)
def docs() -> None:
    """Write the generated pages of docs/ again (for contributors)."""
    from pipelines.checks.catalogue import write_all

    changed = write_all(PROJECT_ROOT / "docs")
    out.print(f"{len(changed)} page(s) changed")


def main() -> None:
    """Run the command; a fault of the user's gets one screen and no traceback."""
    try:
        app()  # leaves with its own exit code; wrong use is 2
    except PipelineError as error:
        err.print(str(error), markup=False)
        code = error.exit_code
    except Exception as error:  # our own fault: say where, and no value
        code = _report_bug(error)
        if "--debug" in sys.argv[1:]:
            traceback.print_exc()
    sys.exit(code)


def _set_up_logging() -> None:
    """Show our own messages only: a library's can repeat a row's values."""
    logging.getLogger().addHandler(logging.NullHandler())
    ours = logging.getLogger("pipelines")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    ours.handlers = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False


def _report_bug(error: Exception) -> int:
    place = traceback.extract_tb(error.__traceback__)[-1]
    err.print(
        f"This is a fault of ours: {type(error).__name__} at "
        f"{Path(place.filename).name}:{place.lineno}.\n"
        "Nothing was published. Run again with `outcomes --debug ...` to see more; "
        "what it shows can hold values, so do not send it on.",
        markup=False,
    )
    return PipelineError.exit_code
