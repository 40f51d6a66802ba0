{# One row per patient, ingredient and spell of continuous exposure. #}

with

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}

),

final as (

    select
        ---------- ids
        medication_spell_id,
        patient_id,

        ---------- strings
        ingredient,

        ---------- numerics
        records_count,
        covered_days,

        ---------- booleans
        is_only_known_at_index,

        ---------- dates
        started_on,
        ended_on

    from spells

)

select * from final
