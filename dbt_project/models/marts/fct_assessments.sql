{# One row per completed questionnaire, scored, with the episode it falls in. #}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

final as (

    select
        ---------- ids
        assessments.assessment_id,
        assessments.patient_id,
        assessments.episode_id,
        assessments.session_id,

        ---------- strings
        assessments.source,
        assessments.instrument,
        assessments.collection_reason,
        assessments.points_source,
        assessments.severity_band,
        assessments.item_9_state,

        ---------- numerics
        assessments.points,
        assessments.recorded_points,
        assessments.derived_points,
        assessments.answered_items_count,
        assessments.item_9_points,
        assessments.days_since_start,

        ---------- booleans
        -- the eCQM measures take no prorated total
        assessments.is_whole_total,
        -- not answered is null, never "no"
        case
            when assessments.item_9_state != 'missing'
                then assessments.item_9_state in ('any', 'frequent')
        end as has_any_suicidal_thoughts,
        case
            when assessments.item_9_state != 'missing'
                then assessments.item_9_state = 'frequent'
        end as has_frequent_suicidal_thoughts,

        ---------- dates
        assessments.completed_on

    from assessments

)

select * from final
