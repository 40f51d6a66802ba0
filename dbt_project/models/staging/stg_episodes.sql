{#
    One row per course of care, usual care included.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('episodes', 'episode_id', of_patients=true) }}

),

arranged as (

    select
        ---------- ids
        episode_id,
        patient_id,
        site_id,
        load_id,

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

        ---------- dates
        referred_on,
        started_on,
        ended_on

    from current_rows

)

select * from arranged
