"""The settings that a service may change, with our defaults (its home: `home.py`).

The environment is read in `pipelines/cli.py` and `cli_steps.py` and nowhere else;
everything below receives a `Home` and a `Settings`.
"""

import hashlib
import os
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from pipelines.errors import UsageError
from pipelines.home import PROJECT_ROOT, Home
from pipelines.intake.drift import limits
from pipelines.setting_ranges import check_ranges

__all__ = [
    "PROJECT_ROOT",
    "Disclosure",
    "Gate",
    "Home",
    "Intake",
    "Retention",
    "Settings",
    "load_settings",
]


@dataclass(frozen=True)
class Intake:
    """Limits on what a delivery may contain."""

    maximum_quarantined_share: float = 0.05
    """Share of a feed's rows (0-1) that one row rule may quarantine. Above it the
    fault is the extract's, not the rows', and the delivery is refused."""

    maximum_quarantined_rows_share: float = 0.10
    """Share of a feed's rows (0-1) that all its row rules together may quarantine, each
    row counted once. Twice what one rule may, for rows fail for more than one reason;
    beyond one row in ten, what is left no longer stands for what was sent."""

    maximum_adapter_seconds: int = 1800
    """How long one adapter may run. A year of a national service takes minutes."""

    maximum_adapter_disk: str = "100GB"
    """Temporary disk that one adapter may fill, beside the rows that were read."""


@dataclass(frozen=True)
class Retention:
    """How long rows are kept that do not count any more, in days; 0 keeps them.

    Kept for good by default: what is removed cannot be had back, and a run as of an
    earlier instant needs it. A service sets these where its rules ask for it.
    """

    superseded_days: int = 0
    """Since newer loads took the place of all rows of a load."""

    withdrawn_days: int = 0
    """Since a person withdrew the load."""


@dataclass(frozen=True)
class Gate:
    """When an estimate is withheld (METHODS 9); our convention, not a published rule."""

    minimum_people_per_arm: int = 20
    """People with an outcome in each arm."""

    minimum_events_per_arm: int = 10
    """People in each arm seen to have the event, where the time to it is compared."""

    minimum_observed_share: float = 0.60
    """Share of each arm (0-1) whose outcome was observed."""

    maximum_observed_share_difference: float = 0.15
    """Largest gap (0-1) between the arms' observed shares."""

    maximum_imbalance: float = 0.10
    """Largest difference on day 0 after weighting, in standard deviations; it counts
    where it is also beyond chance."""

    minimum_equipoise: float = 0.20
    """Least share (0-1) of people who could well have had either arm, of a choice made
    on day 0."""

    minimum_chance: float = 0.02
    """Least share (0-1) of a group of people who follow a strategy for the group to be
    compared at all."""

    minimum_effective_size: float = 100.0
    """People that the followers of a strategy are worth, in each arm."""

    maximum_weight_share: float = 0.05
    """Largest part (0-1) of an arm's weight that one follower may have."""

    maximum_weight_share_of_a_choice: float = 0.10
    """The same of a choice made on day 0, where arms may be smaller. Who counts for a
    tenth of an arm decides it nearly alone."""

    maximum_mean_weight_error: float = 0.10
    """How far from 1 the mean stabilised weight of a strategy may lie."""

    overridden: str = ""
    """comparison_ids, with spaces between them, that are shown although their gate
    failed. Each is named in the manifest and on its figures."""


@dataclass(frozen=True)
class Disclosure:
    """How small numbers are kept out of reports."""

    profile: str = ""
    """`default` or `public_data`; empty takes the strictest of the sources'."""

    minimum_cell_count: int = 11
    """Smallest count of people, and of its complement, that may be shown."""

    rounding_base: int = 5
    """Counts are rounded to a multiple of this before rates are made."""

    minimum_clinicians: int = 5
    """Fewest clinicians, where any is recorded, behind a rate that is shown
    (METHODS 7: at least five therapists per displayed group)."""


@dataclass(frozen=True)
class Settings:
    """Everything a service may set, with our defaults."""

    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    """DuckDB and dbt threads."""

    memory_limit: str = "8GB"
    """DuckDB memory limit."""

    release_every_days: int = 31
    """A release older than this is late; pages say so themselves."""

    intake: Intake = field(default_factory=Intake)
    retention: Retention = field(default_factory=Retention)
    drift: limits.Drift = field(default_factory=limits.Drift)
    gate: Gate = field(default_factory=Gate)
    disclosure: Disclosure = field(default_factory=Disclosure)
    sha256: str = field(default=hashlib.sha256(b"").hexdigest(), compare=False)
    """Hash of settings.toml, kept in the release's manifest."""

    @property
    def duckdb_config(self) -> dict[str, str | int]:
        """What a DuckDB connection is opened with."""
        return {"memory_limit": self.memory_limit, "threads": self.threads}


def load_settings(home: Home, threads: int | None = None) -> Settings:
    """Read settings.toml of a home; defaults where it is absent.

    Args:
        home: The home folder.
        threads: Overrides the file's `threads`.

    Raises:
        UsageError: The file is not TOML, or has an unknown key or a wrong type.
    """
    path = home.settings_file
    try:
        text = path.read_bytes() if path.exists() else b""
    except OSError:
        raise UsageError(
            f"{path} cannot be read: it is not a file, or this user may not read it.\n"
            "Mend that, or remove it to use the defaults."
        ) from None
    try:
        values = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}\n"
            "Mend the file, or remove it to use the defaults."
        ) from None
    if threads is not None:
        values["threads"] = threads
    settings = _fill(Settings, values, where=str(path))
    check_ranges(settings, where=str(path))
    object.__setattr__(settings, "sha256", hashlib.sha256(text).hexdigest())
    return settings


def _fill(kind: type, values: dict[str, Any], where: str) -> Any:
    known = {item.name: item for item in fields(kind) if item.name != "sha256"}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise UsageError(
            f"{where} has settings we do not know: {', '.join(unknown)}.\n"
            f"Known here: {', '.join(known)}."
        )
    filled = {}
    for name, value in values.items():
        default = getattr(kind(), name)
        if is_dataclass(default):
            if not isinstance(value, dict):
                raise UsageError(f"{where}: [{name}] must be a table of settings.")
            filled[name] = _fill(type(default), value, where=f"{where} [{name}]")
            continue
        wanted = float if isinstance(default, float) else type(default)
        if isinstance(value, bool) or not isinstance(
            value, (int, float) if wanted is float else wanted
        ):
            raise UsageError(f"{where}: {name} must be of type {wanted.__name__}.")
        filled[name] = wanted(value)
    return kind(**filled)
