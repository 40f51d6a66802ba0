{#
    One row per patient and calendar month with a recent PHQ-9 on whose first day
    the person has been on an antidepressant for six weeks: its spell is that
    old, and a record covers the day. A later refill is not known on it.
#}

with

months as (

    select
        *,
        {{ days_between("cast('1970-01-01' as date)", 'month_on') }}
            as month_day
    from {{ ref('int_patients_scored_by_month') }}
    where instrument = 'phq9'

),

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}
    where is_antidepressant

),

covered as (

    select * from {{ ref('int_medications_covered') }}
    where is_antidepressant

),

medicated as (

    select distinct
        ---------- ids
        months.patient_id,

        ---------- dates
        months.month_on

    from months

    inner join spells
        on months.patient_id = spells.patient_id

    inner join covered
        on
            spells.patient_id = covered.patient_id
            and spells.ingredient = covered.ingredient

    where
        {{ days_between('spells.started_on', 'months.month_on') }}
        >= {{ threshold('added_therapy_medication_days_before') }}
        and coalesce(months.month_on <= spells.ended_on, true)
        and months.month_day >= covered.first_day
        and coalesce(months.month_day <= covered.last_day, true)

)

select * from medicated
