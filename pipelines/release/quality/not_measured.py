"""`quality.not_measured`: what a source does not send, and what no row has a value in."""

import json
from pathlib import Path

import duckdb

from pipelines.release.quality.loads import CURRENT

NO_VALUE = "The source sends what this needs, but no row has a value."


def make(con: duckdb.DuckDBPyConnection, needs_file: Path) -> None:
    """Write quality.not_measured; quality.freshness must be there.

    Args:
        con: The build, open for writing, with `raw` attached.
        needs_file: What each mart column needs, from the models' yml (JSON list
            of table, column, needs).
    """
    _list_what_is_not_sent(con, needs_file)
    _add_empty_columns(con)


def _list_what_is_not_sent(con: duckdb.DuckDBPyConnection, needs_file: Path) -> None:
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
                where sources.is_in_force
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
