{#
    One row per spell that stands in for a failed trial: after six weeks or more
    it was switched from, augmented, or the PHQ-9 was still high. Records of
    dispensing do not say whether a person responded.
#}

with

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}
    where
        not is_only_known_at_index
        and is_antidepressant

),

switches as (

    select * from {{ ref('int_medications_switched') }}

),

scores as (

    select * from {{ ref('int_assessments_scored') }}
    where instrument = 'phq9'

),

failures as (

    select
        spells.medication_spell_id,
        switches.started_on as failed_on
    from spells

    inner join switches
        on spells.medication_spell_id = switches.switched_from_spell_id

    union all

    select
        spells.medication_spell_id,
        switches.started_on as failed_on
    from spells

    inner join switches
        on
            spells.patient_id = switches.patient_id
            and spells.ingredient != switches.ingredient
            and switches.is_augmentation
            and spells.started_on < switches.started_on
            and coalesce(spells.ended_on >= switches.started_on, true)

    union all

    select
        spells.medication_spell_id,
        scores.completed_on as failed_on
    from spells

    inner join scores
        on
            spells.patient_id = scores.patient_id
            and spells.started_on < scores.completed_on
            and coalesce(spells.ended_on >= scores.completed_on, true)

    where scores.points >= {{ threshold('proxy_failure_from_points') }}

),

late_failures as (

    select
        spells.medication_spell_id,
        spells.patient_id,
        spells.ingredient,
        spells.started_on,
        spells.ended_on,
        min(failures.failed_on) as failed_on
    from spells

    inner join failures
        on spells.medication_spell_id = failures.medication_spell_id

    where
        {{ days_between('spells.started_on', 'failures.failed_on') }}
        >= {{ threshold('adequate_trial_days') }}

    group by
        spells.medication_spell_id,
        spells.patient_id,
        spells.ingredient,
        spells.started_on,
        spells.ended_on

)

select * from late_failures
