"""Build a release's site: `index.html`, each service comparison, and data quality.

Each page is one file that needs nothing else.
"""

from pathlib import Path

import duckdb

from pipelines.reporting import quality_words, reading, words
from pipelines.reporting.passport import Passport
from pipelines.reporting.services import Service
from pipelines.reporting.site import (
    effects,
    layout,
    outcomes,
    protocols,
    quality_index,
    quality_pages,
    quality_stages,
    records,
    service_index,
    service_page,
)
from pipelines.reporting.site.figure import PageContext, Section
from pipelines.reporting.site.headlines import headlines
from pipelines.reporting.tables import read_reports

INDEX = ".."
"""Where the index is, seen from the page of a comparison."""


def build(con: duckdb.DuckDBPyConnection, out: Path, passport: Passport) -> None:
    """Write `index.html`, `comparisons/<comparison_id>.html` and `quality/`.

    The same tables and passport give the same bytes: a page knows no clock of its
    own until it is opened.

    Args:
        con: A connection that can see the schema `reports`; it is only read.
        out: The folder; made if it is not there.
        passport: What the release says about itself.

    Raises:
        PipelineError: A table or column of the contract is missing.
        MissingPassportError: A figure does not say where it comes from.
    """
    reports = read_reports(con)
    page = PageContext(reports, passport, reading.comparisons(reports))
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "index.html", render(page))
    for service in page.run_services:
        _write(out / service.address, render_service(page, service))
    for address, html in quality_pages.pages(page):
        _write(out / address, html)


def _write(path: Path, html: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8", newline="\n")


def render(page: PageContext) -> str:
    """Return the index as HTML."""
    return layout.render(
        page,
        title=words.page_title(page.told, page.reports.scores_by_arm_and_follow_up),
        lead=page.lead.row["question"] if page.told else "",
        headlines=headlines(page),
        sections=sections_of(page),
        links=[(f"{quality_words.FOLDER}/index.html", quality_words.QUESTION)],
    )


def render_service(page: PageContext, service: Service) -> str:
    """Return the page of one service comparison as HTML."""
    return layout.render(
        page,
        title=service.title,
        lead=service.row["question"],
        headlines=service_page.headlines(service),
        sections=service_page.sections_of(page, service),
        home=f"{INDEX}/index.html",
        links=[(f"{INDEX}/index.html#section-services", "All comparisons")],
    )


def sections_of(page: PageContext) -> list[Section]:
    """Return the page's sections; one without a figure is left out."""
    by_comparison = [outcomes.trajectories(page, item) for item in page.told]
    lead = by_comparison[0] if by_comparison else []
    more = [figure for figures in by_comparison[1:] for figure in figures]
    flows = [outcomes.flow(page, item) for item in page.told]
    widths = (4, 4, 4) if len(flows) > 2 else (6, 6)
    first = [*lead[:1], effects.response(page)] if lead else []
    usability = quality_index.can_be_used(page, f"{quality_words.FOLDER}/")
    stages = quality_stages.addresses(page, f"{quality_words.FOLDER}/")
    checks = [
        *([usability] if usability else []),
        records.stages(page, stages),
        records.reconciliation(page),
    ]
    found = service_index.in_this_service(page)
    services = Section(
        "services", "Comparisons in this service", [found] if found else []
    )
    trials = [
        Section("outcomes", "Outcomes", [*first, *outcomes.spread(lead[1:])]),
        Section(
            "comparisons",
            "Comparisons",
            [*effects.forests(page), protocols.what_was_compared(page)],
        ),
        Section("groups", "Other groups over time", outcomes.spread(more)),
        Section("people", "Who is in the numbers", outcomes.spread(flows, widths)),
    ]
    if found and not page.told:
        trials = []  # a trial of which nothing can be told
    return [
        *([*trials, services] if page.told else [services, *trials]),
        Section("questions", "Questions", [records.questions(page)]),
        Section("quality", "Data quality", [*checks, records.not_measured(page)]),
    ]
