{#
    One row per scheduled follow-up questionnaire with the month after day 0 to
    which it belongs. Those within half a month of day 0 belong to none.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

scheduled as (

    select
        *,
        cast(
            round(days_since_start / {{ threshold('days_per_month') }})
            as integer
        ) as follow_up_month,
        days_since_start / {{ threshold('days_per_month') }}
            as months_since_start
    from assessments
    where collection_reason = 'scheduled_follow_up'

),

final as (

    select
        ---------- ids
        assessment_id,
        episode_id,

        ---------- strings
        instrument,

        ---------- numerics
        follow_up_month,
        months_since_start,
        points

    from scheduled

    where follow_up_month > 0

)

select * from final
