{#
    One row per episode, instrument and fixed-time window with a score in it: the
    score nearest to the nominal day, the later one of two equally near. All the
    person's scores count: who comes back ill into a new episode is seen too.
#}

with

assessments as (

    select * from {{ ref('int_assessments_scored') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

dated as (

    select
        episodes.episode_id,
        assessments.assessment_id,
        assessments.patient_id,
        assessments.instrument,
        assessments.points,
        {{ days_between('episodes.index_on', 'assessments.completed_on') }}
            as days_since_start
    from assessments

    inner join episodes
        on assessments.patient_id = episodes.patient_id

    where assessments.points is not null

),

ranked as (

    -- two of one day are told apart by key
    select
        dated.*,
        outcome_windows.outcome_window,
        row_number() over (
            partition by
                dated.episode_id,
                dated.instrument,
                outcome_windows.outcome_window
            order by
                abs(dated.days_since_start - outcome_windows.nominal_day) asc,
                dated.days_since_start desc,
                dated.assessment_id asc
        ) as nearest_first
    from dated

    inner join outcome_windows
        on
            dated.days_since_start >= outcome_windows.from_day
            and dated.days_since_start <= outcome_windows.to_day

),

chosen as (

    select
        ---------- ids
        episode_id,
        patient_id,

        ---------- strings
        instrument,
        outcome_window,

        ---------- numerics
        points

    from ranked

    where nearest_first = 1

)

select * from chosen
