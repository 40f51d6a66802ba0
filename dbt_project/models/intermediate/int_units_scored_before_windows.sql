{#
    One row per unit and fixed-time window before which a PHQ-9 was seen, after
    day 0 and before the window opens, whatever brought it about: the last score,
    how old it is, how many were recent and their mean. Whether a person is seen
    in the window may depend on them.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

assessments as (

    select * from {{ ref('int_assessments_scored') }}
    where
        instrument = 'phq9'
        and points is not null

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

dated as (

    select
        units.unit_id,
        units.index_on,
        assessments.assessment_id,
        assessments.points,
        assessments.completed_on,
        {{ days_between('units.index_on', 'assessments.completed_on') }}
            as days_since_start
    from units

    inner join assessments
        on
            units.patient_id = assessments.patient_id
            and units.index_on < assessments.completed_on

),

ranked as (

    -- two of one day are told apart by key
    select
        dated.unit_id,
        dated.points,
        outcome_windows.outcome_window,
        outcome_windows.from_day - dated.days_since_start as age_days,
        row_number() over (
            partition by dated.unit_id, outcome_windows.outcome_window
            order by
                dated.completed_on desc,
                dated.assessment_id asc
        ) as latest_first
    from dated

    inner join outcome_windows
        on dated.days_since_start < outcome_windows.from_day

),

final as (

    select
        ---------- ids
        unit_id,

        ---------- strings
        outcome_window,

        ---------- numerics
        max(case when latest_first = 1 then points end) as last_points,
        cast(min(age_days) as integer) as last_age_days,
        cast(
            count(
                case
                    when age_days <= {{ threshold('recent_score_days') }}
                        then points
                end
            ) as integer
        ) as recent_scores_count,
        avg(points) as mean_points

    from ranked

    group by
        unit_id,
        outcome_window

)

select * from final
