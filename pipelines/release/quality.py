"""Make the `quality` schema: what was loaded, checked, and could not be measured."""

import json
from pathlib import Path

import duckdb

from pipelines.settings import Home
from pipelines.sql import quoted

CURRENT = "select distinct load_id from staging.stg_load_feeds where is_current"
"""Loads whose rows this run reads."""

NO_VALUE = "The source sends what this needs, but no row has a value."

CHECK_COLUMNS = (
    "{run_id: 'varchar', stage: 'varchar', table_name: 'varchar', "
    "check_id: 'varchar', tool: 'varchar', category: 'varchar', "
    "severity: 'varchar', status: 'varchar', tested_count: 'bigint', "
    "failed_count: 'bigint', source: 'varchar', load_id: 'varchar', "
    "checked_at: 'varchar'}"
)


def make(con: duckdb.DuckDBPyConnection, needs_file: Path) -> None:
    """Write quality.loads, .reconciliation, .freshness and .not_measured.

    Args:
        con: The build, open for writing, with `raw` attached.
        needs_file: What each mart column needs, from the models' yml (JSON list
            of table, column, needs).
    """
    con.execute("create schema if not exists quality")
    con.execute(
        "create or replace table quality.loads as select * from staging.stg_loads "
        "order by source, extracted_at, load_id"
    )
    con.execute(
        "create or replace table quality.reconciliation as "
        "select feeds.load_id, loads.source, feeds.feed, feeds.is_supplied, "
        "feeds.yielded_count, feeds.loaded_count, feeds.quarantined_count, "
        "feeds.duplicate_count from raw.load_feeds as feeds "
        f"inner join staging.stg_loads as loads using (load_id) "
        f"where load_id in ({CURRENT}) order by loads.source, feeds.load_id, feeds.feed"
    )
    con.execute(
        "create or replace table quality.freshness as "
        "select source, any_value(owner) as owner, any_value(contact) as contact, "
        "max(extracted_at) as newest_extracted_at, "
        "max(data_to) as data_to, "
        "max(extracted_at) + to_days(any_value(expected_every_days)) as next_due_at "
        "from (select * from staging.stg_loads order by load_id) "
        "group by source order by source"
    )
    _make_not_measured(con, needs_file)
    _add_empty_columns(con)


def _make_not_measured(con: duckdb.DuckDBPyConnection, needs_file: Path) -> None:
    """List, per source, the mart columns whose feed or column it does not send."""
    entries = json.loads(needs_file.read_text(encoding="utf-8"))
    rows = [
        (entry["table"], entry["column"], need)
        for entry in entries
        for need in entry["needs"]
    ]
    con.execute(
        "create or replace temp table needed "
        "(table_name varchar, column_name varchar, need varchar)"
    )
    if rows:
        con.executemany("insert into needed values (?, ?, ?)", rows)
    con.execute(
        f"""
        create or replace table quality.not_measured as
        with current_loads as ({CURRENT}),
        sent as (
            select loads.source, columns.feed, columns.column_name,
                bool_or(columns.is_supplied) as is_supplied
            from raw.load_columns as columns
            inner join staging.stg_loads as loads using (load_id)
            where columns.load_id in (from current_loads)
            group by loads.source, columns.feed, columns.column_name
        ),
        offers as (
            select source, feed as need, bool_or(is_supplied) as is_supplied
            from sent group by source, feed
            union all
            select source, feed || '.' || column_name, is_supplied from sent
        ),
        missing as (
            select offers.source, needed.table_name, needed.column_name, needed.need
            from needed inner join offers on needed.need = offers.need
            where not offers.is_supplied
        )
        select source, table_name, column_name,
            string_agg(need, ' ' order by need) as needs,
            'The source does not send ' || string_agg(need, ', ' order by need)
                || '.' as reason
        from missing
        group by source, table_name, column_name
        order by source, table_name, column_name
        """
    )


def _add_empty_columns(con: duckdb.DuckDBPyConnection) -> None:
    """Add the columns in which no row of a source has a value, whatever the cause.

    A mart that does not say the source of its rows is looked at as a whole.
    """
    marts = con.execute(
        "select table_name, list(column_name order by column_index) "
        "from duckdb_columns() where schema_name = 'marts' "
        "and database_name = current_database() "
        "and table_name <> 'dim_instruments' group by table_name order by table_name"
    ).fetchall()
    for table, columns in marts:
        rows = "mart.source = sources.source" if "source" in columns else "true"
        counted = ", ".join(
            f'count(mart."{column}") as "{column}"' for column in columns
        )
        con.execute(
            f"""
            insert into quality.not_measured
            with counted as (
                select sources.source as of_source, {counted}
                from quality.freshness as sources
                inner join marts.{table} as mart on {rows}
                group by sources.source
            ),
            found as (
                unpivot (from counted) on columns(* exclude (of_source))
                into name column_name value given_count
            )
            select of_source, '{table}', column_name, null, '{NO_VALUE}'
            from found
            where given_count = 0 and (of_source, '{table}', column_name) not in (
                select (source, table_name, column_name) from quality.not_measured
            )
            """
        )


def collect_check_results(
    con: duckdb.DuckDBPyConnection, home: Home, run_id: str
) -> None:
    """Write quality.check_results: this run's checks and those of the loads it reads.

    Of a load, the checks of the ingest that accepted it; what `outcomes check` found
    in a trial run is not part of a release.
    """
    con.execute("create schema if not exists quality")
    paths = sorted(home.checks.glob("*.jsonl"))
    files = f"[{', '.join(quoted(path) for path in paths)}]"
    con.execute(
        f"""
        create or replace table quality.check_results as
        with results as (
            select *, row_number() over () as position
            from read_json({files}, format = 'newline_delimited',
                columns = {CHECK_COLUMNS})
        ),
        of_this_release as (
            select * from results
            where (load_id is null and run_id = $run_id)
                or (load_id, run_id) in (
                    select (load_id, run_id) from staging.stg_loads
                    where load_id in ({CURRENT})
                )
        )
        select * exclude (position) from of_this_release
        qualify row_number() over (
            partition by stage, table_name, check_id, tool, load_id
            order by checked_at desc, position desc
        ) = 1
        order by stage, table_name, check_id, load_id
        """,
        {"run_id": run_id},
    )
