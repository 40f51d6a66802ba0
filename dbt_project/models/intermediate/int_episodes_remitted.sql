{#
    One row per episode in remission by the PHQ-9: ill enough at the baseline to
    remit, and then below the threshold for two weeks without a score above it or
    a gap so long that nobody knows.
    Day 0 of relapse is the score that confirms it, not the first one below.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}
    where
        instrument = 'phq9'
        and points is not null

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

ranked as (

    select
        assessments.assessment_id,
        assessments.episode_id,
        assessments.completed_on,
        assessments.points < instruments.remission_below_points as is_below,
        row_number() over (
            partition by assessments.episode_id, assessments.completed_on
            order by assessments.assessment_id
        ) as first_of_day
    from assessments

    inner join baselines
        on
            assessments.episode_id = baselines.episode_id
            and assessments.instrument = baselines.instrument
            and assessments.completed_on > baselines.baseline_on

    inner join instruments
        on
            assessments.instrument = instruments.instrument
            and baselines.baseline_points >= instruments.response_floor_points

    left join patients
        on assessments.patient_id = patients.patient_id

    -- a day after the death is a mistake somewhere: nobody remits on it
    where coalesce(assessments.completed_on <= patients.died_on, true)

),

spaced as (

    select
        *,
        coalesce(
            {{ days_between('previous_on', 'completed_on') }}
            <= {{ threshold('follow_up_gap_up_to_days') }},
            true
        ) as is_in_time
    from (
        select
            *,
            lag(completed_on) over (
                partition by episode_id
                order by completed_on
            ) as previous_on
        from ranked
        where first_of_day = 1
    ) as of_one_day_each

),

numbered as (

    -- scores below the threshold share a number until one that is not, or until
    -- a person is no longer followed
    select
        *,
        sum(case when is_below and is_in_time then 0 else 1 end) over (
            partition by episode_id
            order by completed_on
            rows between unbounded preceding and current row
        ) as run_number
    from spaced

),

runs as (

    select
        *,
        min(completed_on) over (
            partition by episode_id, run_number
        ) as run_started_on
    from numbered
    where is_below

),

confirmed as (

    select
        episode_id,
        min(completed_on) as remitted_on
    from runs
    where
        {{ days_between('run_started_on', 'completed_on') }}
        >= {{ threshold('remission_confirmed_after_days') }}
    group by episode_id

),

final as (

    select
        ---------- ids
        episodes.episode_id,
        episodes.patient_id,

        ---------- strings
        episodes.source,

        ---------- dates
        confirmed.remitted_on

    from confirmed

    inner join episodes
        on confirmed.episode_id = episodes.episode_id

)

select * from final
