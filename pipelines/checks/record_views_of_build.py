"""Make the views that record checks read of a build: its current rows, source by source."""

import duckdb

from expectations.records import CALENDAR, CLOCK
from pipelines.checks.record_views import columns_read, has_rows
from pipelines.intake.feeds import FEEDS
from pipelines.sql import quoted


def of_build(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Copy the current rows of a build, attached as `outcomes`, with what checks read.

    Returns:
        The sources that have loads in the build.
    """
    for name, feed in FEEDS.items():
        columns = ", ".join({feed.key: None, **dict.fromkeys(columns_read(feed))})
        con.execute(
            f"create table current_{name} as select source, {columns} "
            f"from outcomes.staging.stg_{name}"
        )
    con.execute(
        "create table delivery_of as select source, any_value(namespace) as namespace, "
        "max(extracted_at)::date as extracted_on, max(data_to) as data_to, "
        "bool_and(date_mode = 'calendar') as is_calendar "
        "from outcomes.staging.stg_loads group by source"
    )
    rows = con.execute("select source from delivery_of order by source").fetchall()
    return [row[0] for row in rows]


def of_source(con: duckdb.DuckDBPyConnection, source: str) -> set[str]:
    """Make the views of one source of a build; returns what can be judged.

    Rows of other sources with its namespace stand beside its own.
    """
    con.execute(
        "create or replace view delivery as select "
        "case when is_calendar then extracted_on end as extracted_on, data_to, "
        f"is_calendar from delivery_of where source = {quoted(source)}"
    )
    row = con.execute(
        "select namespace, is_calendar from delivery_of where source = ?", [source]
    ).fetchone()
    shared = con.execute(
        "select count(*) from delivery_of where namespace = ?", [row[0]]
    ).fetchone()[0]
    for name, feed in FEEDS.items():
        is_own = f"source = {quoted(source)}"
        con.execute(
            f"create or replace view judged_{name} as select * exclude (source) "
            f"from current_{name} where {is_own}"
        )
        rows = (
            f"select * exclude (source), {is_own} as is_judged from current_{name} "
            f"where starts_with({feed.key}, {quoted(row[0] + ':')})"
        )
        if shared > 1:
            rows += (
                f" qualify row_number() over (partition by {feed.key} "
                f"order by {is_own} desc, source) = 1"
            )
        con.execute(f"create or replace view {name} as {rows}")
        con.execute(
            f"create or replace view keys_of_{name} as select {feed.key} from {name}"
        )
    sent = con.execute(
        "select distinct columns.feed, columns.column_name from raw.load_columns as "
        "columns inner join outcomes.staging.stg_load_feeds as feeds "
        "on columns.load_id = feeds.load_id and columns.feed = feeds.feed "
        "where feeds.is_current and columns.is_supplied and feeds.source = ?",
        [source],
    ).fetchall()
    supplied = {f"{feed}.{column}" for feed, column in sent}
    supplied |= {name for name in FEEDS if has_rows(con, name)}
    return supplied | ({CALENDAR, CLOCK} if row[1] else set())
