{#
    One row per remitted episode and later day with a PHQ-9 of the same person,
    whichever episode it came from, up to the first that shows illness again or
    to the last one before too long without a score.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}
    where
        instrument = 'phq9'
        and points is not null

),

remissions as (

    select * from {{ ref('int_episodes_remitted') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

ranked as (

    select
        remissions.episode_id,
        remissions.remitted_on,
        assessments.assessment_id,
        assessments.collection_reason,
        assessments.points,
        assessments.completed_on,
        case
            when assessments.points >= instruments.relapse_from_points then 1
            else 0
        end as is_ill_again,
        row_number() over (
            partition by remissions.episode_id, assessments.completed_on
            order by assessments.assessment_id
        ) as first_of_day
    from remissions

    inner join assessments
        on
            remissions.patient_id = assessments.patient_id
            and remissions.remitted_on < assessments.completed_on

    inner join instruments
        on assessments.instrument = instruments.instrument

    left join patients
        on remissions.patient_id = patients.patient_id

    where coalesce(assessments.completed_on <= patients.died_on, true)

),

with_previous as (

    select
        *,
        coalesce(
            lag(completed_on) over (
                partition by episode_id
                order by completed_on
            ),
            remitted_on
        ) as previous_on
    from ranked
    where first_of_day = 1

),

marked as (

    select
        *,
        max(
            case
                when
                    {{ days_between('previous_on', 'completed_on') }}
                    > {{ threshold('follow_up_gap_up_to_days') }}
                    then 1
                else 0
            end
        ) over (
            partition by episode_id
            order by completed_on
            rows between unbounded preceding and current row
        ) as is_after_a_gap,
        coalesce(
            max(is_ill_again) over (
                partition by episode_id
                order by completed_on
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as is_after_an_event
    from with_previous

),

final as (

    select
        ---------- ids
        episode_id,
        assessment_id,

        ---------- strings
        collection_reason,

        ---------- numerics
        points,

        ---------- booleans
        is_ill_again = 1 as is_ill_again,

        ---------- dates
        completed_on

    from marked

    where
        is_after_a_gap = 0
        and is_after_an_event = 0

)

select * from final
