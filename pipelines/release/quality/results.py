"""`quality.check_results`: every check of this run and of the loads that it reads."""

import duckdb

from pipelines.intake.ledger import IS_LATE
from pipelines.release.quality.loads import CURRENT
from pipelines.settings import Home
from pipelines.sql import quoted

CHECK_COLUMNS = (
    "{run_id: 'varchar', stage: 'varchar', table_name: 'varchar', "
    "check_id: 'varchar', tool: 'varchar', category: 'varchar', "
    "severity: 'varchar', status: 'varchar', tested_count: 'bigint', "
    "failed_count: 'bigint', source: 'varchar', load_id: 'varchar', "
    "checked_at: 'varchar'}"
)
"""Columns of a line of checks/<run_id>.jsonl."""


def collect_check_results(
    con: duckdb.DuckDBPyConnection, home: Home, run_id: str
) -> None:
    """Write quality.check_results: this run's checks and those of the loads it reads.

    Of a load, the checks of the ingest that accepted it; what `outcomes check` found
    in a trial run is not part of a release. Of a late full load, which no row is read
    of, the warning that it is late, until its source sends a newer delivery.
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
        late as (
            select load_id, run_id from staging.stg_loads
            qualify accepted_at > first_value(accepted_at) over (
                partition by source
                order by extracted_at desc, accepted_at desc, load_id desc
            )
        ),
        of_this_release as (
            select * from results
            where (load_id is null and run_id = $run_id)
                or (load_id, run_id) in (
                    select (load_id, run_id) from staging.stg_loads
                    where load_id in ({CURRENT})
                )
                or (
                    check_id = $is_late and status = 'fail'
                    and (load_id, run_id) in (select (load_id, run_id) from late)
                )
        )
        select * exclude (position) from of_this_release
        qualify row_number() over (
            partition by stage, table_name, check_id, tool, load_id
            order by checked_at desc, position desc
        ) = 1
        order by stage, table_name, check_id, load_id
        """,
        {"run_id": run_id, "is_late": IS_LATE},
    )
