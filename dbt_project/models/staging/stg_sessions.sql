{#
    One row per planned contact.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('sessions', 'session_id', of_patients=true) }}

),

arranged as (

    select
        ---------- ids
        session_id,
        patient_id,
        episode_id,
        clinician_id,
        site_id,
        load_id,

        ---------- strings
        source,
        attendance,
        session_type,
        modality,
        format,
        delivery_mode,

        ---------- numerics
        duration_minutes,
        participants_count,
        homework_completed_percent,

        ---------- booleans
        is_homework_assigned,
        is_goal_set,

        ---------- dates
        held_on

    from current_rows

)

select * from arranged
