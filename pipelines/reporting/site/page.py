"""Build a release's site: `index.html` and a page for each service comparison.

Each is one file that needs nothing else.
"""

from pathlib import Path
from typing import Any

import duckdb
import jinja2

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, theme, words
from pipelines.reporting.passport import Passport
from pipelines.reporting.services import Service
from pipelines.reporting.site import (
    assets,
    effects,
    outcomes,
    protocols,
    records,
    service_index,
    service_page,
)
from pipelines.reporting.site.figure import PageContext, Section
from pipelines.reporting.site.headlines import headlines
from pipelines.reporting.tables import read_reports

PRODUCT = "Therapy outcomes"


INDEX = ".."
"""Where the index is, seen from the page of a comparison."""


def build(con: duckdb.DuckDBPyConnection, out: Path, passport: Passport) -> None:
    """Write `index.html`, and `comparisons/<comparison_id>.html` for each one run.

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
        path = out / service.address
        path.parent.mkdir(exist_ok=True)
        _write(path, render_service(page, service))


def _write(path: Path, html: str) -> None:
    path.write_text(html, encoding="utf-8", newline="\n")


def render(page: PageContext) -> str:
    """Return the index as HTML."""
    return _render(
        page,
        title=words.page_title(page.told, page.reports.scores_by_arm_and_follow_up),
        lead=page.lead.row["question"] if page.told else "",
        headlines=headlines(page),
        sections=sections_of(page),
        home="",
    )


def render_service(page: PageContext, service: Service) -> str:
    """Return the page of one service comparison as HTML."""
    return _render(
        page,
        title=service.title,
        lead=service.row["question"],
        headlines=service_page.headlines(service),
        sections=service_page.sections_of(page, service),
        home=f"{INDEX}/index.html",
    )


def _render(page: PageContext, *, sections: list[Section], **told: Any) -> str:
    sections = [section for section in sections if section.figures]
    figures = [figure for section in sections for figure in section.figures]
    specs = {
        figure.id: assets.compile_chart(dict(figure.chart))
        for figure in figures
        if figure.chart is not None
    }
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.reporting.site"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda value: (
        "hidden" if value is None else fmt.count(value)
    )
    return environment.get_template("page.html.j2").render(
        product=PRODUCT,
        page=page,
        disclosure=words.disclosure(page.passport.disclosure_profile),
        freshness=_freshness(page),
        late=_late(page),
        sections=sections,
        fmt=fmt,
        source_names=fmt.listing(
            [fmt.title_case(row["source"]) for row in page.reports.sources]
        ),
        policy=assets.script_hashes(),
        style=f"{assets.font_faces()}:root{{{theme.css_variables()}}}"
        f"{assets.read('css/site.css')}",
        scripts=assets.scripts(has_charts=bool(specs)),
        specs=assets.embed(specs),
        csv=assets.embed({figure.id: figure.table.csv() for figure in figures}),
        **told,
    )


def sections_of(page: PageContext) -> list[Section]:
    """Return the page's sections; one without a figure is left out."""
    by_comparison = [outcomes.trajectories(page, item) for item in page.told]
    lead = by_comparison[0] if by_comparison else []
    more = [figure for figures in by_comparison[1:] for figure in figures]
    flows = [outcomes.flow(page, item) for item in page.told]
    widths = (4, 4, 4) if len(flows) > 2 else (6, 6)
    first = [*lead[:1], effects.response(page)] if lead else []
    checks = [records.stages(page), records.reconciliation(page)]
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


def _freshness(page: PageContext) -> str:
    passport = page.passport
    built = f"Built {fmt.minute(passport.built_at)}."
    if passport.next_release_due is None:
        return f"{built} No date is set for the next release."
    return f"{built} Next release due {fmt.day(passport.next_release_due)}."


def _late(page: PageContext) -> str:
    """Return what the page says of itself once its successor is overdue."""
    passport = page.passport
    if passport.next_release_due is None:
        return ""
    return (
        f"This page is late. The next release was due on "
        f"{fmt.day(passport.next_release_due)}; these figures were built on "
        f"{fmt.day(passport.built_at)}."
    )
