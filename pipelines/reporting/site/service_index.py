"""The list of service comparisons on the index, a line for each."""

from pipelines.reporting import formatting as fmt
from pipelines.reporting import service_words
from pipelines.reporting.services import Service
from pipelines.reporting.site.effects import gate
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.tables import Column, Table

COLUMNS = (
    Column("family", "Kind"),
    Column("title", "Comparison"),
    Column("status", "Status"),
    Column("answer", "What was found, or why it is withheld"),
    Column("comparison_id", "Page"),
)


def in_this_service(page: PageContext) -> Figure | None:
    """Return every service comparison that was run; None where none was."""
    made = page.run_services
    if not made:
        return None
    shown = sum(one.is_shown for one in made)
    groups: dict[str, list[dict]] = {}
    for one in made:
        family = service_words.FAMILIES.get(
            one.row["family"], fmt.sentence_case(fmt.humanise(one.row["family"]))
        )
        groups.setdefault(family, []).append(_line(one))
    rows = tuple(
        {**line, "family": family} for family, lines in groups.items() for line in lines
    )
    absent = [one.title for one in page.services if not one.is_run]
    notes = ()
    if absent:
        notes = (f"Nobody in these records is eligible: {fmt.listing(absent)}.",)
    return Figure(
        id="services",
        title=service_words.counted(shown, len(made) - shown),
        definition="Nobody was allocated at random here. Each line is an estimate that "
        "allows for what was recorded; its page says how, and how far to trust it.",
        caveat="The more comparisons are run, the more of them differ by chance alone. "
        "Each was written down before anybody looked.",
        passport=page.figure_passport(
            measure="Main estimate of every comparison run",
            version="; ".join(one.comparison.version for one in made),
            population="each comparison's own, as its line says",
            diagnostics=gate(tuple(one.comparison.main for one in made)),
            rows=tuple(one.comparison.main for one in made),
        ),
        table=Table(COLUMNS, rows),
        span=12,
        body="services",
        content=list(groups.items()),
        notes=notes,
        notes_title=f"{fmt.plural(len(absent), 'comparison')} not run",
    )


def _line(one: Service) -> dict:
    return {
        "comparison_id": one.id,
        "title": one.title,
        "address": one.address,
        "status": "answered" if one.is_shown else "withheld",
        "answer": one.answer,
    }
