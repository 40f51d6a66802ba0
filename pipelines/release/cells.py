"""What in a report's row counts people, and what is made from those counts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A count of people in a report's row."""

    count: str
    """Column."""

    total: str | None = None
    """Column with the count it is part of; none if it is part of nothing."""

    reveals: tuple[str, ...] = ()
    """Columns that go when this count goes."""

    is_of_clinicians: bool = False
    """Counts clinicians: another minimum holds, and 0 is none recorded."""


@dataclass(frozen=True)
class Difference:
    """Two counts of a row whose difference is a count of people as well."""

    counts: tuple[str, str]
    hides: tuple[str, ...]
    """Columns that go when the difference is small."""


@dataclass(frozen=True)
class Status:
    """A word on whether a rate may be read, judged on the counts as they are shown.

    Judged on exact counts it would tell on which side of a limit they lie.
    """

    name: str
    units: str
    """Column with the units of the rate."""

    units_from: str
    """Column with the fewest units of which a rate is read."""

    scorable: str
    scored: str
    amber_below: str
    """Column with the share scored below which a rate is marked; null: no limit."""

    suppressed_below: str
    """Column with the share scored below which a rate is not shown."""

    hides: tuple[str, ...]
    """Columns that are not there unless the rate may be read."""


@dataclass(frozen=True)
class Rate:
    """A rate that is made from two shown counts."""

    name: str
    count: str
    total: str


@dataclass(frozen=True)
class Sum:
    """A count that is the sum of counts shown beside it."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A sentence that may tell counts of people."""

    column: str
    otherwise: str | None = None
    """Column with the sentence that stands for it where counts are hidden."""

    fallback: str | None = None
    """What stands for it where that column is empty; none: nothing does."""
