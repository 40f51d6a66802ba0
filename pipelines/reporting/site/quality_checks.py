"""The page of one check: what it is, how it went, and how to read it."""

from pipelines.reporting import charts, theme, trend_chart
from pipelines.reporting import formatting as fmt
from pipelines.reporting import quality_check_words as check_words
from pipelines.reporting import quality_words as words
from pipelines.reporting.passport import FigurePassport
from pipelines.reporting.quality_rows import Check, iso
from pipelines.reporting.site import assets, quality_found
from pipelines.reporting.site.figure import Figure, PageContext, Section
from pipelines.reporting.tables import Column, Rows, Table

PART_COLUMNS = (Column("part", "Part"), Column("text", "As written down"))
Parts = list[tuple[str, list[str], str]]
"""(heading, sentences, code to copy or nothing) of what a card says in check_words."""


def sections_of(page: PageContext, check: Check) -> list[Section]:
    """Return the sections of the page of one check."""
    return [
        Section("check", "The check", [what(page, check), how_it_went(page, check)]),
        Section(
            "readings", "Two readings", [readers(page, check), engineers(page, check)]
        ),
    ]


def what(page: PageContext, check: Check) -> Figure:
    """Return what a check is: its rule, kind, weight, owner and tolerance."""
    row = check.row
    unit = row["unit"] or "row"
    parts: Parts = [
        ("What must be true", [f"{check.name}."], ""),
        ("Why it matters", [words.plain(row["why"])], ""),
        ("Judged in", [fmt.sentence_case(fmt.humanise(check.feed))], ""),
        (
            "Counted",
            [
                f"{fmt.sentence_case(unit)}. The share is out of every {unit} that could be judged."
            ],
            "",
        ),
        ("Kind", [_category(row["category"])], ""),
        ("When it fails", [check_words.weight(check)], ""),
        ("Tolerated", check_words.tolerance(check), ""),
        (
            "Owner",
            [fmt.sentence_case(fmt.humanise(row["owner"] or "nobody is named"))],
            "",
        ),
    ]
    return _told(
        page,
        check,
        "what",
        parts,
        title=check_words.consequence(check),
        definition="What is looked at, how it is counted, and what happens when it fails.",
        caveat="A check that cannot judge a row does not count it.",
        span=5,
    )


def _category(code: str | None) -> str:
    return check_words.CATEGORIES.get(
        code or "", fmt.sentence_case(fmt.humanise(code or ""))
    )


def how_it_went(page: PageContext, check: Check) -> Figure:
    """Return the share that failed by month, drawn where anything failed."""
    data = trend_chart.trend(check.months, check.tolerated)
    title = check_words.trend(check)
    rows = tuple(sorted(check.months, key=lambda r: (r["source"], iso(r["month"]))))
    drawn, legend = None, ()
    if data is not None:
        styles = theme.group_styles(data.sources)
        description = f"Line chart. {title}. The table holds every month."
        chart = trend_chart.draw(data, styles, description=description)
        drawn = {
            "svg": assets.drawing(charts.spec(chart)),
            "description": description,
            "has_hidden": bool(data.hidden),
        }
        if len(data.sources) > 1:
            legend = tuple(("dot", styles[name][0], name) for name in data.sources)
    return Figure(
        id="trend",
        title=title,
        definition="Share that failed, by the month it happened in and by source."
        + (" Tick on the axis: too few to show." if drawn and data.hidden else ""),
        caveat="A gap is a month that was not tested. The newest month may still fill "
        "up. All rows that count now, not those of one delivery.",
        passport=_passport(page, check, rows),
        table=Table(quality_found.COLUMNS, rows),
        span=7,
        body="trend",
        content=drawn,
        empty=f"{title}.",
        legend=legend,
        has_table=bool(rows),
    )


def readers(page: PageContext, check: Check) -> Figure:
    """Return what the check means for whoever reads a report."""
    named = [page.quality.title(output) for output in check.taints]
    parts: Parts = []
    for output in check.taints:
        row = page.quality.usability.get(output)
        told = words.status(row["status"])[1] if row else "Not judged in this release"
        parts.append((page.quality.title(output), [f"{told}."], ""))
    parts.append(("When it fails", [check_words.effect_on_rows(check)], ""))
    parts.append(("Ask", [check_words.whom_to_ask(check)], ""))
    return _told(
        page,
        check,
        "readers",
        parts,
        title=check_words.touches(named),
        definition="For readers: the reports that these rows feed, and how far to trust "
        "each now.",
        caveat="A report is judged by all its checks, not by this one.",
        span=5,
    )


def engineers(page: PageContext, check: Check) -> Figure:
    """Return how to find the rows that failed, and how to mend them."""
    parts: Parts = [
        ("Last run", check_words.last_run(check), ""),
        *check_words.where_to_look(check),
        ("How to mend", [words.plain(check.row["fix"]) or "Not written down yet."], ""),
    ]
    return _told(
        page,
        check,
        "engineers",
        parts,
        title="How to find the rows, and how to mend them",
        definition="For engineers and analysts who may see rows about people.",
        caveat="Mend it where the rows come from, then send the delivery again.",
        span=7,
    )


def _told(page: PageContext, check: Check, name: str, parts: Parts, **told) -> Figure:
    """Make a card that says its parts in check_words."""
    shown = [
        (part, [text for text in texts if text], code) for part, texts, code in parts
    ]
    shown = [part for part in shown if part[1] or part[2]]
    rows = tuple(
        {"part": part, "text": "\n".join([*texts, code]).strip()}
        for part, texts, code in shown
    )
    return Figure(
        id=name,
        passport=_passport(page, check, ()),
        table=Table(PART_COLUMNS, rows),
        body="steps",
        content=shown,
        **told,
    )


def _passport(page: PageContext, check: Check, rows: Rows) -> FigurePassport:
    return page.figure_passport(
        measure=check.name,
        version=f"run {page.passport.run_id}",
        population=f"rows of {fmt.humanise(check.feed)} that count in this release",
        diagnostics="none: counts",
        rows=rows,
    )
