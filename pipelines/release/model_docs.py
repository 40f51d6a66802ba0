"""Write dbt's own documentation of the models into a release, as one page.

It holds our code, its descriptions and the columns' types; no row of a table, and
no path of the machine that made it. It needs no server and, once its counter of
visits is taken out, no network.
"""

import subprocess
import tempfile
from pathlib import Path

from pipelines import transform
from pipelines.errors import PipelineError
from pipelines.runs import Run
from pipelines.settings import Home, Settings

PAGE = "index.html"

NO_NETWORK = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; connect-src 'none'\">"
)
"""What the page may load: itself."""

VISIT_COUNTER = "https://fuzzed.getdbt.com/"


def write(home: Home, settings: Settings, run: Run, folder: Path) -> Path:
    """Write the models' documentation of one build; returns the page.

    Args:
        home: Where the build is; nobody may hold it open.
        settings: Threads and memory.
        run: The run, its reports finished.
        folder: Where to write it; made here.

    Raises:
        PipelineError: dbt wrote no page. Its message is scrubbed.
    """
    build_folder = home.build_folder(run.run_id)
    with tempfile.TemporaryDirectory(prefix=".dbt-", dir=build_folder) as temporary:
        target = Path(temporary)
        process = subprocess.run(
            transform.command(
                ("docs", "generate", "--static"),
                run.as_of,
                target,
                build_folder / transform.PARSED,
            ),
            cwd=transform.DBT_PROJECT,
            env=transform.environment(home, run.run_id, settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        written = target / "static_index.html"
        if process.returncode != 0 or not written.exists():
            raise PipelineError(
                f"dbt ended with exit code {process.returncode} before it wrote the "
                f"models' documentation: {transform.scrub(process.stdout)}"
            )
        page = _without_this_machine(written.read_text("utf-8"), home, target)
    folder.mkdir()
    (folder / PAGE).write_text(page, "utf-8")
    return folder / PAGE


def _without_this_machine(page: str, home: Home, target: Path) -> str:
    """Take out this machine's paths and whatever would reach for the network."""
    for place in (target, home.root, transform.DBT_PROJECT, transform.PROJECT_ROOT):
        for spelt in {str(place), str(place.resolve())}:
            page = page.replace(spelt, place.name if place != target else "target")
    return page.replace(VISIT_COUNTER, "").replace("<head>", f"<head>{NO_NETWORK}", 1)
