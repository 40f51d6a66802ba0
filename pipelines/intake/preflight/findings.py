"""What the pre-flight of a delivery found, in counts, positions and our own names."""

from dataclasses import asdict, dataclass
from typing import Any

from pipelines.intake.preflight.gaps import Gaps


@dataclass(frozen=True)
class FileSeen:
    """One file of the delivery."""

    position: int
    """In order of name; 1 is the first."""

    name: str
    """Its name if every word of it is ours, else its position."""

    row_count: int
    column_count: int


@dataclass(frozen=True)
class FeedFound:
    """How one feed of the delivery would load."""

    name: str
    row_count: int
    duplicate_count: int | None
    """None where they were not counted: of a delivery that would be refused."""

    quarantined_count: int
    sent: tuple[str, ...]
    """Contract columns that the delivery sends."""

    not_sent: tuple[str, ...]
    """Contract columns that it does not."""


@dataclass(frozen=True)
class Problem:
    """One thing for which the delivery would be refused."""

    what: str
    """What is wrong and where, in a sentence or two."""

    feed: str = ""
    hint: str = ""
    """What it may be, and what to do."""


@dataclass(frozen=True)
class Warned:
    """One check that does not hold and would not keep the delivery out."""

    feed: str
    check_id: str
    failed_count: int | None
    tested_count: int | None
    is_quarantine: bool
    """Its rows would be quarantined; else it is told and nothing more."""

    hint: str = ""


@dataclass(frozen=True)
class Preflight:
    """What one delivery holds, and what keeps it from loading."""

    source: str
    is_described: bool
    """A source describes it; else the contract's own names were looked for."""

    feeds: tuple[FeedFound, ...]
    feeds_not_sent: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Warned, ...]
    gaps: Gaps
    files: tuple[FileSeen, ...] = ()
    """Told where something is wrong."""

    changes: tuple[str, ...] = ()
    """How its figures differ from those of the accepted deliveries before."""

    column_changes: tuple[str, ...] = ()
    """How its files' columns differ from the accepted delivery before."""

    is_known: bool = False
    """It has been loaded before."""

    is_late: bool = False
    """A newer delivery of its source counts: its rows would replace none of that."""

    maximum_quarantined_share: float = 0.0
    """Share of a feed's rows (0-1) above which a row rule refuses the delivery."""

    @property
    def would_load(self) -> bool:
        """Nothing keeps the delivery from loading."""
        return not self.problems

    def for_machines(self) -> dict[str, Any]:
        """Return all of it as plain lists and dicts."""
        return {"would_load": self.would_load, **asdict(self)}
