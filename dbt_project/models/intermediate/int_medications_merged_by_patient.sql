{#
    One row per patient, kind of record and unbroken run of days covered by any
    antidepressant. Days are counted from 1 January 1970.
#}

with

covered as (

    select * from {{ ref('int_medications_covered') }}
    where is_antidepressant

),

bounded as (

    -- an open record covers every day after it
    select
        medication_id,
        patient_id,
        'any_record' as cover,
        first_day,
        coalesce(last_day, 9999999) as last_day
    from covered

    union all

    select
        medication_id,
        patient_id,
        'dispensed' as cover,
        first_day,
        coalesce(last_day, 9999999) as last_day
    from covered
    where record_type = 'dispensed'

),

merged as (

    {{ merged_runs('bounded', ['patient_id', 'cover']) }}

),

final as (

    select
        ---------- ids
        patient_id,

        ---------- strings
        cover,

        ---------- numerics
        cast(first_day as integer) as first_day,
        cast(last_day as integer) as last_day

    from merged

)

select * from final
