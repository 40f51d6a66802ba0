-- One row per benchmark: its value as the product measures it, and of how many units.
-- Relapse needs a survival curve, so it is not here.
with

measures as (

    select
        measure_id,
        sum(numerator_count) / sum(denominator_count) as value,
        cast(sum(denominator_count) as bigint) as units_count
    from aggregates.agg_measures_by_month
    group by measure_id

),

recoveries as (

    select * from marts.fct_episode_recoveries

),

courses_of_clinics as (

    -- Coley's: first PHQ-9 of 10 or more, last one 14 to 180 days later
    select * from marts.fct_episode_outcomes
    where
        instrument = 'phq9'
        and baseline_points >= 10
        and date_diff('day', baseline_on, last_on) between 14 and 180

),

mature_referrals as (

    -- those with 420 days of data or more after them
    select * from marts.fct_episodes
    where referred_on < (select max(held_on) - 420 from marts.fct_sessions)

)

select
    case measure_id
        when 'paired_score_completeness' then 'paired_scores'
        else measure_id
    end as benchmark_id,
    value,
    units_count
from measures
where measure_id in (
    'recovery',
    'reliable_improvement',
    'reliable_recovery',
    'dropout',
    'paired_score_completeness'
)

union all

select 'response', avg(cast(is_response_last as integer)), count(*)
from courses_of_clinics

union all

select 'remission', avg(cast(is_remission_last as integer)), count(*)
from courses_of_clinics

union all

select 'sessions', avg(treatment_sessions_count), count(*)
from recoveries

union all

select 'first_score', avg(first_phq9_points), count(first_phq9_points)
from recoveries

union all

select 'last_score', avg(last_phq9_points), count(last_phq9_points)
from recoveries

union all

select
    'finished',
    avg(case
        when is_finished and attended_treatment_sessions_count >= 2 then 1
        else 0
    end),
    count(*)
from mature_referrals
