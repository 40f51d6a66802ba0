{#
    One row per patient, ingredient and spell of continuous exposure: as a trial,
    as a switch or an addition, and how long it was kept up.
#}

with

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}

),

trials as (

    select * from {{ ref('int_medications_tried') }}

),

switches as (

    select * from {{ ref('int_medications_switched') }}

),

persistence as (

    select * from {{ ref('int_medications_persisted') }}

),

final as (

    select
        ---------- ids
        spells.medication_spell_id,
        spells.patient_id,

        ---------- strings
        spells.ingredient,
        switches.switched_from,

        ---------- numerics
        spells.records_count,
        spells.covered_days,
        persistence.pdc_share,

        ---------- booleans
        spells.is_only_known_at_index,
        spells.is_antidepressant,
        coalesce(trials.is_dose_known, false) as is_dose_known,
        trials.is_adequate_trial,
        switches.is_augmentation,
        persistence.is_new_start,
        persistence.is_persistent_84,
        persistence.is_persistent_180,
        persistence.pdc_share >= {{ threshold('pdc_adherent_from_share') }}
            as is_adherent,

        ---------- dates
        spells.started_on,
        spells.ended_on

    from spells

    left join trials
        on spells.medication_spell_id = trials.medication_spell_id

    left join switches
        on spells.medication_spell_id = switches.medication_spell_id

    left join persistence
        on spells.medication_spell_id = persistence.medication_spell_id

)

select * from final
