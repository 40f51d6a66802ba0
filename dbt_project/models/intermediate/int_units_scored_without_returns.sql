{#
    One row per unit, instrument and fixed-time window that has ended and holds a
    score of the person: the score nearest to the nominal day, the later one of
    two equally near. Scores of people who came back because they were ill are
    left out, and shown: they are seen for being ill.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

assessments as (

    select
        *,
        coalesce(collection_reason = 'return', false) as is_return
    from {{ ref('int_assessments_scored') }}
    where
        instrument in ('phq9', 'gad7', 'wsas', 'swls')
        and points is not null

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

dated as (

    select
        units.unit_id,
        units.followed_days,
        assessments.assessment_id,
        assessments.instrument,
        assessments.points,
        assessments.item_9_points,
        assessments.is_return,
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
        dated.*,
        outcome_windows.outcome_window,
        bool_or(dated.is_return) over (
            partition by
                dated.unit_id,
                dated.instrument,
                outcome_windows.outcome_window
        ) as has_return_score,
        row_number() over (
            partition by
                dated.unit_id,
                dated.instrument,
                outcome_windows.outcome_window
            order by
                dated.is_return asc,
                abs(dated.days_since_start - outcome_windows.nominal_day) asc,
                dated.days_since_start desc,
                dated.assessment_id asc
        ) as nearest_first
    from dated

    inner join outcome_windows
        on
            dated.days_since_start >= outcome_windows.from_day
            and dated.days_since_start <= outcome_windows.to_day
            and dated.followed_days >= outcome_windows.to_day

),

final as (

    select
        ---------- ids
        unit_id,

        ---------- strings
        instrument,
        outcome_window,

        ---------- numerics
        case when not is_return then points end as points,
        case when not is_return then item_9_points end as item_9_points,

        ---------- booleans
        has_return_score

    from ranked

    where nearest_first = 1

)

select * from final
