"""`quality.loads` and `quality.reconciliation`: what this run reads, row for row."""

import duckdb

CURRENT = "select distinct load_id from staging.stg_load_feeds where is_current"
"""Loads whose rows this run reads."""


def make(con: duckdb.DuckDBPyConnection) -> None:
    """Write quality.loads and quality.reconciliation.

    Args:
        con: The build, open for writing, with `raw` attached.
    """
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
