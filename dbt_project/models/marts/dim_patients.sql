{#
    One row per patient. Where no source says from when to when a person could
    have been seen, the bounds are taken from the records, and marked.
#}

with

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

recorded_days as (

    select
        patient_id,
        min(recorded_on) as first_recorded_on,
        max(recorded_on) as last_recorded_on
    from (
        select
            patient_id,
            started_on as recorded_on
        from {{ ref('stg_episodes') }}
        union all
        select
            patient_id,
            ended_on as recorded_on
        from {{ ref('stg_episodes') }}
        union all
        select
            patient_id,
            held_on as recorded_on
        from {{ ref('stg_sessions') }}
        union all
        select
            patient_id,
            completed_on as recorded_on
        from {{ ref('stg_assessments') }}
        union all
        select
            patient_id,
            started_on as recorded_on
        from {{ ref('stg_medications') }}
        union all
        select
            patient_id,
            recorded_on
        from {{ ref('stg_diagnoses') }}
    ) as every_record
    group by patient_id

),

final as (

    select
        ---------- ids
        patients.patient_id,

        ---------- strings
        patients.source,
        patients.sex,
        patients.ethnicity,
        patients.region,
        patients.payer,

        ---------- numerics
        patients.birth_year,
        patients.deprivation_quintile,
        patients.index_year,

        ---------- booleans
        patients.is_aged_90_plus,
        patients.observed_from is null as is_observed_from_derived,
        patients.observed_to is null as is_observed_to_derived,

        ---------- dates
        patients.died_on,
        coalesce(patients.observed_from, recorded_days.first_recorded_on)
            as observed_from,
        coalesce(
            patients.observed_to,
            patients.died_on,
            recorded_days.last_recorded_on
        ) as observed_to

    from patients

    left join recorded_days
        on patients.patient_id = recorded_days.patient_id

)

select * from final
