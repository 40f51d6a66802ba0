-- One row per figure of the newest delivery of a source that was compared with the
-- deliveries before it. Months of a site are here only where they are beyond their
-- limit. Counts are told in tens; least_count is the smallest that could be told.
with

compared as (

    select
        *,
        measure in ('rows', 'rows_by_site_and_month', 'code_count') as is_count
    from quality.drift
    where is_newest and (measure <> 'rows_by_site_and_month' or is_beyond)

)

select
    source,
    feed,
    measure,
    nullif(grain, '') as grain,
    if(is_count, round(earlier_value, -1), earlier_value) as earlier_value,
    if(is_count, round(value, -1), value) as value,
    if(is_count, round(limit_value, -1), limit_value) as limit_value,
    is_beyond,
    if(is_count, round(least_count, -1)::bigint, least_count) as least_count

from compared
