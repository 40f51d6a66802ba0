"""`quality.freshness`: when each source sent last, and whether it is late."""

import duckdb

NEVER_DAYS = 3650
"""A source that sends less often than this has ended; nothing is due."""


def make(con: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Write quality.freshness: one row per source that had sent something by `as_of`.

    Sent is what was accepted, also if it was withdrawn or removed since, and what
    repeated it; a refused delivery is not. The next is due `expected_every_days` after
    the day on which the source sent last, by its own clock, and late from the day
    after.

    `is_in_force` says whether a load of the source counts; where none does,
    `newest_delivery_on` and `data_to` are null. `data_to` is null as well where no
    delivery states it. What a source says of itself is what its newest delivery said,
    of those that count before others.

    Args:
        con: The build, open for writing, with `raw` attached.
        as_of: The instant that the run reads (ISO 8601, UTC); lateness is judged on
            it, never on the clock, so that a rebuild says the same.
    """
    con.execute(
        """
        create or replace table quality.freshness as
        with counting as (
            select
                source,
                max(extracted_at) as newest_extracted_at,
                max(accepted_at) as newest_accepted_at,
                max(data_to) filter (date_mode = 'calendar') as data_to
            from staging.stg_loads
            group by source
        ),
        said as (
            select distinct on (accepted.source)
                accepted.source, accepted.owner, accepted.contact, accepted.kind,
                accepted.expected_every_days
            from raw.loads as accepted
            left join staging.stg_loads as counts using (load_id)
            where accepted.accepted_at <= $as_of::timestamp
            order by accepted.source, counts.extracted_at desc nulls last,
                accepted.extracted_at desc, accepted.accepted_at desc,
                accepted.load_id desc
        ),
        sent as (
            select source, extracted_at from raw.loads
            where accepted_at <= $as_of::timestamp
            union all
            select source, extracted_at from raw.repeats
            where noted_at <= $as_of::timestamp
        ),
        last_sent as (
            select source, max(extracted_at) as last_sent_at from sent group by source
        ),
        with_due_day as (
            select
                *,
                counting.source is not null as is_in_force,
                last_sent_at::date as last_sent_on,
                newest_extracted_at::date as newest_delivery_on,
                case when expected_every_days < $never_days
                    then last_sent_at::date + expected_every_days
                end as next_due_on
            from said
            inner join last_sent using (source)
            left join counting using (source)
        )
        select
            source, owner, contact, kind, expected_every_days, is_in_force,
            last_sent_at, newest_extracted_at, newest_accepted_at,
            last_sent_on, newest_delivery_on, data_to, next_due_on,
            coalesce($as_of::timestamp::date > next_due_on, false) as is_late
        from with_due_day
        order by source
        """,
        {"as_of": as_of, "never_days": NEVER_DAYS},
    )
