{#
    One row per clinician.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('clinicians', 'clinician_id') }}

),

arranged as (

    select
        ---------- ids
        clinician_id,
        site_id,
        load_id,

        ---------- strings
        source,
        credential,

        ---------- booleans
        treats_resistant_depression

    from current_rows

)

select * from arranged
