"""`quality.freshness`: when each source sent last, and whether it is late."""

import duckdb

NEVER_DAYS = 3650
"""A source that sends less often than this has ended; nothing is due."""


def make(con: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Write quality.freshness: one row per source.

    The next delivery is due `expected_every_days` after the day of the newest one, by
    the source's clock, and late from the day after. What a source says of itself is
    what its newest delivery said. `data_to` is null where no delivery states it.

    Args:
        con: The build, open for writing.
        as_of: The instant that the run reads (ISO 8601, UTC); lateness is judged on
            it, never on the clock, so that a rebuild says the same.
    """
    con.execute(
        """
        create or replace table quality.freshness as
        with newest as (
            select
                source,
                arg_max(owner, (extracted_at, accepted_at, load_id)) as owner,
                arg_max(contact, (extracted_at, accepted_at, load_id)) as contact,
                arg_max(kind, (extracted_at, accepted_at, load_id)) as kind,
                arg_max(
                    expected_every_days, (extracted_at, accepted_at, load_id)
                ) as expected_every_days,
                max(extracted_at) as newest_extracted_at,
                max(accepted_at) as newest_accepted_at,
                max(data_to) filter (date_mode = 'calendar') as data_to
            from staging.stg_loads
            group by source
        ),
        with_due_day as (
            select
                *,
                newest_extracted_at::date as newest_delivery_on,
                case when expected_every_days < $never_days
                    then newest_extracted_at::date + expected_every_days
                end as next_due_on
            from newest
        )
        select
            source, owner, contact, kind, expected_every_days,
            newest_extracted_at, newest_accepted_at, newest_delivery_on, data_to, next_due_on,
            coalesce($as_of::timestamp::date > next_due_on, false) as is_late
        from with_due_day
        order by source
        """,
        {"as_of": as_of, "never_days": NEVER_DAYS},
    )
