"""What the commands share: their options, the home, and the steps of a run.

The environment is read in `pipelines/cli.py` and here, and nowhere else.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipelines import runs, views
from pipelines.errors import UsageError
from pipelines.locks import only_writer
from pipelines.settings import Home, Settings, load_settings

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="OUTCOMES_HOME", help="Folder that holds all state."),
]
RunIdOption = Annotated[
    str | None,
    typer.Option("--run-id", help="Name of the run; a new one from the clock."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Read loads accepted up to this instant (ISO, UTC)."),
]
WaitOption = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for another writer.")
]
HOME = Path("home")


def open_home(home: Path) -> tuple[Home, Settings]:
    """Return the home and what its settings.toml says."""
    where = Home(home)
    return where, load_settings(where, _threads())


def _threads() -> int | None:
    text = os.environ.get("OUTCOMES_THREADS", "")
    if text and not text.isdigit():
        raise UsageError("OUTCOMES_THREADS must be a whole number.")
    return int(text) if text else None


def chosen_run_id(run_id: str | None) -> str:
    """Return the run id that was given, or a new one from the clock."""
    return runs.check_run_id(run_id) if run_id else runs.new_run_id()


def ingest_new(
    where: Home, settings: Settings, run_id: str, again: tuple[str, ...] = ()
) -> bool:
    """Load what is new; returns whether anything was. Refusals end the command."""
    from pipelines.intake.ingest import ingest as load_new
    from pipelines.intake.ingest import loads_wait, remember_loads

    outcome = step("ingest", lambda: load_new(where, settings, run_id, again))
    views.show_outcome(out, outcome)
    has_loaded = bool(outcome.loaded) or loads_wait(where)
    remember_loads(where, wait=has_loaded and bool(outcome.refused))
    if outcome.refused:
        faults = list(dict.fromkeys(outcome.refused.values()))  # copies share one
        for fault in faults[:-1]:
            err.print(str(fault), markup=False)
        raise faults[-1]
    return has_loaded


def one_stage(
    home: Path, stage: str, run_id: str | None, as_of: str | None, wait: float
) -> None:
    """Do one stage of a run; the first stage begins one."""
    where, settings = open_home(home)
    with only_writer(where, wait):
        if stage == runs.STAGES[0]:
            chosen = chosen_run_id(run_id)
            run = runs.start(where, settings, chosen, runs.parse_as_of(as_of))
        else:
            run = runs.read(where, run_id) if run_id else runs.ready_for(where, stage)
            if as_of and runs.parse_as_of(as_of) != run.as_of:
                raise UsageError(
                    f"Run {run.run_id} reads the loads as of {run.as_of}; every stage "
                    "of a run does. Leave --as-of out, or start a new run."
                )
        step(stage, doing(where, settings, run, stage))
    out.print(f"Run {run.run_id}: {stage} finished")


def doing(
    where: Home, settings: Settings, run: runs.Run, stage: str
) -> Callable[[], runs.Run]:
    """Return the work of one stage, for `step`."""
    from pipelines import stages

    return lambda: stages.do_stage(where, settings, run, stage)


def step(name: str, work: Callable[[], Any]) -> Any:
    """Do a step with a spinner on a terminal; elsewhere the log says what goes on."""
    if err.is_terminal:
        with err.status(f"{name} ..."):
            return work()
    return work()
