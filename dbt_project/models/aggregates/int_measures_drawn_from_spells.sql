{#
    One row per measure of persistence and spell of a dispensed antidepressant
    that is eligible for it: a new spell whose window is over. It counts for the
    source that sent the first dispensing, which need not be the patient's.
#}

{{ config(materialized='view') }}

{%- set measures = [] -%}
{%- for days in [84, 180] -%}
    {%- do measures.append({
        'id': 'antidepressant_persistence_' ~ days ~ '_days',
        'eligible': 'is_persistent_' ~ days ~ ' is not null',
        'exclusion': "case when is_under_age then 'under_age' end",
        'numerator': 'is_persistent_' ~ days,
    }) -%}
{%- endfor -%}

with

spells as (

    select * from {{ ref('fct_medication_spells') }}

),

patients as (

    select * from {{ ref('dim_patients') }}

),

covered as (

    select * from {{ ref('int_medications_covered') }}

),

feeds as (

    select distinct
        source,
        date_mode
    from {{ ref('int_feeds_supplied_by_namespace') }}

),

first_dispensings as (

    -- of two sources that dispensed on the first day, the first in the alphabet
    select
        patient_id,
        ingredient,
        {{ add_days("cast('1970-01-01' as date)", 'first_day') }}
            as started_on,
        min(source) as source
    from covered
    where record_type = 'dispensed'
    group by
        patient_id,
        ingredient,
        first_day

),

dispensed as (

    select
        spells.medication_spell_id as unit_id,
        spells.patient_id,
        cast(null as varchar) as episode_id,
        cast(null as varchar) as clinician_id,
        cast(null as varchar) as site_id,
        cast(null as varchar) as modality,
        cast(null as varchar) as format,
        first_dispensings.source,
        spells.is_persistent_84,
        spells.is_persistent_180,
        spells.started_on as anchored_on,
        -- anchored days have a real year only where the index year is known
        case
            when feeds.date_mode = 'calendar' or patients.index_year is not null
                then
                    extract(year from spells.started_on) - patients.birth_year
                    < {{ threshold('measure_persistence_from_years') }}
        end as is_under_age
    from spells

    inner join patients
        on spells.patient_id = patients.patient_id

    inner join first_dispensings
        on
            spells.patient_id = first_dispensings.patient_id
            and spells.ingredient = first_dispensings.ingredient
            and spells.started_on = first_dispensings.started_on

    left join feeds
        on first_dispensings.source = feeds.source

),

judged as (

    {{ judged_units('dispensed', measures) }}

)

select * from judged
