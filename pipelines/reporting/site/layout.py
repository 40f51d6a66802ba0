"""Lay figures out as one page of HTML that needs nothing else."""

from collections.abc import Sequence
from functools import cache

import jinja2

from pipelines.reporting import formatting as fmt
from pipelines.reporting import theme, words
from pipelines.reporting.site import assets
from pipelines.reporting.site.figure import PageContext, Section
from pipelines.reporting.site.headlines import Headline

PRODUCT = "Therapy outcomes"

Links = Sequence[tuple[str, str]]
"""(address, words) of the links that stand before those to a page's sections."""


def render(
    page: PageContext,
    *,
    title: str,
    lead: str,
    headlines: Sequence[Headline],
    sections: Sequence[Section],
    home: str = "",
    links: Links = (),
    is_small: bool = False,
) -> str:
    """Return a page as HTML; a section without a figure is left out.

    Args:
        page: What every figure of the release shares.
        title: Its heading.
        lead: One sentence below it; empty for none.
        headlines: Its headline numbers; may be none.
        sections: Its figures under their headings.
        home: Where the index is, seen from this page; empty on the index.
        links: Other pages to lead to.
        is_small: True for one of hundreds: it carries two fonts, not four.
    """
    sections = [section for section in sections if section.figures]
    figures = [figure for section in sections for figure in section.figures]
    specs = {
        figure.id: assets.compile_chart(dict(figure.chart))
        for figure in figures
        if figure.chart is not None
    }
    return _template().render(
        product=PRODUCT,
        page=page,
        title=title,
        lead=lead,
        headlines=headlines,
        sections=sections,
        home=home,
        links=links,
        disclosure=words.disclosure(page.passport.disclosure_profile),
        freshness=_freshness(page),
        late=_late(page),
        source_names=fmt.listing(
            [fmt.title_case(row["source"]) for row in page.reports.sources]
        ),
        policy=assets.script_hashes(),
        style=_style(is_small=is_small),
        scripts=assets.scripts(has_charts=bool(specs)),
        specs=assets.embed(specs),
        csv=assets.embed({figure.id: figure.table.csv() for figure in figures}),
    )


@cache
def _template() -> jinja2.Template:
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
    environment.globals["fmt"] = fmt
    return environment.get_template("page.html.j2")


@cache
def _style(*, is_small: bool) -> str:
    fonts = assets.font_faces(is_small=is_small)
    rules = assets.read("css/site.css") + assets.read("css/quality.css")
    return f"{fonts}:root{{{theme.css_variables()}}}{rules}"


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
