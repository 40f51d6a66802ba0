{#
    One row per recorded diagnosis.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('diagnoses', 'diagnosis_id', of_patients=true) }}

),

arranged as (

    select
        ---------- ids
        diagnosis_id,
        patient_id,
        load_id,

        ---------- strings
        source,
        code,

        ---------- booleans
        is_active,

        ---------- dates
        recorded_on

    from current_rows

)

select * from arranged
