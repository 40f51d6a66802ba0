{#
    One row per dispensing, prescription or report of an antidepressant.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('medications', 'medication_id', of_patients=true) }}

),

arranged as (

    select
        ---------- ids
        medication_id,
        patient_id,
        load_id,

        ---------- strings
        source,
        ingredient,
        atc_code,
        record_type,

        ---------- numerics
        days_supply,
        daily_dose_mg,

        ---------- booleans
        is_in_use_at_index,

        ---------- dates
        started_on,
        ended_on

    from current_rows

)

select * from arranged
