"""`quality.refusals`: deliveries that were refused, and why."""

import duckdb


def make(con: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Write quality.refusals: one row per refusal up to the instant that the run reads.

    A reason is the message that the person was shown: it holds counts and positions,
    never a value.

    Args:
        con: The build, open for writing, with `raw` attached.
        as_of: The instant that the run reads (ISO 8601, UTC).
    """
    con.execute(
        "create or replace table quality.refusals as "
        "select source, delivery, load_id, kind, reason, "
        "min(refused_at) as refused_at, sum(times)::bigint as tries_count "
        "from raw.refusals where refused_at <= $as_of::timestamp "
        "group by all order by all",
        {"as_of": as_of},
    )
