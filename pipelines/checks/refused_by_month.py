"""Count the refused rows of loads in force, by row rule and month."""

import duckdb

from pipelines.intake.feeds import FEEDS
from pipelines.settings import Home
from pipelines.sql import quoted

DAYS = {
    "episodes": "coalesce(started_on, referred_on)",
    "sessions": "held_on",
    "assessments": "completed_on",
    "medications": "started_on",
    "diagnoses": "recorded_on",
}
"""The day of a row, by feed; patients, clinicians and sites have none."""

REFUSED_BY_MONTH = """
create or replace table outcomes.quality.refused_by_month (
    source varchar, feed varchar, month date,
    rows_count bigint, refused_count bigint
)
"""
"""A row that breaks several rules is refused once, so their counts cannot be added."""


def count(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Add the rows of loads in force that a row rule refused to checks_by_month.

    Writes quality.refused_by_month as well: of each source, feed and month with a rule
    that refused rows, how many rows there were and how many any rule refused.

    Args:
        con: The build attached as `outcomes`, with `current_<feed>` of its rows.
        home: Where the refused rows are kept.
    """
    con.execute(REFUSED_BY_MONTH)
    loads = con.execute(
        "select feed, source, load_id from outcomes.staging.stg_load_feeds "
        "where is_current order by feed, source, load_id"
    ).fetchall()
    for feed in FEEDS:
        files = [
            (source, path)
            for name, source, load_id in loads
            if name == feed
            and (
                path := home.quarantine / source / load_id / f"{feed}.parquet"
            ).exists()
        ]
        for source in dict.fromkeys(source for source, _ in files):
            paths = ", ".join(quoted(path) for name, path in files if name == source)
            _add_refused(con, source, feed, f"read_parquet([{paths}])")


def _add_refused(
    con: duckdb.DuckDBPyConnection, source: str, feed: str, refused: str
) -> None:
    day = DAYS.get(feed, "null")
    of_text = day
    for column in (
        "started_on",
        "referred_on",
        "held_on",
        "completed_on",
        "recorded_on",
    ):
        of_text = of_text.replace(column, f"try_cast({column} as date)")
    con.execute(
        f"""
        create or replace temp table refused as
        select check_id, filename, row_position,
            date_trunc('month', {of_text}::date)::date as month
        from {refused.replace("])", "], filename = true)")}
        """
    )
    con.execute(
        f"""
        insert into outcomes.quality.refused_by_month
        with refused_rows as (
            select month, count(distinct (filename, row_position)) as rows_count
            from refused group by month
        ),
        loaded_rows as (
            select date_trunc('month', {day}::date)::date as month,
                count(*) as rows_count
            from current_{feed} where source = $source group by 1
        )
        select $source, '{feed}', month, sum(rows_count)::bigint,
            coalesce(sum(rows_count) filter (is_refused), 0)::bigint
        from (
            select *, true as is_refused from refused_rows
            union all
            select *, false as is_refused from loaded_rows
        )
        group by month order by month
        """,
        {"source": source},
    )
    con.execute(
        f"""
        insert into outcomes.quality.checks_by_month
        with tested as (
            select month, rows_count from outcomes.quality.refused_by_month
            where source = $source and feed = '{feed}'
        ),
        failed as (
            select check_id, month, count(*) as failed_count from refused group by all
        )
        select $source, '{feed}', rules.check_id, tested.month, tested.rows_count,
            coalesce(failed.failed_count, 0)
        from (select distinct check_id from refused) as rules
        cross join tested
        left join failed
            on rules.check_id = failed.check_id
            and tested.month is not distinct from failed.month
        order by rules.check_id, tested.month
        """,
        {"source": source},
    )
    con.execute("drop table refused")
