{#
    One row per medication record with a start: the days it covers. A supply that
    is dispensed before the last one is used up covers the days after it.
#}

with

medications as (

    select * from {{ ref('int_medications_counted') }}

),

dated as (

    select * from medications
    where started_on is not null

),

supplied as (

    -- only what is dispensed by number of days is stockpiled
    select
        *,
        record_type = 'dispensed'
        and days_supply is not null
        and ended_on is null as is_stockpiled,
        -- days from a fixed day, so that days can be added and compared
        {{ days_between("cast('1970-01-01' as date)", 'started_on') }}
            as start_day
    from dated

),

accumulated as (

    select
        *,
        sum(days_supply) over (
            partition by patient_id, ingredient, is_stockpiled
            order by
                started_on,
                medication_id
            rows between unbounded preceding and current row
        ) as supply_so_far
    from supplied

),

shifted as (

    -- the first day not yet covered, had every supply been used in turn
    select
        *,
        max(start_day - (supply_so_far - days_supply)) over (
            partition by patient_id, ingredient, is_stockpiled
            order by
                started_on,
                medication_id
            rows between unbounded preceding and current row
        ) + supply_so_far - days_supply as shifted_day
    from accumulated

),

covered as (

    select
        ---------- ids
        medication_id,
        patient_id,

        ---------- strings
        source,
        ingredient,
        record_type,

        ---------- numerics
        start_day,
        cast(
            case when is_stockpiled then shifted_day else start_day end
            as integer
        ) as first_day,
        -- null: not known to have ended
        cast(
            case
                when is_stockpiled then shifted_day + days_supply - 1
                when ended_on is not null
                    then
                        start_day
                        + {{ days_between('started_on', 'ended_on') }}
                else start_day + days_supply - 1
            end as integer
        ) as last_day,

        ---------- booleans
        is_antidepressant,
        is_dose_known,
        is_dose_adequate

    from shifted

)

select * from covered
