-- One row per feed with days: the share of the rows of the full delivery before that lie
-- in months which this one covers, begun by the first that holds a row in a thousand.
with

before as (

    select
        profiles.feed,
        profiles.part as month,
        profiles.counted
    from raw.load_profiles as profiles
    inner join earlier on profiles.load_id = earlier.load_id and earlier.number = 1
    inner join this on this.kind = 'full'
    where profiles.measure = 'month' and profiles.grain = 'all sites'

),

now_sent as (

    select
        feed,
        part as month,
        counted * 1000 >= sum(counted) over (partition by feed) as is_covered
    from profile
    where measure = 'month' and grain = 'all sites'

),

begun as (

    select
        feed,
        min(month) as first_month
    from now_sent
    where is_covered
    group by feed

),

counted as (

    select
        before.feed,
        sum(before.counted) as before_count,
        coalesce(
            sum(before.counted) filter (before.month >= begun.first_month), 0
        ) as covered_count
    from before
    inner join begun using (feed)
    group by before.feed

)

select
    counted.feed,
    'earlier_months_are_sent_again' as check_id,
    'covered_share' as measure,
    '' as grain,
    1.0::double as earlier_value,
    counted.covered_count / counted.before_count as value,
    this.maximum_left_behind_share as limit_value,
    1 - counted.covered_count / counted.before_count
    > this.maximum_left_behind_share as is_beyond,
    least(
        nullif(counted.covered_count, 0),
        nullif(counted.before_count - counted.covered_count, 0)
    )::bigint as least_count

from counted
cross join this

where counted.before_count >= this.minimum_expected_rows
