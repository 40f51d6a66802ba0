"""Make the views that record checks read: of a delivery as it lands, or of a build.

They are made in a database in memory, so that they leave nothing behind and hide no table
of the files they read. What they are is said in `expectations/records.py`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from expectations.records import CALENDAR, CLOCK, all_record_checks
from pipelines.intake.contract import INSTRUMENTS_SEED, Feed
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.landing import LandedFeed
from pipelines.settings import Settings
from pipelines.sql import quoted

SEEDS = ("instruments", "ingredients", "defined_daily_doses")

CURRENT_LOADS = """
create table current_loads as
with accepted as (
    select * exclude (extracted_at), max(extracted_at) over same_files as extracted_at
    from raw.loads
    where accepted_at is not null and {counts} and namespace = $namespace
    window same_files as (partition by source, coalesce(files_id, load_id))
    qualify row_number() over (
        partition by source, coalesce(files_id, load_id)
        order by accepted_at desc, load_id desc
    ) = 1
)
select
    feeds.feed, loads.load_id, loads.source, loads.kind, loads.extracted_at,
    loads.accepted_at,
    sum(case when loads.kind = 'full' then 1 else 0 end) over (
        partition by loads.source, feeds.feed
        order by loads.extracted_at desc, loads.accepted_at desc, loads.load_id desc
    ) as full_loads_from_here
from raw.load_feeds as feeds
inner join accepted as loads using (load_id)
where feeds.is_supplied
qualify full_loads_from_here = 0 or (kind = 'full' and full_loads_from_here = 1)
"""
"""Loads whose rows count now, feed by feed, as in stg_load_feeds."""

OF_THE_PATIENTS = "patient_id in (from wanted_patients)"

WANTED = {
    "episodes": "or episode_id in (from named_episodes)",
    "sessions": "or session_id in (from named_sessions) "
    "or (clinician_id, held_on) in "
    "(select (clinician_id, held_on) from days_of_clinicians)",
}
"""Earlier rows that a delivery names, besides those of its patients."""


@contextmanager
def opened(settings: Settings, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory, with the seeds that checks read.

    Args:
        settings: Threads and memory.
        scratch: Folder for DuckDB's temporary files.
    """
    limits = {
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "temp_directory": str(scratch),
    }
    with duckdb.connect(config=limits) as con:
        for seed in SEEDS:
            path = INSTRUMENTS_SEED.with_name(f"{seed}.csv")
            con.execute(
                f"create table {seed} as select * from read_csv({quoted(path)})"
            )
        yield con


def of_delivery(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    raw_file: Path,
) -> set[str]:
    """Make the views of a delivery that is laid out, attached as `landing`.

    Earlier rows of the namespace stand beside the delivery's, which replace theirs by
    key; those of a full source's own feeds do not count. Only rows that a check can
    meet are read: of the delivery's patients, or named by its rows.

    Returns:
        Feeds and columns (`<feed>.<column>`) that can be judged, `CALENDAR` and `CLOCK`.
    """
    _make_delivery(con, delivery)
    for name, feed in FEEDS.items():
        _make_judged(con, feed, name in landed)
    has_earlier = raw_file.exists() and _make_current_loads(
        con, delivery, landed, raw_file
    )
    for name, feed in FEEDS.items():
        rows = f"select *, true as is_judged from judged_{name}"
        keys = (
            f"select {feed.key} from landing.{name} where {feed.key} is not null"
            if name in landed
            else f"select {feed.key} from judged_{name}"
        )
        if has_earlier and _make_earlier(con, feed, name in landed):
            rows += (
                f" union all by name select *, false as is_judged from earlier_{name}"
            )
            keys += f" union all select {feed.key} from earlier_{name}"
        con.execute(f"create view {name} as {rows}")
        con.execute(f"create view keys_of_{name} as {keys}")
    supplied = {
        f"{name}.{column}" for name, item in landed.items() for column in item.supplied
    }
    supplied |= {name for name in FEEDS if name in landed or has_rows(con, name)}
    if delivery.source.date_mode == "calendar":
        supplied |= {CALENDAR, CLOCK} if delivery.is_dated else {CALENDAR}
    return supplied


def judge_feed(con: duckdb.DuckDBPyConnection, feed: str) -> None:
    """Let `judged` stand for the rows of one feed."""
    con.execute(f"create or replace view judged as select * from judged_{feed}")


