"""`outcomes check`: everything that can be said of a delivery, before it is loaded."""

from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines import private
from pipelines.checks.results import CheckResult, describe
from pipelines.errors import DeliveryRefusedError, PipelineError, UsageError
from pipelines.intake import adapters, identifiers, ledger, raw, refusals
from pipelines.intake.contract import Feed
from pipelines.intake.deliveries import Delivery, name_of_folder
from pipelines.intake.draft.vocabulary import is_all_ours
from pipelines.intake.feeds import FEEDS
from pipelines.intake.preflight import trial, values
from pipelines.intake.preflight.columns import (
    Examined,
    bare,
    examine,
    feed_of_name,
    name_of,
)
from pipelines.intake.preflight.findings import (
    FeedFound,
    FileSeen,
    Preflight,
    Problem,
    Warned,
)
from pipelines.intake.preflight.gaps import find_gaps
from pipelines.intake.preflight.partly import (
    feeds_examined,
    instruments_in,
    quarantines,
)
from pipelines.intake.preflight.where import (
    NO_SOURCE,
    in_its_own_words,
    refuse_no_delivery,
    source_of,
)
from pipelines.intake.preflight.whole import Whole, try_whole
from pipelines.intake.sources import Source
from pipelines.intake.trial import Readable, readable, temporary
from pipelines.settings import Home, Settings


@private.files()
def preflight(
    home: Home,
    settings: Settings,
    run_id: str,
    folder: Path,
    source_name: str = "",
    values_file: Path | None = None,
) -> Preflight:
    """Read, lay out and check one delivery, and name all that is wrong with it.

    Args:
        home: Where its source is described.
        settings: Limits and resources.
        run_id: Under which check results are kept.
        folder: The delivery; need not be in the home's landing folder.
        source_name: Its source; empty takes the name of the folder above it, and
            the contract's own names if there is no such source.
        values_file: Where the user wants to see the words outside the code lists.

    Returns:
        What it holds, in counts; no value of a row.

    Raises:
        UsageError: There is no such folder or source, or memory is too small.
        DeliveryRefusedError: Not one of its files can be read.
    """
    folder = folder.resolve()
    refuse_no_delivery(folder)
    if values_file and values_file.exists():
        raise UsageError(values.TAKEN)
    source, told = source_of(home, folder, source_name)
    if home.raw_file.exists():
        raw.prepare(home.raw_file)  # it may be of an earlier version
    with (
        in_its_own_words(source, folder),
        readable(folder, source, home.scratch) as found,
    ):
        whole = try_whole(home, settings, run_id, found.delivery)
        return replace(
            _tell(
                home, settings, found, whole, values_file, told, name_of_folder(folder)
            ),
            source="" if source.name == NO_SOURCE else source.name,
            is_described=source.name != NO_SOURCE,
            maximum_quarantined_share=settings.intake.maximum_quarantined_share,
        )


def _tell(
    home: Home,
    settings: Settings,
    found: Readable,
    whole: Whole,
    values_file: Path | None,
    told: list[Problem],
    folder_name: str,
) -> Preflight:
    delivery, problems = found.delivery, list(told)
    if found.refused:
        problems.append(
            Problem(bare(found.refused, f"{delivery.source.name}/{folder_name}"))
        )
    failing = [one for one in whole.results if one.status != "pass"]
    if whole.error is None and not failing:
        if values_file:
            raise UsageError(
                "No word lies outside a code list: --values is not needed."
            )
        return _report(whole.feeds, problems, (), whole, home, delivery)
    if whole.error and refusals.kind_of(whole.error) == "resources":
        raise whole.error  # what comes next would need as much
    if whole.error:
        delivery, unreadable = trial.set_unreadable_aside(
            delivery, home.scratch, settings
        )
        problems += unreadable
    with (
        temporary(home.scratch) as folder,
        adapters.delivery_connection(delivery, folder, settings.memory_limit) as con,
    ):
        counts = adapters.count_records(con, delivery)
        files = tuple(
            _file(con, path, found.delivery.files.index(path) + 1, counts)
            for path in delivery.files
        )
        examined = [
            examine(con, delivery, feed, found.delivery.files)
            for feed in FEEDS.values()
        ]
        results = whole.results
        if whole.error:
            identified = _identified(con, delivery)
            problems += identified
            problems += _of_columns(examined, found.delivery, delivery)
            if not identified and any(one.rows for one in examined):
                tried = trial.try_out(home, settings, delivery, examined)
                problems += tried.problems
                results = tried.results
            _stop_if_unexplained(whole.error, problems, results)
        rows = {one.feed.name: one.rows for one in examined if one.rows}
        broken, warned = _judge(con, rows, results, delivery.source)
        if values_file:
            values.write_unknown(
                con, _by_feed(rows, results), values_file, delivery.source
            )
        feeds = whole.feeds or feeds_examined(examined, results)
        if whole.error:
            whole = replace(whole, instruments=instruments_in(con, rows))
    problems += broken
    return replace(
        _report(feeds, problems, warned, whole, home, found.delivery), files=files
    )


