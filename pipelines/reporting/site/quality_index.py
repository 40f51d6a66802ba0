"""Figures that answer whether this month can be trusted: use, freshness, drift."""

from pipelines.reporting import formatting as fmt
from pipelines.reporting import heat_rows
from pipelines.reporting import quality_words as words
from pipelines.reporting.quality_rows import is_simulated, iso, source_name
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.site.records import record_passport
from pipelines.reporting.tables import Column, Row, Table

USABILITY_COLUMNS = (
    Column("title", "Report"),
    Column("report", "Id"),
    Column("status", "Status"),
    Column("reasons", "Why"),
    Column("failing_checks_count", "Checks that fail", "count"),
    Column("late_sources_count", "Late sources", "count"),
    Column("worst_check_id", "Worst check"),
)
MONTH_COLUMNS = (
    Column("title", "Report"),
    Column("month", "Month"),
    Column("status", "Status"),
    Column("reasons", "Why"),
)
FRESHNESS_COLUMNS = (
    Column("source", "Source"),
    Column("kind", "Sends"),
    Column("last_sent_on", "Last sent"),
    Column("is_in_force", "In force"),
    Column("newest_delivery_on", "Newest in force"),
    Column("data_to", "Covers to"),
    Column("expected_every_days", "Expected every, days", "count"),
    Column("next_due_on", "Next due"),
    Column("is_late", "Late"),
    Column("owner", "Owner"),
    Column("contact", "Contact"),
)
REFUSED_COLUMNS = (
    Column("source", "Source"),
    Column("delivery", "Delivery"),
    Column("refused_at", "Refused at"),
    Column("kind", "Kind"),
    Column("reason", "Why"),
    Column("tries_count", "Tries", "count"),
)
DRIFT_COLUMNS = (
    Column("source", "Source"),
    Column("feed", "Feed"),
    Column("measure", "Measure"),
    Column("grain", "Of"),
    Column("earlier_value", "Before"),
    Column("value", "Now"),
    Column("limit_value", "Limit"),
    Column("is_beyond", "Beyond the limit"),
)
DELIVERY_KINDS = {"full": "everything each time", "increment": "what is new"}
"""Kind of a source, as what it sends."""

MOST_ON_INDEX = 6
"""Reports that the index lays out, the worst; their own page has them all."""

MOST_MOVED = 60
"""Figures beyond their limit that are laid out; the CSV holds them all."""


def can_be_used(page: PageContext, folder: str = "") -> Figure | None:
    """Return which reports can be used, the worst first.

    Args:
        page: What every figure of the release shares.
        folder: Where the data-quality pages are, seen from the page.

    Returns:
        On the index (a folder is given) None where the release does not say.
    """
    rows = page.reports.usability_by_report
    if rows is None and folder:
        return None
    ordered = sorted(
        rows or (), key=lambda row: (words.rank(row["status"]), row["title"])
    )
    laid_out = MOST_ON_INDEX if folder else len(ordered)
    return Figure(
        id="usability",
        title=words.usability(rows),
        definition="Each report, judged by the checks and the deliveries that feed it.",
        caveat="Can be used: nothing that feeds it failed beyond what is tolerated. "
        "The judgement is about the records, not about what a report concludes.",
        passport=record_passport(page, "Reports and their status", tuple(ordered)),
        table=Table(USABILITY_COLUMNS, tuple(ordered)),
        span=12,
        body="usability",
        content=[_usability_line(page, row, folder) for row in ordered[:laid_out]],
        empty=f"{words.usability(rows)}.",
        more=(f"{folder}index.html", f"{words.QUESTION} All of it") if folder else None,
    )


def _usability_line(page: PageContext, row: Row, folder: str) -> Row:
    check, address = page.quality.named(row["worst_check_id"])
    shape, told = words.status(row["status"])
    return {
        **row,
        "shape": shape,
        "told": told,
        "check": check,
        "address": f"{folder}{address}" if address else "",
    }


def by_month(page: PageContext) -> Figure | None:
    """Return which reports could be used in which month; None where not told."""
    rows = page.reports.usability_by_month
    data = heat_rows.usability(rows) if rows else None
    if data is None:
        return None
    ordered = sorted(rows, key=lambda row: (row["title"], iso(row["month"])))
    return Figure(
        id="usability_by_month",
        title=words.usability_by_month(rows),
        definition="Tick: can be used. Triangle: use with care. Cross: do not rely on "
        "it. Ring: not measured.",
        caveat="Judged by the rows of that month alone. The table gives the reasons.",
        passport=record_passport(page, "Reports and their status", tuple(rows)),
        table=Table(MONTH_COLUMNS, tuple(ordered)),
        span=12,
        body="heat",
        content=data,
        has_table=True,
    )


