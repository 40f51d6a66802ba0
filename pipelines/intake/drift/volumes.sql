-- One row per feed that came before: how many rows were expected, how many came. Of a
-- full source: what the delivery before held. Of increments: the median rate a day of
-- increments of the same span, for as many days as this one covers.
with

feeds as (

    select distinct profiles.feed
    from raw.load_profiles as profiles
    inner join earlier using (load_id)

),

now_sent as (

    select feed, counted from profile where measure = 'rows'

),

months as (

    -- months that hold at least one row in a thousand of their load's feed
    select
        profiles.load_id,
        count(distinct profiles.part) as months_count
    from raw.load_profiles as profiles
    inner join raw.load_profiles as sizes
        on
            profiles.load_id = sizes.load_id
            and profiles.feed = sizes.feed
            and sizes.measure = 'rows'
    where
        profiles.measure = 'month'
        and profiles.grain = 'all sites'
        and profiles.counted * 1000 >= sizes.counted
    group by profiles.load_id

),

whole as (

    select
        feeds.feed,
        coalesce(profiles.counted, 0) as expected,
        0::double as spread,
        1 as loads_count,
        -- a longer history may hold more, in proportion
        1 + coalesce(
            (this.covers_to - earlier.covers_to) / 30.4 / months.months_count, 0
        ) as growth
    from feeds
    inner join earlier on earlier.number = 1
    inner join this on this.kind = 'full'
    left join raw.load_profiles as profiles
        on
            earlier.load_id = profiles.load_id
            and feeds.feed = profiles.feed
            and profiles.measure = 'rows'
    left join months on earlier.load_id = months.load_id

),

alike as (

    -- the newest increments of the same span, of the same weekday if it is short
    select
        earlier.load_id,
        earlier.span_days
    from earlier
    inner join this on this.kind = 'increment'
    where
        earlier.span_days > 0
        and this.span_days > 0
        and earlier.span_days <= this.span_days * this.span_ratio
        and this.span_days <= earlier.span_days * this.span_ratio
        and (
            this.span_days >= this.days_of_week
            or dayofweek(earlier.extracted_at) = dayofweek(this.extracted_at)
        )
    qualify
        row_number() over (order by earlier.number) <= this.recent_loads

),

increments as (

    select
        feeds.feed,
        median(coalesce(profiles.counted, 0) / alike.span_days)
        * any_value(this.span_days) as expected,
        coalesce(
            stddev_samp(coalesce(profiles.counted, 0) / alike.span_days), 0
        ) * any_value(this.span_days) as spread,
        count(*) as loads_count,
        1 as growth
    from feeds
    cross join alike
    cross join this
    left join raw.load_profiles as profiles
        on
            alike.load_id = profiles.load_id
            and feeds.feed = profiles.feed
            and profiles.measure = 'rows'
    group by feeds.feed

),

compared as (

    select
        expectations.*,
        coalesce(now_sent.counted, 0) as counted,
        coalesce(now_sent.counted, 0) < expected as is_fewer,
        this.*
    from (
        select * from whole union all select * from increments
    ) as expectations
    left join now_sent using (feed)
    cross join this
    where
        expectations.expected >= this.minimum_expected_rows
        and expectations.loads_count >= this.least_loads

),

limited as (

    select
        *,
        greatest(
            case
                when kind = 'full' and is_fewer
                    then expected * maximum_lost_share
                when is_fewer
                    then expected * (1 - 1 / maximum_volume_ratio)
                else expected * (growth * maximum_volume_ratio - 1)
            end,
            case
                when kind = 'full' then minimum_expected_rows / 2
                else standard_errors * greatest(
                    sqrt(rows_per_person_and_month * expected),
                    spread
                ) * sqrt(1 + 1 / loads_count)
            end
        ) as limit_value
    from compared

)

select
    feed,
    'volume_is_as_before' as check_id,
    'rows' as measure,
    '' as grain,
    expected as earlier_value,
    counted as value,
    limit_value,
    abs(counted - expected) > limit_value as is_beyond,
    least(
        nullif(counted, 0),
        nullif(round(expected)::bigint, 0),
        nullif(round(abs(counted - expected))::bigint, 0)
    ) as least_count

from limited
