"""Build one stage's tables with dbt and read its guard's results.

dbt runs as a process of its own, so that it leaves no file open. What it writes
(log, run_results.json) can repeat values from rows: it goes into a temporary
folder that is removed; `transform_results` says what may come out of it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.checks.results import CheckResult
from pipelines.errors import PipelineError, UsageError
from pipelines.settings import PROJECT_ROOT, Home, Settings
from pipelines.transform_results import read_results, scrub

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
"""The models and their guards."""

SELECTED = {
    "staging": ("path:seeds", "path:models/staging"),
    "intermediate": ("path:models/intermediate",),
    "marts": ("path:models/marts",),
    "aggregates": ("path:models/aggregates",),
}
"""What dbt builds in each stage; the seeds come with the first."""

PARSED = "parsed_project.msgpack"
"""The project as dbt read it, kept beside the build so that the run's later stages
need not read it again (4 s each). It holds our code and no row."""


def build_stage(
    home: Home, run_id: str, stage: str, as_of: str, settings: Settings
) -> list[CheckResult]:
    """Build one stage's models and run their tests, in one `dbt build`.

    Also writes needs.json beside the build file: which mart columns need which
    optional feed. Does not record the results and does not stop on a failure:
    that is the caller's. What dbt skipped after a failure has no result.

    Args:
        home: The home folder; the build file is made if it is not there yet.
        run_id: The run that is building.
        stage: staging, intermediate, marts or aggregates.
        as_of: Loads accepted after this instant are invisible. ISO 8601, UTC.
        settings: Threads and memory.

    Returns:
        One result per data test and unit test, one `contract_holds` per model with
        a contract, and an `error` for each model or seed that could not be built.

    Raises:
        UsageError: The stage is not one that dbt builds.
        PipelineError: There is no raw warehouse, or dbt ended without results.
    """
    if stage not in SELECTED:
        raise UsageError(
            f"dbt builds no stage called {stage}. Stages: {', '.join(SELECTED)}."
        )
    if not home.raw_file.exists():
        raise PipelineError(
            f"{home.raw_file} is not there: nothing has been ingested yet. "
            "Run: outcomes ingest"
        )
    folder = home.build_file(run_id).parent
    folder.mkdir(parents=True, exist_ok=True)
    parsed = folder / PARSED
    for left_by_a_killed_run in folder.glob(".dbt-*"):
        shutil.rmtree(left_by_a_killed_run)
    with tempfile.TemporaryDirectory(prefix=".dbt-", dir=folder) as temporary:
        target = Path(temporary)
        process = subprocess.run(
            command(
                (
                    "build",
                    "--select",
                    *SELECTED[stage],
                    "--indirect-selection=buildable",
                ),
                as_of,
                target,
                parsed,
            ),
            cwd=DBT_PROJECT,
            env=environment(home, run_id, settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        run_results = _read_json(target / "run_results.json")
        manifest = _read_json(target / "manifest.json")
        if (target / "partial_parse.msgpack").exists():
            (target / "partial_parse.msgpack").replace(parsed)
    if run_results is None or manifest is None:
        raise PipelineError(
            f"dbt ended with exit code {process.returncode} before it built anything "
            f"of stage {stage}: {scrub(process.stdout)}"
        )
    _write_needs(folder / "needs.json", manifest)
    results = read_results(run_results, manifest, run_id, stage)
    if process.returncode != 0 and not any(r.stops_the_run for r in results):
        raise PipelineError(
            f"dbt ended with exit code {process.returncode} in stage {stage} and "
            f"named no failure that explains it: {scrub(process.stdout)}"
        )
    return results


def command(what: tuple[str, ...], as_of: str, target: Path, parsed: Path) -> list[str]:
    """Return the command line of one dbt command on this project.

    Args:
        what: The command and its own options.
        as_of: Loads accepted after this instant are invisible.
        target: Where dbt may write.
        parsed: The project as an earlier command of this run read it.
    """
    return [
        sys.executable,
        "-c",
        "from dbt.cli.main import cli; cli()",
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        "--no-use-colors",
        # dbt refuses the name of a file that is not there yet
        *([f"--partial-parse-file-path={parsed}"] if parsed.exists() else []),
        "--log-level-file=none",
        "--log-level=error",
        f"--log-path={target}",
        *what,
        f"--vars={json.dumps({'as_of': as_of})}",
        f"--project-dir={DBT_PROJECT}",
        f"--profiles-dir={DBT_PROJECT}",
        f"--target-path={target}",
    ]


def environment(home: Home, run_id: str, settings: Settings) -> dict[str, str]:
    """Return the environment in which dbt reads and writes one run's files."""
    # A DBT_ variable of the person's own would change what is built.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
    return {
        **inherited,
        "OUTCOMES_BUILD_FILE": str(home.build_file(run_id)),
        "OUTCOMES_RAW_FILE": str(home.raw_file),
        "OUTCOMES_THREADS": str(settings.threads),
        "OUTCOMES_MEMORY_LIMIT": settings.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
        "DO_NOT_TRACK": "1",
    }


def _read_json(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _write_needs(path: Path, manifest: dict[str, Any]) -> None:
    """Write which mart columns need which optional feeds or columns."""
    needs = [
        {"table": node["name"], "column": column["name"], "needs": needed}
        for node in _marts(manifest["nodes"].values())
        for column in node["columns"].values()
        if (needed := ((column.get("config") or {}).get("meta") or {}).get("needs"))
    ]
    scratch = path.with_suffix(".json.part")
    scratch.write_text(json.dumps(needs, indent=1) + "\n", "utf-8")
    scratch.replace(path)


def _marts(nodes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    marts = (n for n in nodes if n["resource_type"] == "model")
    return sorted((n for n in marts if n["schema"] == "marts"), key=lambda n: n["name"])
