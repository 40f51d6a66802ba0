{#
    One row per medication record that counts: what is dispensed in a dose for
    sleep or pain is no antidepressant treatment. A record of unknown dose counts.
#}

with

medications as (

    select * from {{ ref('stg_medications') }}

),

ingredients as (

    select * from {{ ref('ingredients') }}

),

counted as (

    select
        ---------- ids
        medications.medication_id,
        medications.patient_id,

        ---------- strings
        medications.source,
        medications.ingredient,
        medications.record_type,

        ---------- numerics
        medications.days_supply,
        medications.daily_dose_mg,

        ---------- booleans
        medications.is_in_use_at_index,
        -- what is not listed came as an antidepressant, unless its ATC code
        -- says otherwise: selegiline is also a tablet for Parkinson's
        case
            when medications.atc_code not like 'N06A%' then false
            else coalesce(ingredients.is_antidepressant, true)
        end as is_antidepressant,
        medications.daily_dose_mg is not null
        and ingredients.minimum_daily_dose_mg is not null as is_dose_known,
        medications.daily_dose_mg >= ingredients.minimum_daily_dose_mg
            as is_dose_adequate,

        ---------- dates
        medications.started_on,
        medications.ended_on

    from medications

    left join ingredients
        on medications.ingredient = ingredients.ingredient

    where
        coalesce(
            medications.daily_dose_mg
            > ingredients.excluded_up_to_daily_dose_mg,
            true
        )

)

select * from counted
