-- One row where anything of the source was accepted before: how many days this delivery
-- is older than the newest of them.
select
    'loads' as feed,
    'delivery_is_newer_than_the_last' as check_id,
    'extracted_at_days' as measure,
    '' as grain,
    0::double as earlier_value,
    greatest(
        date_diff('second', this.extracted_at, max(loads.extracted_at)) / 86400.0, 0
    ) as value,
    0::double as limit_value,
    this.extracted_at < max(loads.extracted_at) as is_beyond,
    null::bigint as least_count

from raw.loads as loads
cross join this

where
    loads.source = this.source
    and loads.accepted_at is not null
    and coalesce(loads.files_id, loads.load_id) <> this.files_id

group by this.extracted_at
having max(loads.extracted_at) is not null