def _report(
    feeds: tuple[FeedFound, ...],
    problems: list[Problem],
    warned: tuple[Warned, ...],
    whole: Whole,
    home: Home,
    delivery: Delivery,
) -> Preflight:
    supplied = {f"instrument.{code}" for code in whole.instruments}
    for feed in feeds:
        supplied |= {feed.name, *(f"{feed.name}.{column}" for column in feed.sent)}
    sent = {feed.name for feed in feeds}
    loads = ledger.read_loads(home.raw_file) if home.raw_file.exists() else []
    is_new = ledger.standing(loads, delivery) is ledger.Standing.NEW
    return Preflight(
        source="",
        is_described=True,
        feeds=feeds,
        feeds_not_sent=tuple(name for name in FEEDS if name not in sent),
        problems=tuple(problems),
        warnings=warned,
        gaps=find_gaps(supplied),
        changes=whole.changes,
        column_changes=whole.column_changes,
        is_known=not is_new,
        is_late=is_new and delivery.is_dated and ledger.is_late(loads, delivery),
    )


def _identified(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> list[Problem]:
    try:
        identifiers.refuse_identified(con, delivery)
    except DeliveryRefusedError as error:
        return [Problem(bare(error, name_of(delivery)))]
    return []


def _of_columns(
    examined: list[Examined], delivery: Delivery, readable_files: Delivery
) -> list[Problem]:
    """Return the faults of columns; of an unreadable file, its own fault is enough."""
    lost = {feed_of_name(p) for p in {*delivery.files} - {*readable_files.files}}
    return [
        problem
        for one in examined
        for problem in one.problems
        if not lost
        or one.rows
        or not (one.feed.name in lost or one.feed.name in delivery.source.adapters)
    ]


def _stop_if_unexplained(
    error: PipelineError, problems: list[Problem], results: tuple[CheckResult, ...]
) -> None:
    """A refusal that nothing here explains is told in its own words."""
    if problems or any(one.stops_the_run for one in results):
        return
    if isinstance(error, DeliveryRefusedError):
        problems.append(Problem(str(error)))
        return
    raise error


def _judge(
    con: duckdb.DuckDBPyConnection,
    rows: dict[str, str],
    results: tuple[CheckResult, ...],
    source: Source,
) -> tuple[list[Problem], tuple[Warned, ...]]:
    """Sort what does not hold into what refuses the delivery and what does not."""
    problems, warned = [], []
    for result in results:
        if result.status == "pass":
            continue
        feed = FEEDS.get(result.table_name)
        hint = ""
        if feed and feed.name in rows:
            hint = values.hint(con, rows[feed.name], feed, result.check_id, source)
        if result.stops_the_run:
            hint = hint or values.hint_of_many(result.check_id, source)
            told = describe(result).removeprefix(f"{result.table_name}.")
            problems.append(Problem(told, result.table_name, hint))
        else:
            warned.append(
                Warned(
                    result.table_name,
                    result.check_id,
                    result.failed_count,
                    result.tested_count,
                    quarantines(feed, result),
                    hint,
                )
            )
    return problems, tuple(warned)


def _by_feed(
    rows: dict[str, str], results: tuple[CheckResult, ...]
) -> list[tuple[Feed, str, list[CheckResult]]]:
    return [
        (
            FEEDS[name],
            sql,
            [r for r in results if r.table_name == name and r.status == "fail"],
        )
        for name, sql in rows.items()
    ]


def _file(
    con: duckdb.DuckDBPyConnection, path: Path, position: int, counts: dict[str, int]
) -> FileSeen:
    view = adapters.view_of(path.name)
    columns = con.execute(f"describe {view}").fetchall()
    name = path.name if is_all_ours(path.name) else f"number {position}"
    return FileSeen(position, name, counts[path.name], len(columns))
