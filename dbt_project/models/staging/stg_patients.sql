{#
    One row per patient.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('patients', 'patient_id') }}

),

arranged as (

    select
        ---------- ids
        patient_id,
        load_id,

        ---------- strings
        source,
        sex,
        ethnicity,
        region,
        payer,

        ---------- numerics
        birth_year,
        deprivation_quintile,
        index_year,

        ---------- booleans
        is_aged_90_plus,

        ---------- dates
        died_on,
        observed_from,
        observed_to

    from current_rows

)

select * from arranged
