"""Run the record checks: on each delivery as it lands, and on all that a build reads.

A check's query finds units that look wrong; how many, of how many, and which ones are
kept beside the delivery while it is checked (`<feed>_doubted`, `<feed>_judged` in the
landing file) and, month by month and counted only, in `quality.checks_by_month`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from expectations.records import RecordCheck, Rows, record_checks
from pipelines.checks import record_views, record_views_of_build, refused_by_month
from pipelines.checks.results import CheckResult
from pipelines.errors import CheckFailedError
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.landing import LandedFeed
from pipelines.settings import Home, Settings
from pipelines.sql import quoted

CHECKS_BY_MONTH = """
create or replace table outcomes.quality.checks_by_month (
    source varchar, feed varchar, check_id varchar, month date,
    tested_count bigint, failed_count bigint
)
"""


def judge_delivery(
    landing_file: Path,
    raw_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    settings: Settings,
) -> None:
    """Judge the rows of a delivery that is laid out, beside those loaded before.

    Writes, for each feed that landed, `<feed>_judged` (check_id, tested_count) and
    `<feed>_doubted` (check_id, unit, on_day) into the landing file. A check whose feeds
    or columns were not sent is in neither: not measured.

    Args:
        landing_file: Where the delivery is laid out; nobody else may hold it open.
        raw_file: The raw warehouse; may not exist.
        delivery: Whose rows they are.
        landed: What landed, by feed.
        settings: Threads and memory.

    Raises:
        CheckFailedError: A check could not be evaluated.
        duckdb.OutOfMemoryException: `settings` allow too little memory.
    """
    with record_views.opened(settings, landing_file.parent) as con:
        con.execute(f"attach {quoted(landing_file)} as landing")
        with _told("the delivery", lets_pass=duckdb.OutOfMemoryException):
            supplied = record_views.of_delivery(con, delivery, landed, raw_file)
        for feed in landed:
            con.execute(
                f"create table landing.{feed}_judged "
                "(check_id varchar, tested_count bigint)"
            )
            con.execute(
                f"create table landing.{feed}_doubted "
                "(check_id varchar, unit varchar, on_day date)"
            )
            record_views.judge_feed(con, feed)
            for rows, checks in _by_rows(feed, supplied):
                with _told(f"feed {feed}", lets_pass=duckdb.OutOfMemoryException):
                    _judge(con, feed, rows, checks)


def judge_current(home: Home, run_id: str, settings: Settings) -> None:
    """Write quality.checks_by_month: record checks and row rules on current rows.

    Counts per source, feed, check and month; month is null for what has no day, such as
    a patient or a site, and for rows whose day could not be read. Of a row rule only
    those that refused a row of a load in force are listed; its tested rows are the
    current ones and the refused ones.

    Args:
        home: Where the build is, with its staging models made.
        run_id: The run that is building.
        settings: Threads and memory.

    Raises:
        CheckFailedError: A check could not be evaluated.
    """
    build = home.build_file(run_id)
    with record_views.opened(settings, build.parent) as con:
        con.execute(f"attach {quoted(home.raw_file)} as raw (read_only)")
        con.execute(f"attach {quoted(build)} as outcomes")
        con.execute("create schema if not exists outcomes.quality")
        con.execute(CHECKS_BY_MONTH)
        for source in record_views_of_build.of_build(con):
            supplied = record_views_of_build.of_source(con, source)
            for feed in FEEDS:
                record_views.judge_feed(con, feed)
                for rows, checks in _by_rows(feed, supplied):
                    with _told(f"feed {feed}"):
                        _count_by_month(con, source, feed, rows, checks)
        with _told("refused rows"):
            refused_by_month.count(con, home)


def with_counts(
    landing_file: Path, feed: str, results: list[CheckResult]
) -> list[CheckResult]:
    """Give the record checks among a suite's results their own counts.

    A check that was not measured is left out. One within its tolerated share has passed
    and still says how many units it found.
    """
    with duckdb.connect(str(landing_file), read_only=True) as con:
        tested = dict(
            con.execute(f"select check_id, tested_count from {feed}_judged").fetchall()
        )
        found = dict(
            con.execute(
                f"select check_id, count(*) from {feed}_doubted group by check_id"
            ).fetchall()
        )
    of_records = {check.check_id for check in record_checks(feed)}
    return [
        replace(
            result,
            tested_count=tested[result.check_id],
            failed_count=found.get(result.check_id, 0),
        )
        if result.check_id in of_records
        else result
        for result in results
        if result.check_id not in of_records or result.check_id in tested
    ]


def _by_rows(feed: str, supplied: set[str]) -> Iterator[tuple[Rows, list[RecordCheck]]]:
    """Checks of a feed that can be measured, those of one scan together."""
    grouped: dict[Rows, list[RecordCheck]] = {}
    for check in record_checks(feed):
        if set(check.needs) <= supplied:
            grouped.setdefault(check.rows, []).append(check)
    yield from grouped.items()


def _judge(
    con: duckdb.DuckDBPyConnection, feed: str, rows: Rows, checks: list[RecordCheck]
) -> None:
    units = f"({rows.select})"
    if rows.is_kept:
        con.execute(f"create or replace temp table kept_units as {units}")
        units = "kept_units"
    counts = con.execute(
        f"select {', '.join(_counted(check) for check in checks)} from {units} as tested"
    ).fetchone()
    tested, failed = counts[::2], counts[1::2]
    con.executemany(
        f"insert into landing.{feed}_judged values (?, ?)",
        [(check.check_id, n) for check, n in zip(checks, tested, strict=True)],
    )
    doubted = [check for check, n in zip(checks, failed, strict=True) if n]
    if not doubted:
        return
    named = ", ".join(
        f"case when {_is_failed(check)} then '{check.check_id}' end"
        for check in doubted
    )
    con.execute(
        f"insert into landing.{feed}_doubted select check_id, unit, on_day from ("
        f"select unnest([{named}]) as check_id, {rows.unit} as unit, "
        f"{rows.on_day} as on_day from {units} as tested "
        f"where {' or '.join(_is_failed(check) for check in doubted)}"
        ") where check_id is not null"
    )


def _count_by_month(
    con: duckdb.DuckDBPyConnection,
    source: str,
    feed: str,
    rows: Rows,
    checks: list[RecordCheck],
) -> None:
    counts = con.execute(
        f"select date_trunc('month', {rows.on_day})::date as month, "
        f"{', '.join(_counted(check) for check in checks)} "
        f"from ({rows.select}) as tested group by 1 order by 1"
    ).fetchall()
    counted = [
        (source, feed, check.check_id, month, numbers[2 * n], numbers[2 * n + 1])
        for month, *numbers in counts
        for n, check in enumerate(checks)
        if numbers[2 * n]
    ]
    if counted:
        con.executemany(
            "insert into outcomes.quality.checks_by_month values (?, ?, ?, ?, ?, ?)",
            counted,
        )


def _counted(check: RecordCheck) -> str:
    """Aggregates: how many units are tested, and how many fail."""
    return (
        f"count(*) filter (coalesce({check.among}, false)), "
        f"count(*) filter ({_is_failed(check)})"
    )


def _is_failed(check: RecordCheck) -> str:
    return f"coalesce(({check.among}) and ({check.fails}), false)"


@contextmanager
def _told(what: str, lets_pass: type[duckdb.Error] | tuple[()] = ()) -> Iterator[None]:
    """DuckDB's messages can repeat values: say what was judged, and no more."""
    try:
        yield
    except lets_pass:
        raise
    except duckdb.Error as error:
        raise CheckFailedError(
            f"The record checks of {what} could not be evaluated "
            f"({type(error).__name__}), so nothing was loaded or built.\n"
            "If memory is short, raise memory_limit in settings.toml; otherwise this is "
            "a fault of ours: report it with these words."
        ) from None
