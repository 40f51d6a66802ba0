"""`quality.drift`: how each load differed from the ones accepted before it."""

import duckdb

from pipelines.release.quality.loads import CURRENT


def make(con: duckdb.DuckDBPyConnection) -> None:
    """Write quality.drift: one row per cell that was compared, of each current load.

    `is_newest` marks the newest load of each source: what moved long ago has become
    the history that the next delivery is compared with.

    Args:
        con: The build, open for writing, with `raw` attached.
    """
    con.execute(
        f"""
        create or replace table quality.drift as
        with ordered as (
            select load_id, source, row_number() over (
                partition by source
                order by extracted_at desc, accepted_at desc, load_id desc
            ) = 1 as is_newest
            from staging.stg_loads
        )
        select ordered.source, drift.*, ordered.is_newest
        from raw.load_drift as drift
        inner join ordered using (load_id)
        where load_id in ({CURRENT})
        order by all
        """
    )
