"""The heat maps of the data-quality pages, laid out as tables: a row, its months.

A table, not a picture: each row leads to its check, each cell carries its number, and
a reader who cannot see colour, or has no scripts, reads the same.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pipelines.reporting import formatting as fmt
from pipelines.reporting import quality_words as words
from pipelines.reporting.quality_rows import (
    LAST_MONTHS,
    Quality,
    dated,
    iso,
    months_of,
    name,
)
from pipelines.reporting.tables import Row, Rows

STEPS = (0.005, 0.02, 0.05, 0.15)
"""Shares from which a cell is a shade darker. At 5 % a rule of the input contract
refuses a delivery by default (`maximum_quarantined_share`)."""


@dataclass(frozen=True)
class Cell:
    """One month of one row: its shade or shape, its text, and what is read out."""

    kind: str
    """`shade0` to `shade5`, `unseen` (too few to show), `blank`, or the shape of a status."""

    text: str = ""
    spoken: str = ""
    is_strong: bool = False
    """True where more failed than is tolerated, if that is stated."""


NO_DAY = ""
"""In place of a month: patients and sites, for example, have no day."""

SHAPES = frozenset(shape for shape, _ in words.STATUSES.values())
"""What a cell may show in place of a number."""

BLANK = Cell("blank")


@dataclass(frozen=True)
class Line:
    """One row: its name, where it leads (empty for nowhere), its cells."""

    name: str
    address: str
    cells: tuple[Cell, ...]


Names = tuple[tuple[str, tuple[str, ...]], ...]
"""(heading, names of rows)."""


@dataclass(frozen=True)
class Heat:
    """A table of months. `years` are (year, how many of the months)."""

    months: tuple[tuple[str, str], ...]
    """(short, full) name of each month, oldest first; after them, what has no day."""

    years: tuple[tuple[str, int], ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    """(heading, rows); the heading may be empty."""

    quiet: Names = ()
    """Rows that are left out: nothing failed in any month."""

    unclear: Names = ()
    """Rows that are left out: nothing failed in any month that may be shown."""


def failures(quality: Quality, rows: Rows, folder: str = "") -> Heat | None:
    """Lay out what the checks found, by feed, check and month, of one source.

    A check that found nothing, or nothing that may be shown, is named apart, so that
    what was found is not lost among zeros.

    Args:
        quality: Where checks are looked up.
        rows: Rows of reports.rpt_checks_by_feed_and_month of one source.
        folder: Where the data-quality pages are, seen from the page.

    Returns:
        None without a row.
    """
    months = months_of(rows)[-LAST_MONTHS:]
    if len(dated(rows)) < len(rows):
        months = [*months, NO_DAY]
    if not months:
        return None
    by_check: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        month = NO_DAY if row["month"] is None else iso(row["month"])
        by_check[row["feed"], row["check_id"]][month] = row
    groups: dict[str, list[tuple[float, Line]]] = defaultdict(list)
    quiet, unclear = defaultdict(list), defaultdict(list)
    for (feed, check_id), by_month in sorted(by_check.items()):
        check = quality.check(feed, check_id)
        tolerated = check.tolerated if check else None
        own = [by_month.get(month) for month in months]
        tested = [row for row in own if row and row["tested_count"] != 0]
        if not tested:
            continue
        heading = fmt.sentence_case(fmt.humanise(feed))
        worst = max(row["failed_rate"] or 0 for row in tested)
        if not worst:
            is_all_shown = all(row["failed_rate"] is not None for row in tested)
            (quiet if is_all_shown else unclear)[heading].append(name(check_id))
            continue
        line = Line(
            name(check_id),
            f"{folder}{check.address}" if check else "",
            tuple(_share(row, tolerated) for row in own),
        )
        groups[heading].append((worst, line))
    laid_out = {
        heading: tuple(line for _, line in sorted(lines, key=_worst_first))
        for heading, lines in groups.items()
    }
    if NO_DAY in months and all(
        line.cells[-1] == BLANK for lines in laid_out.values() for line in lines
    ):
        months, laid_out = months[:-1], _without_last(laid_out)
    return Heat(
        **_header(months),
        groups=tuple(laid_out.items()),
        quiet=_named(quiet),
        unclear=_named(unclear),
    )


def _without_last(
    groups: Mapping[str, tuple[Line, ...]],
) -> dict[str, tuple[Line, ...]]:
    return {
        heading: tuple(replace(line, cells=line.cells[:-1]) for line in lines)
        for heading, lines in groups.items()
    }


def _named(names: Mapping[str, list[str]]) -> Names:
    return tuple((heading, tuple(found)) for heading, found in names.items())


def _worst_first(item: tuple[float, Line]) -> tuple[float, str]:
    worst, line = item
    return (-worst, line.name)


def _share(row: Row | None, tolerated: float | None) -> Cell:
    if row is None or row["tested_count"] == 0:
        return BLANK
    rate = row["failed_rate"]
    if rate is None:
        return Cell("unseen", spoken="hidden")
    shade = 0 if rate == 0 else 1 + sum(rate >= step for step in STEPS)
    is_strong = tolerated is not None and rate > tolerated
    return Cell(f"shade{shade}", words.cell(rate), is_strong=is_strong)


def usability(rows: Rows) -> Heat | None:
    """Lay out which reports could be used in which month; None without a month."""
    months = months_of(rows)[-LAST_MONTHS:]
    if not months:
        return None
    by_output: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_output[row["output_id"]][iso(row["month"])] = row
    lines = []
    for by_month in by_output.values():
        title = next(iter(by_month.values()))["title"]
        own = [by_month.get(month) for month in months]
        lines.append(Line(title, "", tuple(_status(row) for row in own)))
    lines.sort(key=lambda line: line.name)
    return Heat(**_header(months), groups=(("", tuple(lines)),))


def _status(row: Row | None) -> Cell:
    if row is None:
        return BLANK
    shape, told = words.status(row["status"])
    return Cell(shape if shape in SHAPES else "unseen", spoken=told)


def _header(months: Sequence[str]) -> dict[str, tuple]:
    named = tuple((fmt.month(month)[:3], fmt.month(month)) for month in months if month)
    years = groupby(months, key=lambda month: month[:4])
    return {
        "months": (*named, *((("No day", "Without a day"),) * (NO_DAY in months))),
        "years": tuple((key, len(list(own))) for key, own in years),
    }
