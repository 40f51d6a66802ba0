{#
    One row per patient, instrument and calendar month with a recent score on the
    month's first day: the last one up to it. Two of one day are told apart by
    key.
#}

with

assessments as (

    select * from {{ ref('int_assessments_scored') }}
    where
        instrument in ('phq9', 'gad7', 'wsas')
        and points is not null

),

bounds as (

    select
        min(date_trunc('month', completed_on)) as first_month_on,
        max(completed_on) as last_scored_on
    from assessments

),

months as (

    -- the last score is recent in some month after it, too
    select
        cast(
            unnest(
                generate_series(
                    first_month_on,
                    {{ add_days('last_scored_on', threshold(
                        'added_therapy_score_days_before'
                    )) }},
                    interval 1 month
                )
            ) as date
        ) as month_on
    from bounds

),

ranked as (

    select
        assessments.patient_id,
        assessments.source,
        assessments.instrument,
        assessments.points,
        assessments.item_9_points,
        months.month_on,
        row_number() over (
            partition by
                assessments.patient_id, assessments.instrument, months.month_on
            order by
                assessments.completed_on desc,
                assessments.assessment_id asc
        ) as latest_first
    from assessments

    inner join months
        on
            {{ days_between('assessments.completed_on', 'months.month_on') }}
            between 0 and {{ threshold('added_therapy_score_days_before') }}

),

final as (

    select
        ---------- ids
        patient_id,

        ---------- strings
        source,
        instrument,

        ---------- numerics
        points,
        item_9_points,

        ---------- dates
        month_on

    from ranked

    where latest_first = 1

)

select * from final
