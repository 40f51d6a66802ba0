{#
    Every measure by one group: how many units are excluded, in the denominator
    and in the numerator, and how many different people and clinicians those are.
    Exact counts, and no rate: whether one may be read is judged on the counts as
    they are shown, when the report is made. What it is judged by stands beside
    them.

    Completeness is that of the measure that the registry names, in the same
    group: units that could have scores, and those that have them. People who are
    scorable only have a unit there that this measure excludes: the difference of
    the two denominators would tell them.
#}
{% macro measures_by(column) -%}

with

units as (

    select * from {{ ref('int_measures_counted') }}
    where {{ column }} is not null

),

measures as (

    select * from {{ ref('measures') }}

),

counted as (

    select
        measure_id,
        {{ column }},
        count(case when is_excluded then 1 end) as excluded_count,
        count(case when is_in_denominator then 1 end) as denominator_count,
        count(case when is_in_numerator then 1 end) as numerator_count,
        count(distinct case when is_excluded then patient_id end)
            as excluded_people_count,
        count(distinct case when is_in_denominator then patient_id end)
            as people_count,
        count(distinct case when is_in_numerator then patient_id end)
            as numerator_people_count,
        count(
            distinct case
                when is_in_denominator and not is_in_numerator then patient_id
            end
        ) as rest_people_count,
        count(distinct case when is_in_denominator then clinician_id end)
            as clinicians_count,
        median(measured_value) as median_value
    from units
    group by
        measure_id,
        {{ column }}

),

excluded as (

    select
        units.*,
        measures.completeness_measure_id
    from units

    inner join measures
        on units.measure_id = measures.measure_id

    where units.is_excluded

),

scorable_only as (

    select
        excluded.measure_id,
        excluded.{{ column }},
        count(distinct excluded.patient_id) as scorable_only_people_count
    from excluded

    inner join units
        on
            excluded.completeness_measure_id = units.measure_id
            and excluded.unit_id = units.unit_id

    where units.is_in_denominator
    group by
        excluded.measure_id,
        excluded.{{ column }}

),

completed as (

    select
        counted.*,
        measures.amber_below_share,
        measures.suppressed_below_share,
        completeness.denominator_count as scorable_count,
        completeness.numerator_count as scored_count,
        completeness.people_count as scorable_people_count,
        completeness.numerator_people_count as scored_people_count,
        completeness.rest_people_count as unscored_people_count,
        case
            when completeness.measure_id is not null
                then coalesce(scorable_only.scorable_only_people_count, 0)
        end as scorable_only_people_count
    from counted

    inner join measures
        on counted.measure_id = measures.measure_id

    left join counted as completeness
        on
            measures.completeness_measure_id = completeness.measure_id
            and counted.{{ column }} = completeness.{{ column }}

    left join scorable_only
        on
            counted.measure_id = scorable_only.measure_id
            and counted.{{ column }} = scorable_only.{{ column }}

),

final as (

    select
        ---------- ids and groups
        measure_id,
        {{ column }},

        ---------- numerics
        cast(excluded_count as integer) as excluded_count,
        cast(denominator_count as integer) as denominator_count,
        cast(numerator_count as integer) as numerator_count,
        median_value,
        cast(scorable_count as integer) as scorable_count,
        cast(scored_count as integer) as scored_count,
        cast({{ threshold('measure_rate_from_units') }} as integer)
            as rate_from_units,
        amber_below_share,
        suppressed_below_share,
        cast(excluded_people_count as integer) as excluded_people_count,
        cast(people_count as integer) as people_count,
        cast(numerator_people_count as integer) as numerator_people_count,
        cast(rest_people_count as integer) as rest_people_count,
        cast(scorable_people_count as integer) as scorable_people_count,
        cast(scored_people_count as integer) as scored_people_count,
        cast(unscored_people_count as integer) as unscored_people_count,
        cast(scorable_only_people_count as integer)
            as scorable_only_people_count,
        cast(clinicians_count as integer) as clinicians_count

    from completed

)

select * from final

{%- endmacro %}
