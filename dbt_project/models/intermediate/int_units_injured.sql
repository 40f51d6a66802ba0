{#
    One row per unit that was observed for a year in a source with diagnoses:
    whether an injury was recorded in it. No therapy does that, so a difference
    tells of groups that were not alike.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

diagnosis_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where
        feed = 'diagnoses'
        and is_supplied

),

injuries as (

    select
        diagnoses.patient_id,
        diagnoses.recorded_on
    from {{ ref('stg_diagnoses') }} as diagnoses

    inner join {{ ref('icd10_groups') }} as icd10_groups
        on
            replace(diagnoses.code, '.', '')
            like concat(icd10_groups.code_prefix, '%')
            and icd10_groups.diagnosis_group = 'injury'

),

observed as (

    -- who died or left within the year may have been injured unseen
    select units.*
    from units

    inner join diagnosis_feeds
        on units.source = diagnosis_feeds.source

    inner join patients
        on units.patient_id = patients.patient_id

    where
        units.followed_days >= {{ threshold('injury_days') }}
        and coalesce(
            {{ days_between('units.index_on', 'patients.observed_to') }}
            >= {{ threshold('injury_days') }},
            true
        )
        and coalesce(
            {{ days_between('units.index_on', 'patients.died_on') }}
            >= {{ threshold('injury_days') }},
            true
        )

),

within_the_year as (

    select distinct observed.unit_id
    from observed

    inner join injuries
        on
            observed.patient_id = injuries.patient_id
            and observed.index_on < injuries.recorded_on

    where
        {{ days_between('observed.index_on', 'injuries.recorded_on') }}
        <= {{ threshold('injury_days') }}

),

final as (

    select
        ---------- ids
        observed.unit_id,

        ---------- booleans
        within_the_year.unit_id is not null as is_injured

    from observed

    left join within_the_year
        on observed.unit_id = within_the_year.unit_id

)

select * from final
