"""A run: one build from staging to release, all its stages at one `as_of`."""

import json
import re
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines import private
from pipelines.errors import UsageError
from pipelines.settings import PROJECT_ROOT, Home, Settings

STAGES = (
    "staging",
    "intermediate",
    "marts",
    "estimates",
    "aggregates",
    "reports",
)
"""What a run does, in order; publishing the release comes after."""

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


@dataclass(frozen=True)
class Run:
    """What is fixed for all the stages of one run."""

    run_id: str
    as_of: str
    """Only loads accepted up to this instant count; ISO 8601, UTC."""

    settings_sha256: str
    git_commit: str | None
    finished: tuple[str, ...] = ()


def new_run_id() -> str:
    """Return a run id from the clock, such as 20261122T201530123Z."""
    instant = datetime.now(UTC)
    return f"{instant:%Y%m%dT%H%M%S}{instant.microsecond // 1000:03d}Z"


def check_run_id(run_id: str) -> str:
    """Return the run id if it can name a folder.

    Raises:
        UsageError: It cannot.
    """
    if not RUN_ID.fullmatch(run_id):
        raise UsageError(
            "A run id holds letters, digits, - and _ only, at most 128 of them."
        )
    return run_id


def parse_as_of(text: str | None) -> str:
    """Return an instant in UTC to the microsecond; the present one for None.

    Raises:
        UsageError: The text is not an ISO 8601 time, or lies in the future.
    """
    if text is None:
        instant = datetime.now(UTC)
    else:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(
                "--as-of takes an ISO time, such as 2026-11-22T06:00:00Z."
            ) from None
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
    if instant > datetime.now(UTC):
        raise UsageError(
            "--as-of lies in the future: what is accepted until then would mix in."
        )
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def start(home: Home, settings: Settings, run_id: str, as_of: str) -> Run:
    """Begin a run, or begin it again from its first stage.

    Raises:
        UsageError: The run was published already: a release never changes.
    """
    if (home.releases / run_id).exists():
        raise UsageError(
            f"Run {run_id} was published already, and a release never changes. "
            "Leave --run-id out to start a new run."
        )
    home.build_file(run_id).unlink(missing_ok=True)
    run = Run(run_id, as_of, settings.sha256, _git_commit())
    _write(home, run)
    return run


def read(home: Home, run_id: str) -> Run:
    """Return a run that has been started.

    Raises:
        UsageError: There is no such run.
    """
    path = home.build_folder(run_id) / "run.json"
    if not path.exists():
        raise UsageError(
            f"There is no run {run_id}. Start one with: outcomes build --stage staging"
        )
    values = json.loads(path.read_text(encoding="utf-8"))
    return Run(**{**values, "finished": tuple(values["finished"])})


def newest(home: Home) -> Run | None:
    """Return the run with the newest `as_of`; None before the first."""
    started = (read(home, path.parent.name) for path in home.builds.glob("*/run.json"))
    return max(started, key=lambda run: (run.as_of, run.run_id), default=None)


def ready_for(home: Home, stage: str) -> Run:
    """Return the newest run, which must wait for this stage.

    An older run that waits is never taken by itself: it would put old figures over
    newer ones. Name it with --run-id.

    Args:
        home: Where the runs are.
        stage: One of `STAGES` after the first, or `release`.

    Raises:
        UsageError: There is no run, or the newest is not that far, or further.
    """
    order = (*STAGES, "release")
    before = order[order.index(stage) - 1]
    run = newest(home)
    if run is None or before not in run.finished or stage in run.finished:
        raise UsageError(
            f"The newest run has not just finished {before}, so none waits for "
            f"{stage}. Run the stages in order, or all of them with: outcomes run"
        )
    return run


def begin(home: Home, settings: Settings, run: Run, stage: str) -> Run:
    """Take back this stage and what came after it, before it is done again.

    Args:
        home: Where the run is.
        settings: Must be what the run started with.
        run: The run.
        stage: One of `STAGES`, or `release`.

    Raises:
        UsageError: The stage before has not finished, or settings.toml changed.
    """
    expect(run, stage)
    if settings.sha256 != run.settings_sha256:
        raise UsageError(
            f"settings.toml has changed since run {run.run_id} started, and one run "
            "has one set of settings. Start a new run: outcomes run"
        )
    order = (*STAGES, "release")
    kept = tuple(d for d in run.finished if order.index(d) < order.index(stage))
    begun = replace(run, finished=kept)
    _write(home, begun)
    return begun


def expect(run: Run, stage: str) -> None:
    """Raise unless the stage before this one has finished.

    Raises:
        UsageError: It has not.
    """
    order = (*STAGES, "release")
    position = order.index(stage)
    if position and order[position - 1] not in run.finished:
        raise UsageError(
            f"Run {run.run_id} has not finished {order[position - 1]}, which comes "
            f"before {stage}. Finished so far: {', '.join(run.finished) or 'nothing'}."
        )


def finish(home: Home, run: Run, stage: str) -> Run:
    """Note that a stage of a run has passed its guard."""
    finished = replace(run, finished=(*run.finished, stage))
    _write(home, finished)
    return finished


@private.files()
def _write(home: Home, run: Run) -> None:
    folder = home.build_folder(run.run_id)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**run.__dict__, "finished": list(run.finished)}, indent=2)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def _git_commit(root: Path = PROJECT_ROOT) -> str | None:
    """Commit of the checkout, `-dirty` if it was changed; None without git."""
    try:
        found = subprocess.run(
            [
                "git",
                "-C",
                str(root),
                "describe",
                "--always",
                "--dirty",
                "--abbrev=40",
                "--exclude=*",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return found.stdout.strip() if found.returncode == 0 else None
