{#
    One row per episode with its day 0: the first attended treatment session,
    and where there is none the day the episode is said to have started.
#}

with

episodes as (

    select * from {{ ref('int_episodes_combined') }}

),

session_summaries as (

    select * from {{ ref('int_sessions_summarised_by_episode') }}

),

dated as (

    select
        episodes.*,
        session_summaries.first_clinician_id,
        session_summaries.first_modality,
        session_summaries.first_format,
        session_summaries.first_delivery_mode,
        session_summaries.attended_sessions_count,
        session_summaries.second_attended_on,
        session_summaries.last_treatment_on,
        session_summaries.last_attended_on,
        coalesce(session_summaries.first_attended_on, episodes.started_on)
            as index_on
    from episodes

    left join session_summaries
        on episodes.episode_id = session_summaries.episode_id

),

numbered as (

    select
        ---------- ids
        episode_id,
        patient_id,
        site_id,
        first_clinician_id,

        ---------- strings
        source,
        end_reason,
        intended_length,
        modality,
        first_modality,
        first_format,
        first_delivery_mode,
        depression_duration_band,
        allocated_arm,

        ---------- numerics
        depression_onset_months,
        current_episode_months,
        adequate_medication_trials,
        prior_therapy_episodes,
        attended_sessions_count,

        ---------- booleans
        is_treatment_resistant,
        is_randomised,
        is_derived,
        -- episodes with no day 0 come last; ties are told apart by key
        row_number() over (
            partition by patient_id
            order by
                case when index_on is null then 1 else 0 end,
                index_on,
                episode_id
        ) = 1 as is_first_episode,

        ---------- dates
        referred_on,
        started_on,
        index_on,
        second_attended_on,
        last_treatment_on,
        last_attended_on,
        ended_on

    from dated

)

select * from numbered
