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

improvements as (

    select
        episode_id,
        baseline_points,
        last_points,
        baseline_points - last_points as improvement
    from marts.fct_episode_outcomes
    where
        instrument = 'phq9'
        and last_points is not null

),

alliances as (

    select
        episode_id,
        avg(points) as mean_points
    from marts.fct_assessments
    where instrument = 'wai_sr'
    group by episode_id

),

homework as (

    select
        episode_id,
        avg(homework_completed_percent) as mean_percent
    from marts.fct_sessions
    where homework_completed_percent is not null
    group by episode_id

),

line as (

    select
        regr_slope(last_points, baseline_points) as slope,
        regr_intercept(last_points, baseline_points) as intercept
    from improvements

),

residuals as (

    select
        episodes.first_clinician_id,
        improvements.last_points
        - line.intercept - line.slope * improvements.baseline_points as residual
    from improvements

    inner join marts.fct_episodes as episodes
        on improvements.episode_id = episodes.episode_id

    cross join line

    where episodes.first_clinician_id is not null

),

clinicians as (

    select
        count(*) as people_count,
        avg(residual) as mean_residual,
        coalesce(var_samp(residual), 0) * (count(*) - 1) as sum_of_squares
    from residuals
    group by first_clinician_id

),

variances as (

    -- one-way analysis of variance; the mean residual of all is zero
    select
        sum(people_count * mean_residual * mean_residual)
        / (count(*) - 1) as between_clinicians,
        sum(sum_of_squares) / (sum(people_count) - count(*)) as within_clinicians,
        (sum(people_count) - sum(people_count * people_count) / sum(people_count))
        / (count(*) - 1) as people_per_clinician,
        sum(people_count) as people_count
    from clinicians

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

union all

select 'alliance', corr(alliances.mean_points, improvements.improvement), count(*)
from alliances

inner join improvements
    on alliances.episode_id = improvements.episode_id

union all

select 'homework', corr(homework.mean_percent, improvements.improvement), count(*)
from homework

inner join improvements
    on homework.episode_id = improvements.episode_id

union all

select
    'clinicians',
    (between_clinicians - within_clinicians)
    / (between_clinicians + (people_per_clinician - 1) * within_clinicians),
    people_count
from variances
