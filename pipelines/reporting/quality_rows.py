"""What the data-quality pages look up: checks with their months, titles, sources.

Nothing is computed but the place of a value on a page and a count of shown rows.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pipelines.intake.feeds import FEEDS
from pipelines.reporting import formatting as fmt
from pipelines.reporting.tables import Reports, Row, Rows

OWN_PAGE_STAGE = "landing"
"""The stage whose checks of rows have a page each: somebody who sends must act. Checks
of whole deliveries and of this project's own tables share a page per stage."""

SIMULATED = "simulated_"
"""How the name of a source of made-up people begins."""

UNSAFE = re.compile(r"[^a-z0-9_.]+")
"""What a file name of a page does not hold, whatever a check is called."""

LAST_MONTHS = 36
"""Months that a heat map shows: three years fit a screen; the CSV holds them all."""


@dataclass(frozen=True)
class Check:
    """One check of what sources send: its catalogue row, months and last results."""

    row: Row
    months: Rows
    results: Rows

    @property
    def id(self) -> str:
        """The check_id: what must be true, as a snake-case sentence."""
        return self.row["check_id"]

    @property
    def feed(self) -> str:
        """The feed whose rows it judges."""
        return self.row["table_name"]

    @property
    def name(self) -> str:
        """What must be true, as a sentence without its full stop."""
        return name(self.id)

    @property
    def address(self) -> str:
        """Its page below `quality/`; a check_id alone is not unique."""
        return f"checks/{slug(f'{self.feed}.{self.id}')}.html"

    @property
    def is_row_rule(self) -> bool:
        """True where a row that fails is set aside: a rule of the input contract."""
        return is_row_rule(self.row)

    @property
    def query(self) -> str:
        """The query that finds its rows; empty where it has none."""
        return (self.row["query"] or "").strip()

    @property
    def tolerated(self) -> float | None:
        """Share (0-1) that may fail without being counted against a report.

        None for a row rule that states none: what is set aside is judged by feed.
        """
        share = float(self.row["tolerated_share"] or 0)
        return None if self.is_row_rule and not share else share

    @property
    def taints(self) -> tuple[str, ...]:
        """Ids of the outputs that its failures make doubtful."""
        found = self.row["taints"] or ()
        return tuple(re.split(r"[\s,]+", found) if isinstance(found, str) else found)

    @property
    def has_failed(self) -> bool:
        """True where a shown month has a row that failed."""
        return any(row["failed_rate"] for row in self.months)


@dataclass(frozen=True)
class Quality:
    """The reports on data quality, looked up by check and by output."""

    reports: Reports

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks that have a page each, by feed and name."""
        months, results = self._months, defaultdict(list)
        for row in self.reports.data_quality_by_check:
            if row["stage"] == OWN_PAGE_STAGE:
                results[row["table_name"], row["check_id"]].append(row)
        found = {
            key: Check(row, months.get(key, ()), tuple(results[key]))
            for row in self.catalogue
            if has_own_page(row)
            for key in [(row["table_name"], row["check_id"])]
        }
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def _months(self) -> Mapping[tuple[str, str], Rows]:
        found = defaultdict(list)
        for row in self.reports.checks_by_feed_and_month or ():
            found[row["feed"], row["check_id"]].append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Check]:
        return {(check.feed, check.id): check for check in self.checks}

    @cached_property
    def _by_id(self) -> Mapping[str, list[Row]]:
        found = defaultdict(list)
        for row in self.catalogue:
            found[row["check_id"]].append(row)
        return found

    def check(self, feed: str, check_id: str) -> Check | None:
        """Return a check that has a page; None where the catalogue lacks it."""
        return self._by_key.get((feed, check_id))

    def named(self, reference: str | None) -> tuple[str, str]:
        """Return the name of the check that a reference means, and its page.

        Args:
            reference: `check_id` or `<table>.<check_id>`, the table without its schema.

        Returns:
            Name and address below `quality/`; no address where the reference does not
            mean exactly one check of the catalogue, neither for no reference.
        """
        table, _, check_id = (reference or "").rpartition(".")
        found = {
            (row["stage"], row["table_name"])
            for row in self._by_id.get(check_id, ())
            if not table or row["table_name"].rpartition(".")[2] == table
        }
        if len(found) != 1:
            return name(check_id), ""
        stage, table = found.pop()
        check = self.check(table, check_id)
        if stage == OWN_PAGE_STAGE and check:
            return name(check_id), check.address
        return name(check_id), f"{stage_address(stage)}#table_{slug(table)}"

    @cached_property
    def usability(self) -> Mapping[str, Row]:
        """The row of each output that was judged."""
        return {row["report"]: row for row in self.reports.usability_by_report or ()}

    def title(self, output_id: str) -> str:
        """Name an output as its report does."""
        row = self.usability.get(output_id)
        return row["title"] if row else fmt.sentence_case(fmt.humanise(output_id))

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Stages that have a check, in no order."""
        rows = (*self.reports.data_quality_by_check, *self.catalogue)
        return tuple(dict.fromkeys(row["stage"] for row in rows))

    @property
    def catalogue(self) -> Rows:
        """Every check of every stage; none where the release has no catalogue."""
        return self.reports.check_catalogue or ()


