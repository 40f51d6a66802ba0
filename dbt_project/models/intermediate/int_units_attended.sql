{#
    One row per unit: treatment sessions that the person attended in the year
    from day 0, whichever course they belonged to.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

treatment_sessions as (

    select * from {{ ref('stg_sessions') }}
    where
        attendance = 'attended'
        and coalesce(session_type, 'treatment') = 'treatment'

),

within_the_year as (

    select
        units.unit_id,
        treatment_sessions.session_id
    from units

    inner join treatment_sessions
        on units.patient_id = treatment_sessions.patient_id

    where
        units.index_on <= treatment_sessions.held_on
        and {{ days_between('units.index_on', 'treatment_sessions.held_on') }}
        <= {{ threshold('sessions_counted_days') }}

),

counted as (

    select
        ---------- ids
        units.unit_id,

        ---------- numerics
        cast(count(within_the_year.session_id) as integer)
            as sessions_12mo_count

    from units

    left join within_the_year
        on units.unit_id = within_the_year.unit_id

    group by units.unit_id

)

select * from counted
