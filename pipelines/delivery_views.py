"""What the command prints of a delivery before it is loaded, and of a drafted source."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from pipelines.intake.draft.source import SourceDraft
    from pipelines.intake.preflight.findings import Preflight
    from pipelines.intake.preflight.gaps import ColumnGap

SCREEN_LINES = 10
"""Lines of all lists of a pre-flight that are shown unasked, hints among them, so that it
fits on one screen with what stands around them."""

SHORT_LIST = 2
"""Items of each list that are shown all the same."""

MAIN_CAUSES = 3
"""Missing feeds or columns that are named unasked: those that cost the most."""


def show_preflight(
    console: Console, found: "Preflight", *, show_all: bool, as_json: bool
) -> None:
    """Print what a delivery holds, what is wrong with it, and whether it would load.

    Args:
        console: Where to print.
        found: The findings.
        show_all: Everything; else what fits on a screen.
        as_json: For programs, and then nothing else.
    """
    if as_json:
        console.file.write(json.dumps(found.for_machines(), indent=1) + "\n")
        return
    for file in found.files:
        told = f"{file.name}, {file.row_count} rows, {file.column_count} columns"
        console.print(f"File {file.position}: {told}", markup=False)
    if found.feeds:
        console.print(_feeds_found(found))
    room = None if show_all else SCREEN_LINES
    lists = (
        ("Would be refused for:", _problems(found)),
        ("Would be quarantined:", _quarantined(found)),
        ("Worth a look:", _doubted(found)),
        ("Figures, against what came before:", found.changes),
        ("Columns, against the delivery before:", found.column_changes),
    )
    if any(items for _, items in lists):
        console.print()
    for title, items in lists:
        limit = None if room is None else max(SHORT_LIST, _fitting(items, room))
        _show_list(console, title, items, limit)
        if room is not None:
            room -= sum(1 + item.count("\n") for item in items[:limit])
    _show_gaps(console, found, show_all)
    console.print(_verdict(found), markup=False)


def _feeds_found(found: "Preflight") -> Table:
    table = Table("Feed", "Rows", "Columns", "Duplicates", "Quarantine", box=None)
    for feed in found.feeds:
        table.add_row(
            feed.name,
            str(feed.row_count),
            f"{len(feed.sent)} of {len(feed.sent) + len(feed.not_sent)}",
            "-" if feed.duplicate_count is None else str(feed.duplicate_count),
            str(feed.quarantined_count),
        )
    return table


def _problems(found: "Preflight") -> list[str]:
    """Return a line each; a hint that several in a row share stands under the first."""
    hints = [""] + [problem.hint for problem in found.problems]
    return [
        _line(problem.feed, problem.what, "" if problem.hint == last else problem.hint)
        for problem, last in zip(found.problems, hints, strict=False)
    ]


def _quarantined(found: "Preflight") -> list[str]:
    share = f"a rule may refuse {found.maximum_quarantined_share:.0%} of a feed"
    return [
        _line(
            one.feed,
            f"{one.failed_count} of {one.tested_count} rows, {one.check_id} ({share})",
            one.hint,
        )
        for one in found.warnings
        if one.is_quarantine
    ]


def _line(feed: str, what: str, hint: str) -> str:
    told = f"{feed}: {what}" if feed else what
    return "\n    ".join([*told.splitlines(), *hint.splitlines()])


def _doubted(found: "Preflight") -> list[str]:
    return [
        f"{one.feed}: {one.check_id} does not hold"
        + f" in {one.failed_count} of {one.tested_count}" * bool(one.tested_count)
        for one in found.warnings
        if not one.is_quarantine
    ]


def _fitting(items: Sequence[str], room: int) -> int:
    """Return how many items fit into so many lines."""
    lines = accumulate(1 + item.count("\n") for item in items)
    return sum(line <= room for line in lines)


def _show_list(
    console: Console, title: str, lines: Sequence[str], limit: int | None
) -> None:
    if not lines:
        return
    console.print(title)
    for line in lines[:limit]:
        console.print(f"  - {line}", markup=False)
    if limit is not None and len(lines) > limit:
        console.print(f"  and {len(lines) - limit} more: --all")


def _show_gaps(console: Console, found: "Preflight", show_all: bool) -> None:
    """Say what the delivery leaves `not measured`; each one only on request."""
    if not found.feeds:
        return  # what cannot be read may hold any of them
    if found.feeds_not_sent:
        console.print(f"\nNot sent: {_names(found.feeds_not_sent)}")
    questions, columns = found.gaps.questions, found.gaps.columns
    if not (questions or columns):
        return
    is_some = 0 < len(questions) < found.gaps.questions_count
    named = f" ({_names(gap.question_id for gap in questions)})" * is_some
    console.print(
        f"Alone it would leave `not measured`: {len(questions)} of "
        f"{found.gaps.questions_count} questions{named} and {len(columns)} columns of "
        f"the marts, most for want of {_names(_causes(columns))}"
        + ("." if show_all else "; each with its reason: --all"),
        markup=False,
    )
    if not show_all:
        return
    for gap in questions:
        console.print(
            f"  - {gap.question_id} {gap.question} Needs "
            f"{_names(gap.missing).replace('|', ' or ')}",
            markup=False,
        )
    for gap in columns:
        console.print(
            f"  - {gap.table_name}.{gap.column_name} needs {_names(gap.missing)}",
            markup=False,
        )
    for feed in found.feeds:
        if feed.not_sent:
            console.print(f"  - {feed.name} without {_names(feed.not_sent)}")


def _causes(columns: Sequence["ColumnGap"]) -> list[str]:
    """Return what is most often missing, the most frequent first."""
    counted = Counter(need for gap in columns for need in gap.missing)
    return [f"{need} ({count})" for need, count in counted.most_common(MAIN_CAUSES)]


def _verdict(found: "Preflight") -> str:
    if not found.would_load:
        verdict = "\nThis delivery would be refused, whole. Nothing was loaded."
    elif found.is_known:
        verdict = "\nThis delivery has been loaded before; it would not load again."
    elif found.is_late:
        verdict = (
            "\nThis delivery would load, and it is late: newer ones of its source had "
            "been loaded and stay in force.\nIs its day right? "
            "docs/runbooks/late_delivery.md"
        )
    elif found.is_described:
        verdict = "\nThis delivery would load."
    else:
        verdict = "\nThis delivery would load once a source describes it."
    if found.is_described:
        return verdict
    return (
        f"{verdict}\nNo source was named, so it was read with the contract's own names. "
        "To draft a source:\noutcomes source new NAME --from DELIVERY"
    )


def show_draft(console: Console, draft: "SourceDraft") -> None:
    """Print what was drafted, what was left out, and what to do next."""
    console.print(f"Files: {_names(draft.files)}")
    if draft.has_csv:
        console.print(f"Written with: {draft.dialect.words}. Pinned in source.yml.")
    table = Table("Feed", "From file", "Columns", "To decide", box=None)
    for feed in draft.feeds:
        table.add_row(
            feed.name,
            _names(map(str, feed.files)),
            _names(feed.columns),
            str(feed.decisions or "-"),
        )
    console.print(table)
    for feed in draft.feeds:
        if feed.missing:
            console.print(
                f"{feed.name}: nothing found for {_names(feed.missing)} (required)"
            )
    if draft.feeds_not_found:
        console.print(f"No file seems to hold: {_names(draft.feeds_not_found)}")
    for left_out in draft.left_out:
        console.print(
            f"File {left_out.file_position}: {len(left_out.columns)} column(s) left "
            f"out: {_names(left_out.columns)}"
        )
    if draft.left_out:
        console.print("Their names stand at the end of source.yml.")
    console.print(
        f"\nDrafted in {draft.folder}\n"
        "Its code maps can hold words of your data: it stays in the home; do not "
        "send it on unread.\n"
        f"1. Read it, and settle each `decide:`   grep -n decide: {draft.folder}/*\n"
        f"2. outcomes check DELIVERY --source {draft.name}\n"
        "3. Copy the delivery to "
        f"{draft.folder.parents[1] / 'landing' / draft.name}/<date of extract>/, "
        "then: outcomes ingest",
        markup=False,
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
