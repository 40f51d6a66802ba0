{# One row per completed questionnaire, scored, with the episode it falls in. #}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

instruments as (

    select * from {{ ref('instruments') }}

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
        case
            when assessments.points >= instruments.very_severe_from_points
                then 'very_severe'
            when assessments.points >= instruments.severe_from_points
                then 'severe'
            when assessments.points >= instruments.moderately_severe_from_points
                then 'moderately_severe'
            when assessments.points >= instruments.moderate_from_points
                then 'moderate'
            when assessments.points >= instruments.mild_from_points
                then 'mild'
            when assessments.points < instruments.mild_from_points
                then 'minimal'
        end as severity_band,

        ---------- numerics
        assessments.points,
        assessments.recorded_points,
        assessments.derived_points,
        assessments.answered_items_count,
        assessments.item_9_points,
        assessments.days_since_start,

        ---------- booleans
        -- only the PHQ-9 asks this as item 9; not answered is null, never "no"
        case
            when assessments.instrument = 'phq9'
                then
                    assessments.item_9_points
                    >= {{ threshold('any_suicidal_thoughts_from_points') }}
        end as has_any_suicidal_thoughts,
        case
            when assessments.instrument = 'phq9'
                then
                    assessments.item_9_points
                    >= {{ threshold('frequent_suicidal_thoughts_from_points') }}
        end as has_frequent_suicidal_thoughts,

        ---------- dates
        assessments.completed_on

    from assessments

    inner join instruments
        on assessments.instrument = instruments.instrument

)

select * from final