def _make_delivery(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    is_calendar = delivery.source.date_mode == "calendar"
    con.execute(
        "create table delivery (extracted_on date, data_to date, is_calendar boolean)"
    )
    con.execute(
        "insert into delivery values (?, ?, ?)",
        [
            delivery.extracted_at.date() if is_calendar and delivery.is_dated else None,
            delivery.data_to,
            is_calendar,
        ],
    )


def _make_judged(con: duckdb.DuckDBPyConnection, feed: Feed, is_landed: bool) -> None:
    """Rows of the delivery that break no row rule and retire nothing."""
    if not is_landed:
        columns = ", ".join(f'null::{c.sql_type} as "{c.name}"' for c in feed.columns)
        con.execute(f"create view judged_{feed.name} as select {columns} where false")
        return
    columns = ", ".join(f'"{column.name}"' for column in feed.columns)
    con.execute(
        f"create view judged_{feed.name} as select {columns} from landing.{feed.name} "
        "where not is_deleted and is_broken is not true"
    )


def _make_current_loads(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    raw_file: Path,
) -> bool:
    """Find the loads that stay in force beside the delivery; say if there are any."""
    con.execute(f"attach {quoted(raw_file)} as raw (read_only)")
    ended = con.execute(
        "select column_name from duckdb_columns() where database_name = 'raw' "
        "and table_name = 'loads' and column_name in ('withdrawn_at', 'purged_at')"
    ).fetchall()
    counts = " and ".join(("true", *(f"{column} is null" for (column,) in ended)))
    con.execute(
        CURRENT_LOADS.format(counts=counts), {"namespace": delivery.source.namespace}
    )
    if delivery.source.kind == "full":
        con.executemany(
            "delete from current_loads where source = ? and feed = ?",
            [(delivery.source.name, name) for name in landed],
        )
    count = con.execute("select count(*) from current_loads").fetchone()[0]
    if count:
        _make_wanted(con)
    return count > 0


def _make_wanted(con: duckdb.DuckDBPyConnection) -> None:
    """Patients, courses, sessions and clinicians' days that the delivery names."""
    of_patients = [f.name for f in FEEDS.values() if f.columns[1].name == "patient_id"]
    named = " union ".join(
        f"select patient_id from judged_{name}" for name in ("patients", *of_patients)
    )
    con.execute(f"create table wanted_patients as {named}")
    con.execute(
        "create table named_episodes as select episode_id from judged_sessions "
        "where episode_id is not null union select episode_id from judged_assessments "
        "where episode_id is not null"
    )
    con.execute(
        "create table named_sessions as select distinct session_id "
        "from judged_assessments where session_id is not null"
    )
    con.execute(
        "create table days_of_clinicians as select distinct clinician_id, held_on "
        "from judged_sessions where clinician_id is not null"
    )


def _make_earlier(con: duckdb.DuckDBPyConnection, feed: Feed, is_landed: bool) -> bool:
    """Copy a feed's earlier rows that a check can meet; say if there are any."""
    has_patients = any(column.name == "patient_id" for column in feed.columns)
    wanted = (
        f"({OF_THE_PATIENTS} {WANTED.get(feed.name, '')})" if has_patients else "true"
    )
    columns = ", ".join({feed.key: None, **dict.fromkeys(columns_read(feed))})
    replaced = (
        f"and {feed.key} not in (select {feed.key} from landing.{feed.name} "
        f"where {feed.key} is not null)"
        if is_landed
        else ""
    )
    con.execute(
        f"""
        create table earlier_{feed.name} as
        select {columns} from (
            select rows.*, loads.extracted_at, loads.accepted_at
            from raw.{feed.name} as rows
            inner join current_loads as loads
                on rows.load_id = loads.load_id and loads.feed = '{feed.name}'
            where {wanted} {replaced}
            qualify row_number() over (
                partition by rows.source, rows.{feed.key}
                order by loads.extracted_at desc, loads.accepted_at desc, rows.load_id desc
            ) = 1
        )
        where not is_deleted
        qualify row_number() over (
            partition by {feed.key} order by extracted_at desc, accepted_at desc, load_id
        ) = 1
        """
    )
    return has_rows(con, f"earlier_{feed.name}")


def columns_read(feed: Feed) -> list[str]:
    """Return the columns of a feed that any check names."""
    text = " ".join(check.query for check in all_record_checks())
    words = set(re.findall(r"\w+", text))
    return [column.name for column in feed.columns if column.name in words]


def has_rows(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Say whether a table or view has a row."""
    row = con.execute(f"select exists (select 1 from {table})").fetchone()
    return bool(row[0])
