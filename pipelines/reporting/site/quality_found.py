"""The heat map of each source: what the checks found, feed by feed, month by month."""

from pipelines.reporting import formatting as fmt
from pipelines.reporting import heat_rows
from pipelines.reporting import quality_words as words
from pipelines.reporting.heat_rows import Heat
from pipelines.reporting.quality_rows import (
    LAST_MONTHS,
    iso,
    months_of,
    slug,
    source_label,
    sources_of,
)
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.site.records import record_passport
from pipelines.reporting.tables import Column, Rows, Table

COLUMNS = (
    Column("source", "Source"),
    Column("feed", "Feed"),
    Column("check_id", "Check"),
    Column("month", "Month"),
    Column("tested_count", "Tested", "count"),
    Column("failed_count", "Failed", "count"),
    Column("failed_rate", "Share that failed", "share"),
)
TOO_FEW = ", in some months too few to show"
"""After the heading of checks that may have found a few rows."""

DEFINITION = (
    "Of the rows that a check could judge, how many in 100 failed. Blank: not tested. "
    "Hatched: too few to show. Bold: more than is tolerated. Each name leads to its check."
)


def by_source(page: PageContext) -> list[Figure]:
    """Return a heat map for each source; one sentence where there is none."""
    rows = page.reports.checks_by_feed_and_month
    if not rows:
        told = (
            "This release does not say what the checks found by month"
            if rows is None
            else "No check was run on a row that has a month"
        )
        return [_figure(page, "", (), told)]
    return [
        _figure(page, source, tuple(r for r in rows if r["source"] == source), "")
        for source in sources_of(rows)
    ]


def _figure(page: PageContext, source: str, rows: Rows, absent: str) -> Figure:
    data = heat_rows.failures(page.quality, rows) if rows else None
    is_named = len(sources_of(page.reports.checks_by_feed_and_month or ())) > 1
    title = absent or words.heat(rows)
    notes, notes_title = _left_out(data)
    ordered = sorted(rows, key=lambda r: (r["feed"], r["check_id"], iso(r["month"])))
    return Figure(
        id=f"found_{slug(source)}".rstrip("_"),
        title=f"{source_label(source)}: {fmt.inside_sentence(title)}"
        if source and is_named
        else title,
        definition=DEFINITION,
        caveat=f"{_reach(rows)} with how many rows were tested. A month may still "
        "fill up.",
        passport=record_passport(page, "Share of rows that failed", tuple(rows)),
        table=Table(COLUMNS, tuple(ordered)),
        span=12,
        body="heat",
        content=data if data and data.groups else None,
        empty=f"{title}.",
        notes=notes,
        notes_title=notes_title,
    )


def _left_out(data: Heat | None) -> tuple[tuple[str, ...], str]:
    """Name the checks that are not laid out, and say how many they are."""
    kinds = [] if data is None else [("", data.quiet), (TOO_FEW, data.unclear)]
    notes = tuple(
        f"{heading}{told}: {'; '.join(names)}."
        for told, found in kinds
        for heading, names in found
    )
    quiet, unclear = (
        sum(len(names) for _, names in found) for _, found in kinds or [("", ())] * 2
    )
    title = f"{fmt.plural(quiet, 'check')} found nothing in any month tested"
    if unclear:
        title += f"; {fmt.count(unclear)} nothing that may be shown"
    return notes, title


def _reach(rows: Rows) -> str:
    """Say how many months are laid out, where that is not all of them."""
    if len(months_of(rows)) > LAST_MONTHS:
        return f"The last {LAST_MONTHS} months; the CSV holds every month,"
    return "The CSV holds every month,"
