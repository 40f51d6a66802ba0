{#
    One row per episode, instrument and fixed-time window with a score in it: the
    score nearest to the nominal day, the later one of two equally near.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

ranked as (

    -- two of one day are told apart by key
    select
        assessments.*,
        outcome_windows.outcome_window,
        row_number() over (
            partition by
                assessments.episode_id,
                assessments.instrument,
                outcome_windows.outcome_window
            order by
                abs(
                    assessments.days_since_start - outcome_windows.nominal_day
                ) asc,
                assessments.days_since_start desc,
                assessments.assessment_id asc
        ) as nearest_first
    from assessments

    inner join outcome_windows
        on
            assessments.days_since_start >= outcome_windows.from_day
            and assessments.days_since_start <= outcome_windows.to_day

    where assessments.points is not null

),

chosen as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        instrument,
        outcome_window,

        ---------- numerics
        points

    from ranked

    where nearest_first = 1

)

select * from chosen
