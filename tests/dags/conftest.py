"""Airflow for tests: a home and a metadata database that are thrown away."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DAG_FOLDER = ROOT / "dags"

# Airflow writes into its home as soon as it is imported, so this comes first.
_IMPORT_HOME = tempfile.mkdtemp(prefix="airflow-")
os.environ["AIRFLOW_HOME"] = _IMPORT_HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"


def pytest_sessionfinish():
    shutil.rmtree(_IMPORT_HOME, ignore_errors=True)


def shared_environment() -> dict[str, str]:
    """Variables of .env.defaults, which every process of the product gets."""
    lines = (ROOT / ".env.defaults").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] != "#")


@dataclass(frozen=True)
class Place:
    """A home with Airflow in it, and the environment to run commands with."""

    home: Path
    environment: dict[str, str] = field(repr=False)
    root: Path = ROOT
    example: Path = ROOT / "examples" / "beat_the_blues"

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if check and done.returncode != 0:
            pytest.fail(f"{' '.join(command)}: {done.returncode}\n{_end_of(done)}")
        return done

    def run_dag(self, dag_id: str, *options: str) -> "DagRun":
        done = self.run("airflow", "dags", "test", dag_id, *options, check=False)
        return DagRun(done.returncode, done.stdout + done.stderr)

    def releases(self) -> list[str]:
        folder = self.home / "releases"
        return sorted(
            path.name
            for path in (folder.iterdir() if folder.exists() else ())
            if path.is_dir() and not path.is_symlink()
        )


@dataclass(frozen=True)
class DagRun:
    """What `airflow dags test` did: its exit code and its log."""

    exit_code: int
    log: str = field(repr=False)

    @property
    def ending(self) -> str:
        return "\n".join(self.log.splitlines()[-60:])

    def tasks_started(self) -> list[str]:
        return [
            line.split("starting task_id=")[1].split()[0]
            for line in self.log.splitlines()
            if "starting task_id=" in line
        ]


@pytest.fixture(scope="module")
def make_place(tmp_path_factory):
    """A function that gives a fresh place, with Airflow's database made."""

    def make(first_on_path: Path | None = None) -> Place:
        home = tmp_path_factory.mktemp("home")
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        if first_on_path:
            path.insert(0, str(first_on_path))
        environment = {
            **os.environ,
            **shared_environment(),
            "PATH": os.pathsep.join(path),
            "OUTCOMES_HOME": str(home),
            "AIRFLOW_HOME": str(home / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FOLDER),
        }
        place = Place(home, environment)
        place.run("airflow", "db", "migrate")
        return place

    return make


def _end_of(done: subprocess.CompletedProcess) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-40:])
