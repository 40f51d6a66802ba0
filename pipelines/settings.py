"""The home folder and the settings that a service may change.

The environment is read in `pipelines/cli.py` and nowhere else; everything below
it receives a `Home` and a `Settings`.
"""

import hashlib
import os
import re
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.intake.drift import limits

PROJECT_ROOT = Path(__file__).resolve().parents[1]
"""The checkout: dbt_project/ and examples/ are found from here."""


MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])i?B", re.IGNORECASE)
"""DuckDB's notation of a size."""

MEMORY_UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}
"""Powers of two, near enough for a bound."""

MOST_MEMORY = 1 << 50
"""A pebibyte, more than any machine has. DuckDB counts to 16,384 of them, and fails on
more."""

LONGEST_RETENTION_DAYS = 36_500
"""A hundred years: whoever writes more means to keep, and writes 0."""

UNSAFE_IN_PATHS = "?*[]"
"""Characters that DuckDB reads as a pattern or as options in a file's path."""


@dataclass(frozen=True)
class Home:
    """The one folder that holds a service's state (docs/adr/0002)."""

    root: Path

    def __post_init__(self) -> None:
        root = self.root.expanduser().resolve()
        if root.is_file() or set(str(root)) & set(UNSAFE_IN_PATHS):
            raise UsageError(
                f"{root} cannot be the home: it must be a folder, with none of "
                f"{UNSAFE_IN_PATHS} in its path."
            )
        object.__setattr__(self, "root", root)

    @property
    def settings_file(self) -> Path:
        """Thresholds, disclosure profile and retention."""
        return self.root / "settings.toml"

    @property
    def sources(self) -> Path:
        """One folder per source: source.yml and one `<feed>.sql` each."""
        return self.root / "sources"

    @property
    def landing(self) -> Path:
        """What the sources sent; never written by the product."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """Refused rows with the check that refused them. Restricted."""
        return self.root / "quarantine"

    @property
    def raw_file(self) -> Path:
        """Every load, one DuckDB file. Restricted."""
        return self.root / "warehouse" / "raw.duckdb"

    @property
    def builds(self) -> Path:
        """One folder per run."""
        return self.root / "builds"

    @property
    def checks(self) -> Path:
        """Check results of each run, as they happen."""
        return self.root / "checks"

    @property
    def releases(self) -> Path:
        """Published releases and the link `current`."""
        return self.root / "releases"

    @property
    def packs(self) -> Path:
        """Scheduled packs made from a release."""
        return self.root / "packs"

    @property
    def scratch(self) -> Path:
        """Temporary files of a running command; swept by the next one."""
        return self.root / "scratch"

    @property
    def restricted(self) -> tuple[Path, ...]:
        """Folders that hold rows of people."""
        held = (self.landing, self.quarantine, self.raw_file.parent, self.builds)
        return (*held, self.scratch)

    @property
    def audit_file(self) -> Path:
        """Append-only record of who loaded, refused, published and exported."""
        return self.root / "audit.jsonl"

    @property
    def lock_file(self) -> Path:
        """Held by every command that writes."""
        return self.root / ".lock"

    def build_folder(self, run_id: str) -> Path:
        """Folder of one run's build."""
        return self.builds / run_id

    def build_file(self, run_id: str) -> Path:
        """DuckDB file of one run's build."""
        return self.builds / run_id / "outcomes.duckdb"

    def checks_file(self, run_id: str) -> Path:
        """Check results of one run, JSON lines."""
        return self.checks / f"{run_id}.jsonl"


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
    """Temporary disk that one adapter may fill, and that DuckDB may for a delivery."""


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
    _check_ranges(settings, where=str(path))
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


def _is_memory(text: str) -> bool:
    size = MEMORY.fullmatch(text)
    if size is None:
        return False
    return float(size[1]) <= MOST_MEMORY >> MEMORY_UNITS[size[2].upper()]


def bytes_of(text: str) -> int:
    """Return a size in DuckDB's notation in bytes, near enough for a bound.

    Examples:
        >>> bytes_of("8GB") == 8 << 30
        True
    """
    size = MEMORY.fullmatch(text)
    return int(float(size[1]) * (1 << MEMORY_UNITS[size[2].upper()]))


def _check_ranges(settings: Settings, where: str) -> None:
    gate, disclosure = settings.gate, settings.disclosure
    share = "a share, from 0 to 1"
    rules = (
        ("threads", settings.threads >= 1, "1 or more"),
        (
            "memory_limit",
            _is_memory(settings.memory_limit),
            'a size such as "8GB", up to 1024TB',
        ),
        ("release_every_days", settings.release_every_days >= 1, "1 or more"),
        (
            "[intake] maximum_quarantined_share",
            0 <= settings.intake.maximum_quarantined_share <= 1,
            share,
        ),
        (
            "[intake] maximum_quarantined_rows_share",
            0 <= settings.intake.maximum_quarantined_rows_share <= 1,
            share,
        ),
        (
            "[intake] maximum_adapter_seconds",
            settings.intake.maximum_adapter_seconds >= 1,
            "1 or more",
        ),
        (
            "[intake] maximum_adapter_disk",
            _is_memory(settings.intake.maximum_adapter_disk),
            'a size such as "100GB", up to 1024TB',
        ),
        *(
            (
                f"[retention] {name}",
                0 <= days <= LONGEST_RETENTION_DAYS,
                f"0 to keep, or up to {LONGEST_RETENTION_DAYS} days",
            )
            for name, days in vars(settings.retention).items()
        ),
        (
            "[gate] minimum_people_per_arm",
            gate.minimum_people_per_arm >= 2,
            "2 or more",
        ),
        ("[gate] minimum_observed_share", 0 <= gate.minimum_observed_share <= 1, share),
        (
            "[gate] maximum_observed_share_difference",
            0 <= gate.maximum_observed_share_difference <= 1,
            share,
        ),
        ("[gate] maximum_imbalance", gate.maximum_imbalance > 0, "above 0"),
        ("[gate] minimum_equipoise", 0 <= gate.minimum_equipoise <= 1, share),
        ("[gate] minimum_chance", 0 <= gate.minimum_chance <= 1, share),
        (
            "[gate] minimum_effective_size",
            gate.minimum_effective_size >= 2,
            "2 or more",
        ),
        ("[gate] maximum_weight_share", 0 < gate.maximum_weight_share <= 1, share),
        (
            "[gate] maximum_mean_weight_error",
            0 < gate.maximum_mean_weight_error <= 1,
            share,
        ),
        (
            "[disclosure] minimum_cell_count",
            disclosure.minimum_cell_count >= 2,
            "2 or more",
        ),
        ("[disclosure] rounding_base", disclosure.rounding_base >= 1, "1 or more"),
        (
            "[disclosure] minimum_clinicians",
            disclosure.minimum_clinicians >= 2,
            "2 or more",
        ),
        *limits.rules(settings.drift),
    )
    wrong = [f"{name} must be {wanted}" for name, holds, wanted in rules if not holds]
    if wrong:
        raise UsageError(f"{where}: {'; '.join(wrong)}.")
