{#
    One row per patient. Sources that share pseudonyms may each send the person;
    every fact is taken from the newest load that gave it.
#}

{%- set facts = [
    'sex', 'ethnicity', 'region', 'payer', 'birth_year',
    'deprivation_quintile', 'index_year', 'died_on',
] %}

with

patients as (

    select * from {{ ref('stg_patients') }}

),

loads as (

    select * from {{ ref('stg_loads') }}

),

ordered as (

    select
        patients.*,
        loads.extracted_at
    from patients

    inner join loads
        on patients.load_id = loads.load_id

),

filled as (

    -- the first value that is not null, newest load first, ties by source
    select
        patient_id,
        source,
        is_aged_90_plus,
        observed_from,
        observed_to,
        {%- for fact in facts %}
            first_value({{ fact }}) over (
                partition by patient_id
                order by
                    case when {{ fact }} is null then 1 else 0 end asc,
                    extracted_at desc,
                    source asc
            ) as {{ fact }},
        {%- endfor %}
        first_value(source) over (
            partition by patient_id
            order by
                extracted_at desc,
                source asc
        ) as newest_source
    from ordered

),

merged as (

    select
        ---------- ids
        patient_id,

        ---------- strings
        max(newest_source) as source,
        max(sex) as sex,
        max(ethnicity) as ethnicity,
        max(region) as region,
        max(payer) as payer,

        ---------- numerics
        -- a birth year at 90 or over identifies people
        case
            when not coalesce(bool_or(is_aged_90_plus), false)
                then max(birth_year)
        end as birth_year,
        max(deprivation_quintile) as deprivation_quintile,
        max(index_year) as index_year,

        ---------- booleans
        bool_or(is_aged_90_plus) as is_aged_90_plus,

        ---------- dates
        max(died_on) as died_on,
        min(observed_from) as observed_from,
        max(observed_to) as observed_to

    from filled

    group by patient_id

)

select * from merged
