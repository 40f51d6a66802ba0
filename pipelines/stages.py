"""Do one stage of a run and its guard, and note that it has finished."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines import audit, private, runs
from pipelines.checks import records
from pipelines.checks.expectations import opened
from pipelines.checks.results import (
    CheckResult,
    forget,
    read,
    record,
    stop_on_failure,
)
from pipelines.errors import UsageError
from pipelines.intake import raw, retention
from pipelines.release import disclosure, quality, questions, reports, stated
from pipelines.runs import Run
from pipelines.settings import Home, Settings
from pipelines.sql import quoted

logger = logging.getLogger(__name__)

DBT_STAGES = ("staging", "intermediate", "marts", "aggregates")
ESTIMATES = ("effects", "diagnostics", "curves")


@private.files()
def do_stage(home: Home, settings: Settings, run: Run, stage: str) -> Run:
    """Do one stage of a run.

    Args:
        home: Where the build is.
        settings: Limits and resources.
        run: The run, at the stage before.
        stage: One of `runs.STAGES`.

    Returns:
        The run, with this stage finished.

    Raises:
        UsageError: The stage before has not finished.
        CheckFailedError: The stage's guard stopped the run.
        EstimateFailedError: A comparison could not be estimated.
    """
    private.tighten(home)
    run = runs.begin(home, settings, run, stage)
    forget(home.checks_file(run.run_id), runs.STAGES[runs.STAGES.index(stage) :])
    logger.info("%s: run %s, as of %s", stage, run.run_id, run.as_of)
    _STAGES[stage](home, settings, run, stage)
    audit.note(home, "built", stage=stage, run_id=run.run_id)
    return runs.finish(home, run, stage)


def publish(home: Home, settings: Settings, run: Run) -> Path:
    """Publish a run whose reports have passed their guard; returns the folder.

    Raises:
        UsageError: The reports have not finished, or the run was published before.
    """
    # Only publishing draws charts; their library takes a second to import.
    from pipelines.release import publish as publishing

    runs.expect(run, "release")
    folder = home.releases / run.run_id
    if folder.exists():
        _finish_publishing(home, run)
        return folder
    runs.begin(home, settings, run, "release")
    stop_on_failure(read(home.checks_file(run.run_id)), "release")
    profile = json.loads(_profile_file(home, run).read_text(encoding="utf-8"))
    with private.files(), _open_build(home, settings, run) as con:
        quality.collect_check_results(con, home, run.run_id)
    publishing.publish(home, settings, run, profile["profile"])
    runs.finish(home, run, "release")
    audit.note(home, "published", release_id=run.run_id)
    return folder


def _finish_publishing(home: Home, run: Run) -> None:
    """Make a release current whose publishing was cut off after its folder was whole."""
    from pipelines.release import publish as publishing

    if "release" in run.finished:
        raise UsageError(
            f"Run {run.run_id} was published already, and a release never changes."
        )
    publishing.make_current(home, run.run_id)
    runs.finish(home, run, "release")
    audit.note(home, "published", release_id=run.run_id)


def _transform(home: Home, settings: Settings, run: Run, stage: str) -> None:
    from pipelines import transform

    if not raw.count_accepted(home.raw_file, run.as_of):
        raise UsageError(
            f"No delivery that counts had been accepted by {run.as_of}, so there is "
            "nothing to build. Load one with: outcomes ingest\nWhat was withdrawn does not "
            "count, and what retention removed is gone; outcomes ingest says what to do."
        )
    retention.refuse_purged(home.raw_file, run.as_of)
    _keep(
        home,
        run,
        stage,
        transform.build_stage(home, run.run_id, stage, run.as_of, settings),
    )


def _estimate(home: Home, settings: Settings, run: Run, stage: str) -> None:
    from importlib import import_module

    from pipelines.compare import estimate

    build_file = home.build_file(run.run_id)
    counts = estimate.run(build_file, settings)
    logger.info(
        "estimates: %s", ", ".join(f"{n} {table}" for table, n in counts.items())
    )
    results = []
    with opened(build_file, stage=stage, run_id=run.run_id) as guard:
        for table in ESTIMATES:
            suite = import_module(f"expectations.estimates.{table}").suite
            results += guard.check(f"estimates.{table}", suite())
    _keep(home, run, stage, results)


def _report(home: Home, settings: Settings, run: Run, stage: str) -> None:
    from pipelines.checks import catalogue
    from pipelines.compare import protocols

    rules = settings.disclosure
    build_file = home.build_file(run.run_id)
    planned = protocols.load_all()
    records.judge_current(home, run.run_id, settings)
    with _open_build(home, settings, run) as con:
        profile = disclosure.choose_profile(con, rules)
        needs = home.build_folder(run.run_id) / "needs.json"
        quality.make(con, needs, run.as_of)
        con.register("stated_comparisons", stated.state_comparisons(planned))
        con.register("stated_outcomes", stated.state_outcomes(planned))
        reports.make(con, reports.PROTECTED_FIRST, profile, rules)
        # Sentences are made from what may be shown, never from what is hidden.
        con.register("answered_questions", questions.answer_questions(con, planned))
        reports.make(con, reports.TOLD_AFTERWARDS, profile, rules)
    _profile_file(home, run).write_text(json.dumps({"profile": profile}), "utf-8")

    def guard(made: tuple[reports.Report, ...]) -> list[CheckResult]:
        return reports.guard(build_file, made, run.run_id, profile, rules)

    _keep(home, run, stage, guard(reports.REPORTS))
    with _open_build(home, settings, run) as con:
        quality.collect_check_results(con, home, run.run_id)
        quality.judge(
            con,
            catalogue.entries(),
            disclosure.smallest_shown(profile, rules),
            rules.rounding_base,
        )
        reports.make(con, reports.QUALITY_REPORTS, profile, rules)
    _keep(home, run, stage, guard(reports.QUALITY_REPORTS))


def _keep(home: Home, run: Run, stage: str, results: list[CheckResult]) -> None:
    record(home.checks_file(run.run_id), results)
    stop_on_failure(results, stage)


def _open_build(home: Home, settings: Settings, run: Run) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(
        str(home.build_file(run.run_id)),
        config={"threads": settings.threads, "memory_limit": settings.memory_limit},
    )
    con.execute(f"attach {quoted(home.raw_file)} as raw (read_only)")
    return con


def _profile_file(home: Home, run: Run) -> Path:
    return home.build_folder(run.run_id) / "disclosure.json"


_STAGES: dict[str, Callable[[Home, Settings, Run, str], None]] = {
    **dict.fromkeys(DBT_STAGES, _transform),
    "estimates": _estimate,
    "reports": _report,
}
