"""The one folder that holds a service's state, and what is where in it."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parents[1]
"""The checkout: dbt_project/ and examples/ are found from here."""

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
