"""What the command prints: tables for people, CSV for programs."""

import json
from typing import TYPE_CHECKING

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.errors import UsageError
from pipelines.intake import gone
from pipelines.intake.gone import NEXT
from pipelines.release import access
from pipelines.settings import Home

if TYPE_CHECKING:
    from pipelines.doctor import Finding
    from pipelines.intake.queue import Outcome
    from pipelines.intake.withdrawal import Withdrawn

LEVELS = {
    "fine": "[green]ok[/]",
    "warning": "[yellow]note[/]",
    "fault": "[red]fault[/]",
}
SCALES = {
    "mean_difference": "points",
    "risk_difference": "percentage points",
    "hedges_g": "standard deviations",
}
PRIMARY = """
select
    comparisons.exposed_label || ' v ' || lower(comparisons.comparator_label)
        as comparison,
    effects.exposed_count,
    effects.comparator_count,
    effects.scale,
    effects.estimate,
    effects.estimate_low,
    effects.estimate_high,
    comparisons.design,
    effects.is_withheld,
    effects.withheld_reason
from reports.rpt_effects_by_comparison as effects
inner join reports.rpt_comparisons as comparisons using (comparison_id)
where effects.is_primary
order by comparisons.comparison_id desc
"""
MINUS = "\N{MINUS SIGN}"


def show_releases(console: Console, home: Home) -> None:
    """Print one line per release, the newest first."""
    current = access.current_release(home)
    folders = sorted(
        (path.parent for path in home.releases.glob("*/manifest.json")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    table = Table("Release", "Data as of", "Published", "Current", box=None)
    for folder in folders:
        if folder.is_symlink():
            continue
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        table.add_row(
            manifest["release_id"],
            manifest["as_of"][:19],
            manifest["published_at"],
            "current" if current and folder.name == current.name else "",
        )
    console.print(table)


def show_current(console: Console, home: Home) -> None:
    """Print the primary result of each comparison, and where the page is."""
    current = access.current_release(home)
    if current is None:
        console.print("Nothing has been published yet. Start with: outcomes run")
        return
    with access.open_current(home) as con:
        rows = con.sql(PRIMARY).pl()
    table = Table(
        "Comparison", "People", "Difference", "95% interval", "Design", box=None
    )
    withheld = []
    for row in rows.iter_rows(named=True):
        table.add_row(*_effect_cells(row))
        if row["is_withheld"]:
            withheld.append(f"{row['comparison']}: {row['withheld_reason']}")
    console.print()
    console.print(table)
    console.print()
    console.print("Main outcome of each comparison; a lower score is better.")
    console.print("A description is not an effect: nobody allocated what it compares.")
    for reason in withheld:
        console.print(f"Withheld, {reason}")
    console.print()
    console.print(f"Page: {current / 'site' / 'index.html'}", soft_wrap=True)


def show_rows(console: Console, rows: pl.DataFrame, as_csv: bool) -> None:
    """Print a query's rows as a table, or as CSV."""
    if as_csv:
        console.file.write(rows.write_csv())  # as it is, nothing wrapped or styled
        return
    table = Table(box=None)
    for name in rows.columns:
        table.add_column(Text(name))
    for row in rows.iter_rows():
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
    console.print(f"{rows.height} row(s)")


def show_outcome(console: Console, outcome: "Outcome") -> None:
    """Print what an ingest loaded, passed over and removed."""
    for name in outcome.loaded:
        is_late = name in outcome.late
        late = " (late: newer ones had been loaded, and stay in force)"
        console.print(
            f"Loaded {name}{late if is_late else ''}{_set_aside(outcome, name)}",
            markup=False,
        )
    if outcome.known:
        console.print(f"{len(outcome.known)} delivery(ies) had been loaded before")
    for told in outcome.missed:
        console.print(told, markup=False)
    if outcome.missed:
        console.print(f"Nothing counts in their place. {NEXT}", markup=False)
    for name in outcome.withdrawn:
        console.print(
            f"{name} was withdrawn and stays out. To bring it back: "
            f"outcomes ingest --again {name}",
            markup=False,
        )
    for name in outcome.removed:
        console.print(f"Retention removed the rows of {name} for good", markup=False)


def show_withdrawn(console: Console, done: "Withdrawn") -> None:
    """Print what a withdrawal did and what to do next."""
    console.print(f"Withdrew {done.name}: from now on it does not count.", markup=False)
    if done.counts_again:
        again = ", ".join(done.counts_again)
        console.print(f"In force again: {again}.", markup=False)
    for load in done.missed:
        console.print(
            f"{gone.told(load)} So it does not count again in its place.", markup=False
        )
    if done.is_source_empty:
        console.print("Its source has no rows now, until it sends a delivery.")
    console.print(
        "Releases published before still hold its rows. Build again with: outcomes run"
    )


def show_findings(console: Console, findings: list["Finding"]) -> None:
    """Print what the doctor found, with what to do."""
    table = Table("", "What", "Finding", box=None)
    for finding in findings:
        table.add_row(LEVELS[finding.level], finding.subject, finding.text)
    console.print(table)


def _set_aside(outcome: "Outcome", name: str) -> str:
    rows = outcome.set_aside.get(name)
    if not rows:
        return ""
    return (
        f"; {rows.refused_count:,} of {rows.sent_count:,} rows set aside, each with the "
        f"rule that it breaks: {rows.folder}"
    )


def _effect_cells(row: dict) -> tuple[str, ...]:
    people = f"{_count(row['exposed_count'])} v {_count(row['comparator_count'])}"
    design = "randomised" if row["design"] == "randomised" else "description"
    if row["is_withheld"]:
        return (row["comparison"], people, "withheld", "", design)
    if row["estimate"] is None:
        return (row["comparison"], people, "hidden", "too few people to show", design)
    scale = 100 if row["scale"] == "risk_difference" else 1
    point, low, high = (
        _signed(row[name] * scale)
        for name in ("estimate", "estimate_low", "estimate_high")
    )
    unit = SCALES.get(row["scale"])
    if unit is None:
        raise UsageError(f"The scale {row['scale']} has no unit in pipelines/views.py.")
    return (row["comparison"], people, f"{point} {unit}", f"{low} to {high}", design)


def _count(value: int | None) -> str:
    return "hidden" if value is None else str(value)


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", MINUS)
