{#
    One row per spell of continuous exposure to one ingredient, and one for an
    ingredient that is only known to have been in use at the index day.
#}

with

medications as (

    select * from {{ ref('int_medications_counted') }}

),

covered as (

    select * from {{ ref('int_medications_covered') }}

),

with_latest_day_before as (

    -- an open record covers every day after it
    select
        *,
        max(coalesce(last_day, 9999999)) over (
            partition by patient_id, ingredient
            order by
                first_day,
                medication_id
            rows between unbounded preceding and 1 preceding
        ) as latest_day_before
    from covered

),

gaps_measured as (

    select
        *,
        coalesce(greatest(first_day - latest_day_before - 1, 0), 0) as gap_days
    from with_latest_day_before

),

spells_marked as (

    select
        *,
        gap_days > {{ threshold('medication_gap_days') }}
            as starts_after_a_gap
    from gaps_measured

),

numbered as (

    select
        *,
        sum(case when starts_after_a_gap then 1 else 0 end) over (
            partition by patient_id, ingredient
            order by
                first_day,
                medication_id
            rows between unbounded preceding and current row
        ) as spell_number
    from spells_marked

),

dated_spells as (

    select
        patient_id,
        ingredient,
        bool_and(is_antidepressant) as is_antidepressant,
        min(first_day) as first_day,
        case when count(last_day) = count(*) then max(last_day) end as last_day,
        sum(case when not starts_after_a_gap then gap_days else 0 end)
            as days_uncovered,
        cast(count(*) as integer) as records_count
    from numbered
    group by
        patient_id,
        ingredient,
        spell_number

),

undated_spells as (

    select
        patient_id,
        ingredient,
        bool_and(is_antidepressant) as is_antidepressant,
        cast(count(*) as integer) as records_count
    from medications
    where
        started_on is null
        and is_in_use_at_index
    group by
        patient_id,
        ingredient

),

spells as (

    select
        patient_id,
        ingredient,
        records_count,
        cast(
            last_day - first_day + 1 - days_uncovered as integer
        ) as covered_days,
        is_antidepressant,
        false as is_only_known_at_index,
        {{ add_days("cast('1970-01-01' as date)", 'first_day') }} as started_on,
        {{ add_days("cast('1970-01-01' as date)", 'last_day') }} as ended_on
    from dated_spells

    union all

    select
        patient_id,
        ingredient,
        records_count,
        cast(null as integer) as covered_days,
        is_antidepressant,
        true as is_only_known_at_index,
        cast(null as date) as started_on,
        cast(null as date) as ended_on
    from undated_spells

),

final as (

    select
        ---------- ids
        md5(
            patient_id || '|' || ingredient || '|'
            || coalesce(cast(started_on as varchar), 'at index')
        ) as medication_spell_id,
        patient_id,

        ---------- strings
        ingredient,

        ---------- numerics
        records_count,
        covered_days,

        ---------- booleans
        is_antidepressant,
        is_only_known_at_index,

        ---------- dates
        started_on,
        ended_on

    from spells

)

select * from final
