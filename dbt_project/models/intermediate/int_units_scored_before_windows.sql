{#
    One row per unit and fixed-time window before which a PHQ-9 was seen: the
    last one after day 0 and before the window opens, whatever brought it about.
    Whether a person is seen in the window may depend on it.
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

ranked as (

    -- two of one day are told apart by key
    select
        units.unit_id,
        outcome_windows.outcome_window,
        assessments.points,
        row_number() over (
            partition by units.unit_id, outcome_windows.outcome_window
            order by
                assessments.completed_on desc,
                assessments.assessment_id asc
        ) as latest_first
    from units

    inner join assessments
        on
            units.patient_id = assessments.patient_id
            and units.index_on < assessments.completed_on

    inner join outcome_windows
        on
            {{ days_between('units.index_on', 'assessments.completed_on') }}
            < outcome_windows.from_day

),

final as (

    select
        ---------- ids
        unit_id,

        ---------- strings
        outcome_window,

        ---------- numerics
        points as last_points

    from ranked

    where latest_first = 1

)

select * from final
