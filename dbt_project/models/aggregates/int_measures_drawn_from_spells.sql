{#
    One row per measure of persistence and spell of a dispensed antidepressant
    that is eligible for it: a new spell whose window is over.
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

feeds as (

    select distinct
        source,
        date_mode
    from {{ ref('int_feeds_supplied_by_namespace') }}

),

dispensed as (

    select
        spells.medication_spell_id as unit_id,
        spells.patient_id,
        cast(null as varchar) as episode_id,
        patients.source,
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

    left join feeds
        on patients.source = feeds.source

    where spells.started_on is not null

),

judged as (

    {{ judged_units('dispensed', measures) }}

)

select * from judged