def is_row_rule(row: Row) -> bool:
    """Tell whether a row of the catalogue is a row rule of the input contract."""
    is_here = row["stage"] == OWN_PAGE_STAGE
    return is_here and (row["table_name"], row["check_id"]) in _row_rules()


def has_own_page(row: Row) -> bool:
    """Tell whether a row of the catalogue is a row rule or a record check.

    The query of a record check yields `is_failed`; no other check has such a query.
    """
    is_record_check = "is_failed" in (row["query"] or "")
    return is_row_rule(row) or (row["stage"] == OWN_PAGE_STAGE and is_record_check)


@cache
def _row_rules() -> frozenset[tuple[str, str]]:
    """Return (feed, check_id) of the rules of the input contract."""
    return frozenset(
        (feed.name, rule.check_id) for feed in FEEDS.values() for rule in feed.row_rules
    )


def name(check_id: str) -> str:
    """Turn a check_id into the sentence it abbreviates.

    Examples:
        >>> name("total_is_the_sum_of_its_items")
        'Total is the sum of its items'
    """
    return fmt.sentence_case(fmt.humanise(check_id))


def slug(text: str) -> str:
    """Make a file name or an anchor of an id.

    Examples:
        >>> slug("sessions.held_on_is_given"), slug("../A b")
        ('sessions.held_on_is_given', '.._a_b')
    """
    return UNSAFE.sub("_", text.lower())


def stage_address(stage: str) -> str:
    """Return where the page of a stage is, below `quality/`."""
    return f"stages/{slug(stage)}.html"


def is_simulated(source: str | None) -> bool:
    """Tell whether a source holds made-up people."""
    return (source or "").startswith(SIMULATED)


def source_name(source: str | None) -> str:
    """Name a source without saying that it is simulated: a label beside it does.

    Examples:
        >>> source_name("simulated_north"), source_name("beat_the_blues")
        ('North', 'Beat the Blues')
    """
    return fmt.title_case((source or "").removeprefix(SIMULATED)) or "No source"


def source_label(source: str | None) -> str:
    """Name a source where there is no room for a label.

    Examples:
        >>> source_label("simulated_north"), source_label("beat_the_blues")
        ('North (simulated)', 'Beat the Blues')
    """
    return source_name(source) + " (simulated)" * is_simulated(source)


def sources_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the sources of some rows, each once, in order."""
    return tuple(sorted({row["source"] for row in rows}))


def months_of(rows: Iterable[Row]) -> list[str]:
    """Return the months of some rows from the oldest to the newest, as ISO days.

    Months between two of them that no row has are there too: nothing was tested. Rows
    without a day have no month.
    """
    found = sorted({iso(row["month"]) for row in dated(rows)})
    if not found:
        return []
    first, last = (12 * int(m[:4]) + int(m[5:7]) - 1 for m in (found[0], found[-1]))
    return [f"{n // 12:04d}-{n % 12 + 1:02d}-01" for n in range(first, last + 1)]


def dated(rows: Iterable[Row]) -> Rows:
    """Return the rows that have a month."""
    return tuple(row for row in rows if row["month"] is not None)


def iso(day: Any) -> str:
    """Return a day as ISO text, whichever type its table has."""
    return str(day)[:10]
