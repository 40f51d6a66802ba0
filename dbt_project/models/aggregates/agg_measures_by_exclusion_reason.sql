{#
    One row per measure and reason for exclusion: eligible units that are in no
    denominator, and why. Exact counts: this table is never released.
#}

with

units as (

    select * from {{ ref('int_measures_counted') }}

),

totals as (

    select
        measure_id,
        count(*) as eligible_count,
        count(case when is_in_denominator then 1 end) as denominator_count
    from units
    group by measure_id

),

reasons as (

    select
        measure_id,
        exclusion_reason,
        count(*) as excluded_count,
        count(distinct patient_id) as excluded_people_count
    from units
    where is_excluded
    group by
        measure_id,
        exclusion_reason

),

final as (

    select
        ---------- ids
        reasons.measure_id,

        ---------- strings
        reasons.exclusion_reason,

        ---------- numerics
        cast(reasons.excluded_count as integer) as excluded_count,
        cast(reasons.excluded_people_count as integer)
            as excluded_people_count,
        cast(totals.eligible_count as integer) as eligible_count,
        cast(totals.denominator_count as integer) as denominator_count

    from reasons

    inner join totals
        on reasons.measure_id = totals.measure_id

)

select * from final
