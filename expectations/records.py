"""A check on records: what it counts, why it matters, and the query that finds its rows.

The contract's row rules refuse a row by itself. A record check looks at a row beside
others (its patient, its course, the same day, its site) or at what is possible and yet
hardly true. It refuses nothing: its severity is always `warning`.

A query reads these views; whoever runs it makes them (`pipelines/checks/records.py`):

- `judged`: the rows of the check's feed that are judged, refused and retired ones left out;
- `patients`, `clinicians`, ... : each feed as it now stands, these rows included, one row
  per key, with `is_judged`;
- `keys_of_patients`, ... : every key that was sent, also in a row that was refused, so
  that one refused row is not told again by each row that names it;
- `delivery`: one row, `extracted_on` (null where it is not known), `data_to`, and
  `is_calendar` (false where the source sends days from the patient's index day);
- `instruments`, `ingredients`, `defined_daily_doses`: the seeds of those names.
"""

from dataclasses import dataclass
from importlib import import_module

CATEGORIES = ("conformance", "completeness", "plausibility")
"""Kahn 2016 (eGEMs 4:1244)."""

SOURCE_MANAGER = "data manager of the source"
CLINICAL_LEAD = "clinical lead of the site"
PHARMACY_MANAGER = "manager of the pharmacy records"
DATA_ENGINEER = "data engineer of the warehouse"
ANALYST = "analyst of the service"
OWNERS = (SOURCE_MANAGER, CLINICAL_LEAD, PHARMACY_MANAGER, DATA_ENGINEER, ANALYST)
"""Who can act on a check: roles, never people."""

FEW = 4
"""Units up to which a check that tolerates a share does not warn: of the eight courses of
a small delivery one is more than a tenth, and says nothing. Our convention."""

CALENDAR = "calendar"
"""In `needs`: real days, which a source with relative dates does not send."""

CLOCK = "the day of extraction"
"""In `needs`: neither a source with relative dates nor a folder without a date tells it."""


@dataclass(frozen=True)
class Rows:
    """What is tested, one row per unit; checks that share it are done in one scan."""

    select: str
    """One SELECT on the views of the module's docstring."""

    unit: str
    """SQL expression of text: which one it is, by key and never by content."""

    on_day: str = "null::date"
    """SQL expression of a date: the day it belongs to, null if to none."""

    is_kept: bool = False
    """Kept while its checks are judged: few units, which take long to make."""


@dataclass(frozen=True)
class RecordCheck:
    """What should hold of records; failing it warns and refuses nothing."""

    check_id: str
    """What should be true, as a snake_case sentence."""

    feed: str
    category: str
    owner: str
    why: str
    """What goes wrong downstream, in one or two sentences; with the threshold's reason."""

    taints: tuple[str, ...]
    """Ids of `expectations.outputs.OUTPUTS`."""

    fix: str
    """How to mend it, at the source."""

    unit: str
    """What is counted: session, site and month, ..."""

    rows: Rows
    fails: str
    """SQL condition on `rows`, true where it does not hold; null counts as false."""

    among: str = "true"
    """SQL condition on `rows`: which of them can be tested."""

    needs: tuple[str, ...] = ()
    """Feeds, columns of its own feed (`<feed>.<column>`), `CALENDAR` or `CLOCK`, without
    which it is not measured."""

    tolerated_share: float = 0.0
    """Share (0-1) of tested units up to which it does not warn; nor does it up to `FEW`."""

    tolerated_why: str = ""

    severity: str = "warning"

    @property
    def query(self) -> str:
        """One SELECT: `unit`, `on_day` and `is_failed`, one row per unit tested."""
        return (
            f"select {self.rows.unit} as unit, {self.rows.on_day} as on_day, "
            f"coalesce({self.fails}, false) as is_failed\n"
            f"from ({self.rows.select}) as tested\nwhere {self.among}"
        )


MODULES = {
    "patients": ("patients",),
    "clinicians": ("places",),
    "sites": ("places",),
    "episodes": ("episodes",),
    "sessions": ("sessions", "schedules"),
    "assessments": ("assessments", "answers", "series"),
    "medications": ("medications",),
    "diagnoses": ("diagnoses",),
}
"""Where the checks of each feed are: `expectations/landing/records_of_<name>.py`."""


def record_checks(feed: str) -> tuple[RecordCheck, ...]:
    """Return the record checks of one feed, in the order of its modules."""
    modules = (
        import_module(f"expectations.landing.records_of_{name}")
        for name in MODULES[feed]
    )
    return tuple(
        check for module in modules for check in module.CHECKS if check.feed == feed
    )


def all_record_checks() -> tuple[RecordCheck, ...]:
    """Return every record check, feed by feed."""
    return tuple(check for feed in MODULES for check in record_checks(feed))