def freshness(page: PageContext) -> Figure:
    """Return when each source sent last, what counts of it, and when more is due."""
    rows = page.reports.freshness_by_source
    ordered = tuple(
        sorted(
            rows or (),
            key=lambda row: (row["is_in_force"], not row["is_late"], row["source"]),
        )
    )
    return Figure(
        id="freshness",
        title=words.freshness(rows),
        definition="When each source last sent something, which of its deliveries "
        "counts and how far that reaches, when the next is due, and whom to ask.",
        caveat="Late or not as of this release. A due day that has passed since is "
        "marked as you read. The same files sent again are heard, and change nothing; a "
        "source whose deliveries were all withdrawn has nothing in force.",
        passport=record_passport(page, "Deliveries by day", ordered),
        table=Table(FRESHNESS_COLUMNS, ordered),
        span=12,
        body="freshness",
        content=[_fresh(row) for row in ordered],
        empty=f"{words.freshness(rows)}.",
    )


def _fresh(row: Row) -> Row:
    every = row["expected_every_days"]
    rhythm = "" if every is None else f"every {fmt.plural(int(every), 'day')}"
    sends = DELIVERY_KINDS.get(row["kind"], fmt.humanise(row["kind"] or ""))
    return {
        **_named(row),
        "rhythm": ", ".join(filter(None, (sends, rhythm))),
        "sent": _day(row["last_sent_on"], "never"),
        "newest": _day(row["newest_delivery_on"], words.NOTHING_IN_FORCE),
        "covers": _day(
            row["data_to"], "dates are relative" if row["is_in_force"] else "nothing"
        ),
        "due": _day(row["next_due_on"], "no date is set"),
        "due_on": iso(row["next_due_on"]) if row["next_due_on"] else "",
    }


def _day(value: object, absent: str) -> str:
    return fmt.day(iso(value)) if value else absent


def _named(row: Row) -> Row:
    """Give a row the name of its source, and whether its people are made up."""
    return {
        **row,
        "name": source_name(row["source"]),
        "is_simulated": is_simulated(row["source"]),
    }


def refused(page: PageContext) -> Figure:
    """Return the deliveries that were refused, the last one first, and why."""
    rows = page.reports.refused_deliveries
    ordered = sorted(rows or (), key=lambda row: str(row["refused_at"]), reverse=True)
    content = [
        {
            **_named(row),
            "when": fmt.minute(str(row["refused_at"])) if row["refused_at"] else "",
            "told": words.kind(row["kind"]),
        }
        for row in ordered
    ]
    return Figure(
        id="refused",
        title=words.refused(rows),
        definition="Deliveries of which nothing was loaded, and what was said to whoever "
        "sent them.",
        caveat="A delivery is loaded whole or not at all. Mended and sent again, it is "
        "judged again.",
        passport=record_passport(page, "Refused deliveries", tuple(ordered)),
        table=Table(REFUSED_COLUMNS, tuple(ordered)),
        span=12,
        body="refused",
        content=content,
        empty=f"{words.refused(rows)}.",
    )


def drift(page: PageContext) -> Figure:
    """Return the figures that moved beyond their limit since earlier deliveries."""
    rows = page.reports.drift_by_feed
    ordered = sorted(rows or (), key=_drift_order)
    moved = [row for row in ordered if row["is_beyond"]]
    content = [
        {
            **_named(row),
            "grain": (row["grain"] or "").removeprefix(f"{row['source']}:"),
            "what": fmt.sentence_case(fmt.humanise(row["measure"])),
            **{key: _figure(row, key) for key in DRIFT_FIGURES},
        }
        for row in moved[:MOST_MOVED]
    ]
    left_out = len(moved) - len(content)
    more = f" {left_out} more are in the CSV." if left_out else ""
    return Figure(
        id="drift",
        title=words.drift(rows),
        definition="Each source's newest delivery beside its earlier ones: how much "
        f"came, how much is empty, how codes and scores are spread.{more}",
        caveat="The limit is how far a figure may move before somebody should ask the "
        "source. A new site or a new form moves figures too. The CSV holds every one.",
        passport=record_passport(page, "Figures of a delivery", tuple(ordered)),
        table=Table(DRIFT_COLUMNS, tuple(ordered)),
        span=12,
        body="drift",
        content=content,
        empty=f"{words.drift(rows)}.",
    )


def _drift_order(row: Row) -> tuple[bool, str, str, str, str]:
    keys = ("source", "feed", "measure", "grain")
    return (not row["is_beyond"], *(str(row[key]) for key in keys))


DRIFT_FIGURES = ("earlier_value", "value", "limit_value")


def _figure(row: Row, key: str) -> str:
    """Write a share in 100, a count whole, anything else to a decimal."""
    value = row[key]
    if value is None:
        return "hidden"
    if "share" in (row["measure"] or ""):
        return f"{fmt.number(100 * value, 1)}%"
    return fmt.number(value, 0 if value == int(value) else 1)
