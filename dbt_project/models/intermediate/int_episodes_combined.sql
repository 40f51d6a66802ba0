{#
    One row per episode: recorded by a source, or derived from its sessions. A
    derived episode has ended only once its source's data run past the gap that
    would have continued it, or hold the person's death.
#}

with

recorded_episodes as (

    select * from {{ ref('stg_episodes') }}

),

session_summaries as (

    select * from {{ ref('int_sessions_summarised_by_episode') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

derived_episodes as (

    select
        session_summaries.*,
        coalesce(
            {{ days_between(
                'session_summaries.last_attended_on', 'sources.data_to'
            ) }}
            >= {{ threshold('episode_gap_days') }},
            false
        )
        or coalesce(patients.died_on <= sources.data_to, false) as is_ended
    from session_summaries

    left join patients
        on session_summaries.patient_id = patients.patient_id

    left join sources
        on session_summaries.source = sources.source

    where session_summaries.is_episode_derived

),

combined as (

    select
        ---------- ids
        episode_id,
        patient_id,
        site_id,

        ---------- strings
        source,
        end_reason,
        intended_length,
        modality,
        depression_duration_band,
        allocated_arm,

        ---------- numerics
        depression_onset_months,
        current_episode_months,
        adequate_medication_trials,
        prior_therapy_episodes,

        ---------- booleans
        is_treatment_resistant,
        is_randomised,
        false as is_derived,

        ---------- dates
        referred_on,
        started_on,
        ended_on

    from recorded_episodes

    union all

    select
        episode_id,
        patient_id,
        first_site_id as site_id,
        source,
        case when not is_ended then 'ongoing' end as end_reason,
        cast(null as varchar) as intended_length,
        first_modality as modality,
        cast(null as varchar) as depression_duration_band,
        cast(null as varchar) as allocated_arm,
        cast(null as integer) as depression_onset_months,
        cast(null as integer) as current_episode_months,
        cast(null as integer) as adequate_medication_trials,
        cast(null as integer) as prior_therapy_episodes,
        cast(null as boolean) as is_treatment_resistant,
        cast(null as boolean) as is_randomised,
        true as is_derived,
        cast(null as date) as referred_on,
        first_attended_on as started_on,
        case when is_ended then last_attended_on end as ended_on
    from derived_episodes

)

select * from combined
