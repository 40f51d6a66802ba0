"""Look at this machine and this home, and say what would go wrong."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from pipelines import private
from pipelines.errors import PipelineError
from pipelines.intake.sources import load_sources
from pipelines.locks import only_writer
from pipelines.release.access import current_release
from pipelines.settings import Home, load_settings

SUPPORTED_PYTHON = ((3, 11), (3, 13))
NEEDED = ("apache-airflow", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
SMALLEST_FREE_BYTES = 5 * 1024**3
QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    "GX_ANALYTICS_ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}
"""Variables that keep the libraries from sending usage statistics."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, a warning, or a fault to mend first."""

    level: str
    subject: str
    text: str


def examine(home: Home, environment: dict[str, str]) -> list[Finding]:
    """Return what was found, in the order in which to read it.

    Args:
        home: The home to look at.
        environment: The process's environment.
    """
    return [
        _python(),
        *(_package(name) for name in NEEDED),
        _disk(home),
        _settings(home),
        _sources(home),
        _lock(home),
        _release(home),
        _restricted(home),
        _telemetry(environment),
        _login(environment),
    ]


def _python() -> Finding:
    low, high = SUPPORTED_PYTHON
    is_supported = low <= sys.version_info[:2] <= high and os.name == "posix"
    return Finding(
        "fine" if is_supported else "fault",
        "Python",
        f"{platform.python_version()} on {platform.system()}; "
        "3.11 to 3.13 on Linux or macOS are supported",
    )


def _package(name: str) -> Finding:
    try:
        return Finding("fine", name, version(name))
    except PackageNotFoundError:
        return Finding("fault", name, "is not installed: make setup")


def _disk(home: Home) -> Finding:
    place = next(path for path in (home.root, *home.root.parents) if path.exists())
    if not os.access(place, os.W_OK):
        return Finding("fault", "home", f"{home.root} cannot be written to")
    free = shutil.disk_usage(place).free
    level = "fine" if free >= SMALLEST_FREE_BYTES else "warning"
    return Finding(level, "home", f"{home.root}; {free / 1024**3:.0f} GiB free")


def _settings(home: Home) -> Finding:
    try:
        load_settings(home)
    except PipelineError as error:
        return Finding("fault", "settings", str(error))
    text = "settings.toml" if home.settings_file.exists() else "our defaults"
    return Finding("fine", "settings", text)


def _sources(home: Home) -> Finding:
    try:
        names = [source.name for source in load_sources(home)]
    except PipelineError as error:
        return Finding("fault", "sources", str(error))
    if not names:
        return Finding("warning", "sources", "none yet: outcomes source add FOLDER")
    return Finding("fine", "sources", ", ".join(names))


def _lock(home: Home) -> Finding:
    if not home.root.exists():
        return Finding("fine", "writer", "nobody is writing")
    try:
        with only_writer(home):
            return Finding("fine", "writer", "nobody is writing")
    except PipelineError:
        return Finding("warning", "writer", "another command is writing now")


def _release(home: Home) -> Finding:
    folder = current_release(home)
    if folder is None:
        return Finding("warning", "release", "nothing has been published yet")
    return Finding("fine", "release", f"current is {folder.name}")


def _restricted(home: Home) -> Finding:
    """Say which folders with rows of people other users of the machine may enter."""
    found = private.open_to_others(home)
    if not found:
        return Finding("fine", "restricted folders", "closed to other users")
    return Finding(
        "warning",
        "restricted folders",
        "other users of this machine may look into "
        f"{', '.join(f'{path.name}/' for path in found)}, which hold rows of people: "
        f"chmod o= {' '.join(str(path) for path in found)}",
    )


def _telemetry(environment: dict[str, str]) -> Finding:
    loud = [name for name, value in QUIET.items() if environment.get(name) != value]
    if loud:
        return Finding(
            "warning",
            "telemetry",
            "make targets switch it off; in this shell these are not set: "
            + ", ".join(f"{name}={QUIET[name]}" for name in loud),
        )
    return Finding("fine", "telemetry", "off")


def _login(environment: dict[str, str]) -> Finding:
    manager = environment.get("AIRFLOW__CORE__AUTH_MANAGER", "")
    if "airflow" in manager.lower() and "Simple" not in manager:
        return Finding("fine", "Airflow login", "not the simple one")
    return Finding(
        "warning",
        "Airflow login",
        "the simple login is for one person on one machine; on a shared host use "
        "the one in docker-compose.yml",
    )
