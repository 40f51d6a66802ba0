-- Two rows per instrument: its mean score, and the share of scores up to the total at
-- which the two distributions are furthest apart (Kolmogorov's distance).
with

totals as (

    select
        profiles.grain as instrument,
        profiles.part::integer as points,
        sum(profiles.counted) as counted,
        false as is_now
    from raw.load_profiles as profiles
    inner join earlier using (load_id)
    cross join this
    where earlier.number <= this.recent_loads and profiles.measure = 'score'
    group by all

    union all

    select grain, part::integer, counted, true
    from profile
    where measure = 'score'

),

loads_behind as (

    select
        profiles.grain as instrument,
        count(distinct profiles.load_id) as loads_count,
        -- how much the mean moved between the earlier loads
        coalesce(stddev_samp(profiles.mean_points), 0) as spread
    from (
        select
            load_id,
            grain,
            sum(part::integer * counted) / sum(counted) as mean_points
        from raw.load_profiles
        where measure = 'score'
        group by load_id, grain
    ) as profiles
    inner join earlier using (load_id)
    cross join this
    where earlier.number <= this.recent_loads
    group by all

),

summed as (

    select
        instrument,
        sum(counted) filter (is_now) as rows_now,
        sum(counted) filter (not is_now) as rows_before,
        sum(points * counted) filter (is_now)
        / nullif(sum(counted) filter (is_now), 0) as mean_now,
        sum(points * counted) filter (not is_now)
        / nullif(sum(counted) filter (not is_now), 0) as mean_before,
        sum(points * points * counted) filter (not is_now)
        / nullif(sum(counted) filter (not is_now), 0) as square_before
    from totals
    group by instrument

),

compared as (

    select
        summed.*,
        sqrt(greatest(square_before - mean_before * mean_before, 0)) as sd_before,
        loads_behind.spread,
        loads_behind.loads_count,
        (1 / rows_now + 1 / rows_before)
        * coalesce(
            (
                select tested / nullif(counted, 0) from profile
                where measure = 'people' and grain = summed.instrument
            ),
            1
        ) as per_person,
        this.*
    from summed
    inner join loads_behind using (instrument)
    cross join this
    where
        summed.rows_now >= this.minimum_rows
        and summed.rows_before >= this.minimum_rows
        and loads_behind.loads_count >= this.least_loads

),

grown as (

    select
        instrument,
        points,
        sum(coalesce(counted, 0) * is_now::integer)
            over up_to as counted_now,
        sum(coalesce(counted, 0) * (not is_now)::integer)
            over up_to as counted_before
    from totals
    window up_to as (
        partition by instrument order by points
        range between unbounded preceding and current row
    )

),

furthest as (

    select distinct on (compared.instrument)
        compared.instrument,
        grown.counted_now / compared.rows_now as share_now,
        grown.counted_before / compared.rows_before as share_before,
        grown.counted_now,
        grown.counted_before
    from compared
    inner join grown using (instrument)
    order by
        compared.instrument,
        abs(
            grown.counted_now / compared.rows_now
            - grown.counted_before / compared.rows_before
        ) desc,
        grown.points

),

means as (

    select
        instrument,
        mean_before as earlier_value,
        mean_now as value,
        greatest(
            maximum_mean_shift * sd_before,
            standard_errors * greatest(
                sd_before * sqrt(per_person),
                spread * sqrt(1 + 1 / loads_count)
            )
        ) as limit_value,
        'mean_points' as measure,
        least(rows_now, rows_before) as least_count
    from compared

),

shares as (

    select
        instrument,
        furthest.share_before as earlier_value,
        furthest.share_now as value,
        -- the distance of two sound samples is beyond 1.95 once in 1,000
        -- (Kolmogorov's distribution); as standard errors, half of them
        greatest(
            compared.maximum_score_distance,
            compared.standard_errors / 2 * sqrt(compared.per_person)
        ) as limit_value,
        'share_up_to_a_total' as measure,
        least(
            nullif(furthest.counted_now, 0),
            nullif(compared.rows_now - furthest.counted_now, 0),
            nullif(furthest.counted_before, 0),
            nullif(compared.rows_before - furthest.counted_before, 0)
        ) as least_count
    from furthest
    inner join compared using (instrument)

)

select
    'assessments' as feed,
    'scores_are_distributed_as_before' as check_id,
    measure,
    instrument as grain,
    earlier_value,
    value,
    limit_value,
    abs(value - earlier_value) > limit_value as is_beyond,
    least_count

from (select * from means union all select * from shares)
