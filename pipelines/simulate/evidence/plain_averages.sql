-- One row per plain average and arm: courses with the outcome, its mean and variance.
-- Nothing is adjusted for, and arms are what turned out: this is what not to do.
with

treatment_sessions as (

    select
        sessions.episode_id,
        date_diff('day', episodes.index_on, sessions.held_on) as day,
        lag(sessions.held_on) over (
            partition by sessions.episode_id
            order by sessions.held_on
        ) as previous_on,
        sessions.held_on
    from marts.fct_sessions as sessions

    inner join marts.fct_episodes as episodes
        on sessions.episode_id = episodes.episode_id

    where
        sessions.attendance = 'attended'
        and sessions.session_type = 'treatment'

),

gaps as (

    select
        episode_id,
        min(day) as first_day_after_gap
    from treatment_sessions
    where date_diff('day', previous_on, held_on) > 60
    group by episode_id

),

stops as (

    -- the last attended session before a gap of more than 60 days
    select
        treatment_sessions.episode_id,
        max(treatment_sessions.day) as stop_day
    from treatment_sessions

    left join gaps
        on treatment_sessions.episode_id = gaps.episode_id

    where
        treatment_sessions.day < gaps.first_day_after_gap
        or gaps.first_day_after_gap is null
    group by treatment_sessions.episode_id

),

courses as (

    -- sessions are up to three weeks apart by then, so staying to the year's end
    -- means a session in its 49th week or later
    select
        outcomes.points_6mo,
        outcomes.points_12mo,
        case episodes.length_class
            when 'long_term' then 'exposed'
            when 'short_term' then 'comparator'
        end as by_observed_length,
        case
            when stops.stop_day >= 343 then 'exposed'
            when stops.stop_day between 182 and 223 then 'comparator'
        end as still_in_therapy_at_week_26,
        case
            when coalesce(episodes.is_trd_recorded, false) then null
            when episodes.medication_group = 'at_start' then 'exposed'
            when episodes.medication_group = 'none' then 'comparator'
        end as by_new_medication,
        case
            when episodes.medication_group in ('before', 'at_start') then 'exposed'
            when episodes.medication_group = 'none' then 'comparator'
        end as by_any_medication
    from marts.fct_episodes as episodes

    inner join marts.fct_episode_outcomes as outcomes
        on episodes.episode_id = outcomes.episode_id

    inner join stops
        on episodes.episode_id = stops.episode_id

    where
        outcomes.instrument = 'phq9'
        and outcomes.baseline_points >= 10

),

stacked as (

    select
        'by_observed_length' as plain_id,
        by_observed_length as arm,
        points_12mo as points
    from courses

    union all

    select
        'still_in_therapy_at_week_26',
        still_in_therapy_at_week_26,
        points_12mo
    from courses

    union all

    select
        'by_new_medication',
        by_new_medication,
        points_6mo
    from courses

    union all

    select
        'by_any_medication',
        by_any_medication,
        points_6mo
    from courses

)

select
    plain_id,
    arm,
    count(*) as courses_count,
    avg(points) as mean_points,
    var_samp(points) as variance
from stacked
where
    arm is not null
    and points is not null
group by
    plain_id,
    arm
