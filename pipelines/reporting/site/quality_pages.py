"""The data-quality pages: one that answers, one per check, one per stage."""

from collections.abc import Iterator

from pipelines.errors import PipelineError
from pipelines.reporting import formatting as fmt
from pipelines.reporting import quality_words as words
from pipelines.reporting.quality_rows import Check, iso, source_label, stage_address
from pipelines.reporting.site import (
    layout,
    quality_checks,
    quality_found,
    quality_index,
    quality_stages,
    records,
)
from pipelines.reporting.site.figure import PageContext, Section
from pipelines.reporting.site.headlines import HIDDEN, Headline

SITE = "index.html"

MOST_NAMED = 2
"""Reports that the note below a headline number has room to name."""


def pages(page: PageContext) -> Iterator[tuple[str, str]]:
    """Yield (address in the site, HTML) of every data-quality page, in order.

    Raises:
        PipelineError: Two checks are called so alike that they would share a page.
    """
    yield f"{words.FOLDER}/index.html", render_index(page)
    written = set()
    for check in page.quality.checks:
        address = f"{words.FOLDER}/{check.address}"
        if address in written:
            raise PipelineError(
                f"Two checks of {check.feed} would share the page {address}: their "
                "names differ in capitals or signs alone. Rename one of them."
            )
        written.add(address)
        yield address, render_check(page, check)
    for stage in quality_stages.stages_of(page):
        address = f"{words.FOLDER}/{stage_address(stage)}"
        yield address, render_stage(page, stage)


def render_index(page: PageContext) -> str:
    """Return the page that answers whether this month can be trusted."""
    return layout.render(
        page,
        title=words.QUESTION,
        lead=f"{words.usability(page.reports.usability_by_report)}.",
        headlines=headlines(page),
        sections=sections_of(page),
        home=f"../{SITE}",
        links=[(f"../{SITE}", "All figures")],
    )


def sections_of(page: PageContext) -> list[Section]:
    """Return the sections of the page that answers."""
    use = [quality_index.can_be_used(page), quality_index.by_month(page)]
    return [
        Section("use", "Can it be used?", [one for one in use if one is not None]),
        Section("fresh", "How fresh?", [quality_index.freshness(page)]),
        Section("found", "What did the checks find?", quality_found.by_source(page)),
        Section(
            "came",
            "What came in, and what did not?",
            [
                records.reconciliation(page, span=12),
                quality_index.refused(page),
                quality_index.drift(page),
            ],
        ),
        Section(
            "checks",
            "Every check",
            [
                quality_stages.overview(page),
                records.not_measured(page),
            ],
        ),
    ]


def headlines(page: PageContext) -> tuple[Headline, ...]:
    """Return the headline numbers; one whose report is absent is left out."""
    found = (_usable(page), _on_time(page), _set_aside(page), _refused(page))
    return tuple(one for one in found if one is not None)


def _usable(page: PageContext) -> Headline | None:
    rows = page.reports.usability_by_report
    if not rows:
        return None
    good = sum(row["status"] == "green" for row in rows)
    poor = [row["title"] for row in rows if row["status"] == "red"]
    note = f"Do not rely on {fmt.listing(poor)}" if poor else "None to be avoided"
    if len(poor) > MOST_NAMED:
        note = f"{len(poor)} should not be relied on"
    return Headline("Reports that can be used", f"{good} of {len(rows)}", note)


def _on_time(page: PageContext) -> Headline | None:
    rows = page.reports.freshness_by_source
    if not rows:
        return None
    late = [source_label(row["source"]) for row in rows if row["is_late"]]
    absent = [source_label(row["source"]) for row in rows if not row["is_in_force"]]
    on_time = sum(row["is_in_force"] and not row["is_late"] for row in rows)
    note = f"Late: {fmt.listing(late)}" if late else "None is late"
    if absent:
        note += f". Nothing in force: {fmt.listing(absent)}"
    return Headline("Sources on time", f"{on_time} of {len(rows)}", note)


def _set_aside(page: PageContext) -> Headline | None:
    rows = [row for row in page.reports.reconciliation_by_feed if row["is_supplied"]]
    if not rows:
        return None
    aside, came = (
        [row[key] for row in rows] for key in ("quarantined_count", "yielded_count")
    )
    if None in aside:
        return Headline("Records set aside", HIDDEN, "Too few to show")
    note = "Kept, not loaded"
    if None not in came:
        note = f"Of {fmt.count(sum(came))} that came in; kept, not loaded"
    return Headline("Records set aside", fmt.count(sum(aside)), note)


def _refused(page: PageContext) -> Headline | None:
    rows = page.reports.refused_deliveries
    if rows is None:
        return None
    last = max((iso(row["refused_at"]) for row in rows), default=None)
    note = f"The last on {fmt.day(last)}" if last else "Nothing was turned away"
    return Headline("Deliveries refused", fmt.count(len(rows)), note)


def render_check(page: PageContext, check: Check) -> str:
    """Return the page of one check."""
    return layout.render(
        page,
        title=check.name,
        lead=words.plain(check.row["why"]),
        headlines=(),
        sections=quality_checks.sections_of(page, check),
        home=f"../../{SITE}",
        links=[("../index.html#section-found", words.QUESTION)],
        is_small=True,
    )


def render_stage(page: PageContext, stage: str) -> str:
    """Return the page that lists the checks of one stage."""
    return layout.render(
        page,
        title=f"Checks of the stage {fmt.humanise(stage)}",
        lead=quality_stages.lead(stage),
        headlines=(),
        sections=quality_stages.sections_of(page, stage),
        home=f"../../{SITE}",
        links=[("../index.html#section-checks", words.QUESTION)],
        is_small=True,
    )
