-- One row per site and month that is compared, and per month of all sites together.
-- A month that the full delivery before held whole: with that. Any other: with the
-- median of the same site's months before, told at the same age.
with

loads as (

    -- of a full source only the delivery before counts
    select earlier.load_id, earlier.covers_to, earlier.number
    from earlier
    inner join this on earlier.number = 1 or this.kind = 'increment'
    union all
    select null, covers_to, 0 from this

),

told as (

    select
        loads.number,
        profiles.feed,
        profiles.grain,
        strptime(profiles.part, '%Y-%m')::date as month,
        profiles.counted
    from raw.load_profiles as profiles
    inner join loads using (load_id)
    where profiles.measure = 'month'

    union all

    select 0, feed, grain, strptime(part, '%Y-%m')::date, counted
    from profile
    where measure = 'month'

),

calendar as (

    select
        months.month,
        this.kind,
        -- an increment completes the months that end in its span
        max(loads.number) filter (
            loads.covers_to >= last_day(months.month) + case
                when this.kind = 'full' then this.late_days else 0
            end
        ) as whole_from
    from (select distinct month from told) as months
    cross join loads
    cross join this
    group by months.month, this.kind

),

oldest as (

    -- A backlog (more than a month, which can touch two) is told once, where later
    -- increments may tell each row several times: its months are not what is usual.
    select
        case
            when any_value(this.kind) = 'increment' and count(distinct told.month) > 2
                then max(loads.covers_to)
            else date '1900-01-01'
        end as covers_to
    from this
    left join loads
        on
            loads.number > 0
            and loads.number = (select max(numbered.number) from loads as numbered)
    left join told on loads.number = told.number

),

at_first as (

    -- of increments: all that had been told when the month was complete; of a full
    -- source: what this delivery tells
    select
        told.feed,
        told.grain,
        told.month,
        calendar.whole_from,
        sum(told.counted) as counted
    from told
    inner join calendar using (month)
    cross join oldest
    where
        calendar.whole_from is not null
        and told.month > oldest.covers_to
        and case
            when calendar.kind = 'full' then told.number = 0
            else told.number >= calendar.whole_from
        end
    group by all

),

firsts as (

    select
        told.feed,
        told.grain,
        min(told.month) as first_month
    from told
    cross join oldest
    where told.month > oldest.covers_to
    group by all

),

filled as (

    -- a month without a row is 0 once the site is known
    select
        firsts.feed,
        firsts.grain,
        calendar.month,
        calendar.kind,
        calendar.whole_from,
        coalesce(at_first.counted, 0) as counted
    from firsts
    inner join calendar
        on
            firsts.first_month <= calendar.month
            and calendar.whole_from is not null
    left join at_first
        on
            firsts.feed = at_first.feed
            and firsts.grain = at_first.grain
            and calendar.month = at_first.month

),

with_usual as (

    select
        filled.*,
        median(counted) over months_before as usual,
        count(*) over months_before as months_count,
        coalesce(stddev_samp(counted) over months_before, 0) as spread
    from filled
    window months_before as (
        partition by feed, grain order by month
        rows between {recent_months} preceding and 1 preceding
    )

),

whole_before as (

    -- months that the full delivery before held whole
    select
        told.feed,
        told.grain,
        told.month,
        sum(told.counted) as counted
    from told
    inner join loads on told.number = 1 and loads.number = 1
    inner join this on this.kind = 'full'
    where
        loads.covers_to >= last_day(told.month) + this.late_days
        -- an extract of the last years leaves its oldest months behind
        and told.month >= (
            select min(held.month) from told as held
            where held.number = 0 and held.feed = told.feed
        )
    group by all

),

expected as (

    select
        with_usual.feed,
        with_usual.grain,
        with_usual.month,
        with_usual.counted,
        coalesce(whole_before.counted, with_usual.usual) as expected,
        whole_before.counted is not null as is_told_again,
        with_usual.spread,
        this.*
    from with_usual
    cross join this
    left join whole_before using (feed, grain, month)
    where
        whole_before.counted is not null
        or (
            -- what this delivery is the first to hold whole
            with_usual.whole_from = 0
            and with_usual.months_count >= this.least_months
        )

),

limited as (

    select
        *,
        greatest(
            case
                when is_told_again and counted < expected
                    then expected * maximum_lost_share
                when counted < expected
                    then expected * (1 - 1 / maximum_site_month_ratio)
                else expected * (maximum_site_month_ratio - 1)
            end,
            case
                when is_told_again then minimum_expected_rows / 2
                else standard_errors * greatest(
                    sqrt(rows_per_person_and_month * expected), spread
                ) * sqrt(1 + 1 / least_months)
            end
        ) as limit_value
    from expected
    where expected >= minimum_expected_rows

)

select
    feed,
    'volume_by_site_and_month_is_as_before' as check_id,
    'rows_by_site_and_month' as measure,
    grain || ' ' || strftime(month, '%Y-%m') as grain,
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
