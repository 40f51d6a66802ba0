"""The page of a stage: every check that guards it, table by table."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from pipelines.reporting import formatting as fmt
from pipelines.reporting.quality_rows import OWN_PAGE_STAGE, name, slug, stage_address
from pipelines.reporting.quality_words import plain
from pipelines.reporting.site import records
from pipelines.reporting.site.figure import Figure, PageContext, Section
from pipelines.reporting.site.records import CHECK_COLUMNS, STAGES, record_passport
from pipelines.reporting.tables import Column, Row, Rows, Table

COLUMNS = (*CHECK_COLUMNS, Column("why", "Why it matters"), Column("owner", "Owner"))
LEADS: Mapping[str, str] = {
    "landing": "What a source sent is judged here, before anything is loaded.",
    "raw": "What was loaded is judged here, delivery by delivery.",
    "seeds": "Thresholds and code lists are judged here.",
    "staging": "The current rows of every feed are judged here.",
    "intermediate": "Each rule of the project is judged here, one at a time.",
    "marts": "The tables that people query are judged here.",
    "estimates": "Comparisons are judged here.",
    "aggregates": "Grouped figures are judged here, before small groups are hidden.",
    "reports": "What is published is judged here, after small groups are hidden.",
    "release": "The release as a whole is judged here.",
}
"""What a stage is for, in one sentence."""


STAGE_COLUMNS = (
    Column("stage", "Stage"),
    Column("checks_count", "Checks", "count"),
    Column("passed_count", "Passed", "count"),
    Column("warnings_count", "Warnings", "count"),
    Column("failed_count", "Failed", "count"),
)


def overview(page: PageContext) -> Figure:
    """Return how the checks of each stage ended; the pages of stages list them all."""
    found = records.stages(page, addresses(page))
    rows = page.reports.data_quality_by_stage
    return replace(found, span=12, table=Table(STAGE_COLUMNS, rows), has_table=False)


def stages_of(page: PageContext) -> list[str]:
    """Return the stages that have a check, in the order a run passes them."""
    order = {stage: number for number, stage in enumerate(STAGES)}
    found = page.quality.stages
    return sorted(found, key=lambda stage: (order.get(stage, len(order)), stage))


def addresses(page: PageContext, folder: str = "") -> dict[str, str]:
    """Return where the page of each stage is, seen from a page above `folder`."""
    return {stage: f"{folder}{stage_address(stage)}" for stage in page.quality.stages}


def lead(stage: str) -> str:
    """Say what a stage is for."""
    return LEADS.get(stage, "")


def sections_of(page: PageContext, stage: str) -> list[Section]:
    """Return one figure per table, the tables in alphabetical order."""
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(page, stage):
        by_table[row["table_name"]].append(row)
    figures = [
        _table(page, table, tuple(rows)) for table, rows in sorted(by_table.items())
    ]
    return [Section("tables", "Table by table", figures)]


def _rows(page: PageContext, stage: str) -> list[Row]:
    """Join what a check is to how it ended; a check may have only one of them."""
    blank = dict.fromkeys(column.key for column in COLUMNS)
    found: dict[tuple[str, str], Row] = {}
    for row in page.quality.catalogue:
        if row["stage"] == stage:
            key = (row["table_name"], row["check_id"])
            found[key] = {**blank, **{k: row[k] for k in blank if k in row}}
    for row in page.reports.data_quality_by_check:
        if row["stage"] == stage:
            key = (row["table_name"], row["check_id"])
            found[key] = {**blank, **found.get(key, {}), **row}
    return [found[key] for key in sorted(found)]


def _table(page: PageContext, table: str, rows: Rows) -> Figure:
    return Figure(
        id=f"table_{slug(table)}",
        title=f"{table}: {_finding(rows)}",
        definition="What must be true of it, and how that ended in this run.",
        caveat="A failed critical check stops the run; a warning goes on and is shown.",
        passport=record_passport(page, "Checks and how they ended", rows),
        table=Table(COLUMNS, rows),
        span=12,
        body="checks",
        content=[_line(page, row) for row in rows],
    )


def _finding(rows: Rows) -> str:
    """State how the checks of one table ended."""
    ended = [row for row in rows if row["status"]]
    failed = sum(row["status"] != "pass" for row in ended)
    if not ended:
        return f"{fmt.plural(len(rows), 'check')}, none with a result in this run"
    if len(ended) == 1:
        return "its one check " + ("did not pass" if failed else "passed")
    if failed:
        return f"{failed} of {len(ended)} checks did not pass"
    return f"all {len(ended)} checks passed"


def _line(page: PageContext, row: Row) -> Row:
    check = None
    if row["stage"] == OWN_PAGE_STAGE:
        check = page.quality.check(row["table_name"], row["check_id"])
    return {
        **row,
        "name": name(row["check_id"]),
        "why": plain(row["why"]),
        "address": f"../{check.address}" if check else "",
        "state": state(row),
    }


def state(row: Row) -> str:
    """Return the shape of how a check ended; a failed warning is a warning."""
    if row["status"] in (None, "pass"):
        return row["status"] or "absent"
    is_warning = row["severity"] == "warning" and row["status"] == "fail"
    return "warning" if is_warning else "fail"
