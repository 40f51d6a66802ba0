"""Sentences of the data-quality pages, for people who do not program."""

import re
from collections.abc import Mapping

from pipelines.reporting import formatting as fmt
from pipelines.reporting.quality_rows import dated, iso, source_label
from pipelines.reporting.tables import Rows

CODE = re.compile(r"`([^`]*)`")
"""How the docs write a name of the code."""

FOLDER = "quality"
"""Where the data-quality pages are in a site."""

QUESTION = "Can I trust this month?"

NOTHING_IN_FORCE = "nothing in force"
"""Of a source whose deliveries were all withdrawn, or removed since."""

STATUSES: Mapping[str, tuple[str, str]] = {
    "red": ("fail", "Do not rely on it"),
    "amber": ("warning", "Use with care"),
    "green": ("pass", "Can be used"),
    "not_measured": ("absent", "Not measured"),
}
"""Status of a report: the shape that goes with its colour, and words. Worst first."""

KINDS: Mapping[str, str] = {
    "unreadable": "Could not be read",
    "identified": "Looks like it names people",
    "contract": "Not as agreed",
    "checks": "Failed a check",
    "manifest": "Not what its list says",
    "undated": "Has no date",
    "guard": "Failed a check once loaded",
    "adapter": "Its adapter is wrong",
    "resources": "Needs more memory, time or disk",
}
"""Why a delivery was refused, in a few words."""


def status(code: str) -> tuple[str, str]:
    """Return the shape and the words of a report's status."""
    return STATUSES.get(code, ("hidden", fmt.sentence_case(fmt.humanise(code))))


def rank(code: str) -> int:
    """Order statuses from the worst."""
    order = list(STATUSES)
    return order.index(code) if code in order else len(order)


def usability(rows: Rows | None) -> str:
    """State how many reports can be used."""
    if rows is None:
        return "This release does not say which reports can be used"
    if not rows:
        return "No report was judged"
    statuses = [row["status"] for row in rows]
    green, amber, red = map(statuses.count, ("green", "amber", "red"))
    is_one = len(rows) == 1
    if green == len(rows):
        return f"{'The one report' if is_one else f'All {green} reports'} can be used"
    parts = [f"{green} of {fmt.plural(len(rows), 'report')} can be used"]
    if amber:
        parts.append(f"{amber} with care")
    if red:
        parts.append(f"{red} should not be relied on")
    absent = len(rows) - green - amber - red
    if absent:
        parts.append(f"{absent} {'was' if absent == 1 else 'were'} not measured")
    return "; ".join(parts)


def usability_by_month(rows: Rows) -> str:
    """State how the newest month compares with those before it."""
    newest = max(iso(row["month"]) for row in rows)
    own = [row for row in rows if iso(row["month"]) == newest]
    good = sum(row["status"] == "green" for row in own)
    all_of = f"{good} of {fmt.plural(len(own), 'report')}"
    return f"In {fmt.month(newest)}, {all_of} could be used as they are"


def freshness(rows: Rows | None) -> str:
    """State which sources are late, and of which nothing counts."""
    if rows is None:
        return "This release does not say how fresh its sources are"
    if not rows:
        return "No source has delivered"
    late = [source_label(row["source"]) for row in rows if row["is_late"]]
    absent = [source_label(row["source"]) for row in rows if not row["is_in_force"]]
    verb = "is" if len(late) == 1 else "are"
    told = f"{fmt.listing(late)} {verb} late"
    if not late:
        told = "The one source is on time" if len(rows) == 1 else "No source is late"
    if absent:
        told += f"; of {fmt.listing(absent)}, {NOTHING_IN_FORCE}"
    return told


def refused(rows: Rows | None) -> str:
    """State how many deliveries were refused, and when the last one was."""
    if rows is None:
        return "This release does not list refused deliveries"
    if not rows:
        return "No delivery was refused"
    last = max(iso(row["refused_at"]) for row in rows)
    verb = "was" if len(rows) == 1 else "were"
    what = fmt.plural(len(rows), "delivery", "deliveries")
    return f"{what} {verb} refused, the last on {fmt.day(last)}"


def kind(code: str | None) -> str:
    """Say in a few words why a delivery was refused."""
    return KINDS.get(code or "", fmt.sentence_case(fmt.humanise(code or "not given")))


def drift(rows: Rows | None) -> str:
    """State how many figures moved further than is usual."""
    if rows is None:
        return "This release does not compare deliveries with earlier ones"
    if not rows:
        return "No delivery has an earlier one to be compared with"
    beyond = sum(bool(row["is_beyond"]) for row in rows)
    of = fmt.plural(len(rows), "figure")
    if not beyond:
        return f"None of {of} moved beyond its limit"
    return f"{fmt.count(beyond)} of {of} moved beyond {'its' if beyond == 1 else 'their'} limit"


def heat(rows: Rows) -> str:
    """State what the checks found in the newest month of one source."""
    newest = max((iso(row["month"]) for row in dated(rows)), default=None)
    own = [row for row in dated(rows) if iso(row["month"]) == newest]
    shown = [row for row in own or rows if row["failed_rate"] is not None]
    if not shown:
        return "Too few rows to show what the checks found"
    failing = [row for row in shown if row["failed_rate"] > 0]
    when = f"In {fmt.month(newest)}" if own else "Of rows without a day"
    tested = fmt.plural(len(shown), "check")
    hidden = len(own or rows) - len(shown)
    more = f"; {fmt.count(hidden)} more may not be shown" if hidden else ""
    if not failing:
        return f"{when}, none of {tested} found a row that fails{more}"
    return f"{when}, {len(failing)} of {tested} found rows that fail{more}"


def plain(text: str | None) -> str:
    """Put a sentence written for the docs into plain text: names of code in quotes.

    Examples:
        >>> plain("Never `not at all`.")
        'Never “not at all”.'
    """
    return CODE.sub(r"“\1”", text or "")


def share(rate: float) -> str:
    """Write a share that failed, so that little is never nothing.

    Examples:
        >>> share(0), share(0.0004), share(0.034), share(0.25)
        ('0%', 'less than 0.1%', '3.4%', '25%')
    """
    return "less than 0.1%" if 0 < rate < SMALLEST else f"{cell(rate)}%"


def cell(rate: float) -> str:
    """Write a share that failed, in 100, as short as a cell of a heat map.

    Examples:
        >>> cell(0), cell(0.0004), cell(0.0996), cell(0.1004)
        ('0', '<0.1', '10', '10')
    """
    if rate == 0:
        return "0"
    if rate < SMALLEST:
        return "<0.1"
    return fmt.number(100 * rate, 1 if 100 * rate < 9.95 else 0)


SMALLEST = 0.0005
"""A share below it would be printed as 0.0 in 100."""
