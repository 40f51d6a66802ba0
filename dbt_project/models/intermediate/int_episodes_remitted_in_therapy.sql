{#
    One row per eligible episode in which the person remitted while in therapy:
    a PHQ-9 below the threshold four weeks or more after another, with none above
    between them, both after day 0 and not after the stop.
#}

with

episodes as (

    select * from {{ ref('int_episodes_eligible_for_service_comparison') }}

),

stops as (

    select * from {{ ref('int_episodes_stopped') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

assessments as (

    select * from {{ ref('int_assessments_scored') }}
    where
        instrument = 'phq9'
        and points is not null

),

ranked as (

    select
        episodes.episode_id,
        assessments.points < instruments.remission_below_points as is_below,
        {{ days_between('episodes.index_on', 'assessments.completed_on') }}
            as score_day,
        row_number() over (
            partition by episodes.episode_id, assessments.completed_on
            order by assessments.assessment_id
        ) as first_of_day
    from episodes

    inner join stops
        on episodes.episode_id = stops.episode_id

    inner join assessments
        on
            episodes.patient_id = assessments.patient_id
            and episodes.index_on < assessments.completed_on
            and stops.stopped_on >= assessments.completed_on

    inner join instruments
        on assessments.instrument = instruments.instrument

),

numbered as (

    -- scores below the threshold share a number until one that is not
    select
        *,
        sum(case when is_below then 0 else 1 end) over (
            partition by episode_id
            order by score_day
            rows between unbounded preceding and current row
        ) as run_number
    from ranked
    where first_of_day = 1

),

runs as (

    select
        *,
        min(score_day) over (
            partition by episode_id, run_number
        ) as run_started_day
    from numbered
    where is_below

),

final as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        cast(floor(min(score_day) / 7) as integer) as remitted_week

    from runs

    where
        score_day - run_started_day
        >= {{ threshold('length_remission_confirmed_days') }}

    group by episode_id

)

select * from final
