"""Figures about the records themselves: questions, checks, counts, what is missing."""

from collections.abc import Mapping

from pipelines.reporting import formatting as fmt
from pipelines.reporting import record_words as words
from pipelines.reporting.passport import FigurePassport
from pipelines.reporting.reading import natural_key
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.tables import Column, Row, Rows, Table

STAGES = (
    "landing",
    "raw",
    "seeds",
    "staging",
    "intermediate",
    "marts",
    "estimates",
    "aggregates",
    "reports",
    "release",
)
"""Stages in the order a run passes them."""

QUESTION_COLUMNS = (
    Column("question_id", "Question"),
    Column("claim", "Claim"),
    Column("question", "Asked as"),
    Column("status", "Status"),
    Column("answer", "Answer, or why there is none"),
    Column("comparison_id", "Comparison"),
)
CHECK_COLUMNS = (
    Column("stage", "Stage"),
    Column("table_name", "Table"),
    Column("check_id", "Check"),
    Column("tool", "Tool"),
    Column("category", "Category"),
    Column("severity", "Severity"),
    Column("status", "Result"),
    Column("tested_count", "Rows tested", "count"),
    Column("failed_count", "Rows failed", "count"),
)
MISSING_COLUMNS = (
    Column("source", "Source"),
    Column("needs", "Needs"),
    Column("table_name", "Table"),
    Column("column_name", "Column"),
    Column("reason", "Why"),
)
FEED_COLUMNS = (
    Column("source", "Source"),
    Column("feed", "Feed"),
    Column("is_supplied", "Supplied"),
    Column("yielded_count", "Came in", "count"),
    Column("loaded_count", "Loaded", "count"),
    Column("quarantined_count", "Set aside", "count"),
    Column("duplicate_count", "Exact duplicates", "count"),
)
RECORDS = "every record of this release"
COUNTS = "none: counts"


def record_passport(page: PageContext, measure: str, rows: Rows) -> FigurePassport:
    """Fill in the passport of a figure that counts records or checks of the run."""
    return page.figure_passport(
        measure=measure,
        version=f"run {page.passport.run_id}",
        population=RECORDS,
        diagnostics=COUNTS,
        rows=rows,
    )


def questions(page: PageContext) -> Figure:
    """Return every question with its answer, or why there is none."""
    rows = sorted(
        page.reports.questions, key=lambda row: natural_key(row["question_id"])
    )
    pages = {one.id: one for one in page.run_services}
    content = [
        {**row, "service": pages.get(row["comparison_id"])}
        if row["status"] in ("answered", "withheld")
        else {**row, "service": None}
        for row in rows
    ]
    return Figure(
        id="questions",
        title=words.questions(tuple(rows)),
        definition="Every question this project asks, and how far these records go.",
        caveat="Not measured: the records lack what it needs. Not answerable: these "
        "records could not answer it, for the reason given.",
        passport=page.figure_passport(
            measure="Questions and their status",
            version="questions as listed in this release",
            population=RECORDS,
            diagnostics="none: each comparison carries its own",
            rows=tuple(rows),
        ),
        table=Table(QUESTION_COLUMNS, tuple(rows)),
        span=12,
        body="questions",
        content=content,
        empty="No question was asked of these records.",
    )


def stages(page: PageContext, addresses: Mapping[str, str] | None = None) -> Figure:
    """Return how the checks of each stage ended; `addresses` lead to their pages."""
    leads = addresses or {}
    order = {stage: number for number, stage in enumerate(STAGES)}
    rows = sorted(
        page.reports.data_quality_by_stage,
        key=lambda row: (order.get(row["stage"], len(order)), row["stage"]),
    )
    content = [
        {**row, "state": _state(row), "address": leads.get(row["stage"], "")}
        for row in rows
    ]
    checks = page.reports.data_quality_by_check
    return Figure(
        id="checks",
        title=words.quality(tuple(rows)),
        definition="Checks of this run, in the order the records pass them.",
        caveat="A failed critical check stops the run; a warning goes on and is shown.",
        passport=record_passport(page, "Checks and how they ended", tuple(checks)),
        table=Table(CHECK_COLUMNS, checks),
        span=6,
        body="stages",
        content=content,
        empty="No check was recorded.",
    )


def _state(row: Row) -> str:
    if row["failed_count"]:
        return "fail"
    return "warning" if row["warnings_count"] else "pass"


def reconciliation(page: PageContext, span: int = 6) -> Figure:
    """Return whether each feed's records are accounted for."""
    rows = page.reports.reconciliation_by_feed
    content = [{**row, "state": _balance(row)} for row in rows]
    return Figure(
        id="reconciliation",
        title=words.reconciliation(rows),
        definition="Records that came in, per feed: loaded, set aside, or an exact "
        "duplicate.",
        caveat="A record set aside broke a rule of the input contract; it is kept, "
        "not loaded.",
        passport=record_passport(page, "Records, count", rows),
        table=Table(FEED_COLUMNS, rows),
        span=span,
        body="reconciliation",
        content=content,
        empty="No record came in.",
    )


def _balance(row: Row) -> str:
    keys = ("yielded_count", "loaded_count", "quarantined_count", "duplicate_count")
    if not row["is_supplied"]:
        return "absent"
    if any(row[key] is None for key in keys):
        return "hidden"
    came, *went = (row[key] for key in keys)
    if came != sum(went):
        return "fail"
    return "warning" if row["quarantined_count"] else "pass"


def not_measured(page: PageContext) -> Figure:
    """Return what could not be filled, by the feed that it would need."""
    rows = page.reports.not_measured
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        feed, _, _ = (row["needs"] or "").partition(".")
        groups.setdefault((row["source"] or "", feed), []).append(row)
    content = [
        {
            "source": fmt.title_case(source),
            "feed": fmt.sentence_case(fmt.humanise(feed)) if feed else "Sent",
            "absent": _absent(members) if feed else "but no row has a value",
            "tables": _by_table(members),
        }
        for (source, feed), members in sorted(groups.items(), key=lambda item: item[0])
    ]
    return Figure(
        id="not_measured",
        title=words.not_measured(rows),
        definition="Empty because the source does not send what they need, or no row "
        "has a value: never zero.",
        caveat="A source that starts to send a feed fills these without other change.",
        passport=record_passport(page, "Columns that are empty", rows),
        table=Table(MISSING_COLUMNS, rows),
        span=12,
        body="not_measured",
        content=content,
        empty="Nothing is missing.",
    )


def _absent(rows: list[Row]) -> str:
    """Say what of a feed is not sent: columns, or all of it."""
    names = [(row["needs"] or "").partition(".")[2] for row in rows]
    return ", ".join(dict.fromkeys(names)) if all(names) else "the whole feed"


def _by_table(rows: list[Row]) -> list[tuple[str, str]]:
    tables: dict[str, list[str]] = {}
    for row in rows:
        tables.setdefault(row["table_name"], []).append(row["column_name"] or "")
    return [(table, ", ".join(names)) for table, names in tables.items()]
