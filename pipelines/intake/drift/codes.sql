-- One row per code that came in every earlier load, or comes for the first time: is it
-- there as it was? A code of
-- which too few are expected may be absent, or appear, by chance.
with

pooled as (

    select
        profiles.feed,
        profiles.grain,
        profiles.part,
        sum(profiles.counted) as counted,
        sum(profiles.tested) as tested,
        -- a code of December alone does not vanish in January
        bool_and(profiles.counted > 0 or profiles.tested = 0) as is_in_each
    from raw.load_profiles as profiles
    inner join earlier using (load_id)
    cross join this
    where profiles.measure = 'code'
    group by all
    having count(*) >= any_value(this.least_loads)

),

compared as (

    select
        coalesce(profile.feed, pooled.feed) as feed,
        coalesce(profile.grain, pooled.grain)
        || '=' || coalesce(profile.part, pooled.part) as grain,
        coalesce(profile.counted, 0) as counted,
        pooled.counted as counted_before,
        pooled.is_in_each,
        -- rows of the code, had its share stayed as it was
        coalesce(profile.tested, totals.tested, 0)
        * pooled.counted / nullif(pooled.tested, 0) as expected,
        coalesce(profile.tested, totals.tested, 0)
        / nullif(pooled.tested, 0) as size,
        this.minimum_expected_rows
    from pooled
    left join profile
        on
            pooled.feed = profile.feed
            and profile.measure = 'code'
            and pooled.grain = profile.grain
            and pooled.part = profile.part
    left join (
        select feed, grain, max(tested) as tested from profile
        where measure = 'code' group by feed, grain
    ) as totals
        on pooled.feed = totals.feed and pooled.grain = totals.grain
    cross join this

)

select
    feed,
    'codes_are_as_before' as check_id,
    'code_count' as measure,
    grain,
    expected as earlier_value,
    counted as value,
    minimum_expected_rows as limit_value,
    case
        when counted_before = 0
            then counted >= minimum_expected_rows * greatest(size, 1)
        else counted = 0
    end as is_beyond,
    least(
        nullif(counted, 0), nullif(round(expected)::bigint, 0)
    ) as least_count

from compared

where
    (expected >= minimum_expected_rows and is_in_each)
    or (counted_before = 0 and counted > 0)
