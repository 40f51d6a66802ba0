"""`quality.refusals`: deliveries that were refused, and why."""

import duckdb


def make(con: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Write quality.refusals: one row per delivery, content and reason.

    Told is what had happened at the instant that the run reads: when it was refused
    first, and how often by then.

    A reason is the message that the person was shown: it holds counts and positions,
    never a value.

    Args:
        con: The build, open for writing, with `raw` attached.
        as_of: The instant that the run reads (ISO 8601, UTC).
    """
    con.execute(
        "create or replace table quality.refusals as "
        "select source, delivery, load_id, kind, reason, "
        "min(refused_at) as refused_at, count(*) as tries_count "
        "from raw.refusals where refused_at <= $as_of::timestamp "
        "group by all order by all",
        {"as_of": as_of},
    )
