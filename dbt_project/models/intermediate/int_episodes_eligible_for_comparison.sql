{#
    One row per episode that may enter a comparison: it has a day 0, the person
    is an adult as far as known, alive on day 0, and no diagnosis excludes it.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

descriptions as (

    select * from {{ ref('int_episodes_described') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

excluded_episodes as (

    select * from {{ ref('int_episodes_excluded_by_diagnosis') }}

),

eligible as (

    select
        ---------- ids
        episodes.episode_id,
        episodes.patient_id,
        episodes.first_clinician_id,

        ---------- strings
        episodes.source,
        episodes.modality,
        episodes.allocated_arm,

        ---------- booleans
        episodes.is_randomised,
        descriptions.is_current_episode_over_6_months

    from episodes

    inner join descriptions
        on episodes.episode_id = descriptions.episode_id

    left join patients
        on episodes.patient_id = patients.patient_id

    left join excluded_episodes
        on episodes.episode_id = excluded_episodes.episode_id

    where
        episodes.index_on is not null
        and excluded_episodes.episode_id is null
        and coalesce(patients.died_on >= episodes.index_on, true)
        and coalesce(
            descriptions.age_at_start_years
            >= {{ threshold('adult_from_years') }},
            true
        )

)

select * from eligible
