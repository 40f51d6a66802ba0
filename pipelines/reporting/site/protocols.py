"""The figure that says what was compared, and what to bear in mind."""

from pipelines.reporting import effect_rows, reading, words
from pipelines.reporting import formatting as fmt
from pipelines.reporting.reading import Comparison
from pipelines.reporting.site.effects import gate
from pipelines.reporting.site.figure import Figure, PageContext
from pipelines.reporting.tables import Column, Table

COMPARISON_COLUMNS = (
    Column("comparison_id", "Comparison"),
    Column("question_ids", "Questions"),
    Column("question", "Question"),
    Column("population", "Population"),
    Column("exposed_label", "First arm"),
    Column("comparator_label", "Second arm"),
    Column("design", "Design"),
    Column("time_zero", "Starts"),
    Column("caveats", "Caveats"),
    Column("protocol_version", "Protocol version"),
    Column("protocol_hash", "Protocol hash"),
)


def what_was_compared(page: PageContext) -> Figure:
    """Return each comparison's protocol in words, with what to bear in mind."""
    rows = tuple(item.row for item in page.comparisons)
    return Figure(
        id="comparisons",
        title=words.comparisons_run(page.comparisons),
        definition="What was compared, as its protocol states it.",
        caveat="Agreement between estimates describes them; it is not evidence.",
        passport=page.figure_passport(
            measure="Comparisons run and withheld",
            version="; ".join(item.version for item in page.comparisons) or "none",
            population="each comparison's own, as stated",
            diagnostics=gate(tuple(c.main for c in page.comparisons if c.main)),
            rows=rows,
        ),
        table=Table(COMPARISON_COLUMNS, rows),
        span=12,
        body="comparisons",
        content=[_protocol(page, item) for item in page.comparisons],
        empty="No comparison was run: these records do not allow one.",
    )


def _finding(item: Comparison, *, is_lower_better: bool) -> str:
    if item.main and item.main["is_withheld"]:
        return words.absence(item.main)
    return words.main_estimate(item, is_lower_better=is_lower_better)


def _protocol(page: PageContext, item: Comparison) -> dict[str, object]:
    better = False
    if item.main:
        code = reading.outcome(item.main["outcome_id"]).instrument
        better = reading.is_lower_better(page.instrument(code))
    responded = effect_rows.first_responses([item], page.effects)
    facts = [
        ("Who", item.row["population"]),
        ("Starts", item.row["time_zero"]),
        ("Design", fmt.sentence_case(words.design(item))),
        ("Finding", _finding(item, is_lower_better=better)),
    ]
    if item.main and reading.is_shown(item.main):
        low, high = item.main["estimate_low"], item.main["estimate_high"]
        facts.append(("95% interval", f"{fmt.interval(low, high)} points"))
    if item.main:
        facts.append(("Scored", effect_rows.scored(item.main)))
    facts += [
        ("Response", words.absence(row) if row["is_withheld"] else text)
        for _, row in responded
        if (text := words.response(item, row))
    ]
    version, sha = item.row["protocol_version"], item.row["protocol_hash"][:12]
    facts.append(("Protocol", f"version {version}, {sha}"))
    return {
        "name": item.name,
        "questions": item.row["question_ids"],
        "question": item.row["question"],
        "facts": facts,
        "caveats": item.caveats,
    }
