{#
    Every measure by one group: how many units are excluded, in the denominator
    and in the numerator, and how many different people those are. Exact counts.

    A rate is null where it must not be read: fewer units than a rate takes, or
    too few of its courses with a first and a last score (rate_status says
    which). Completeness is that of the measure that the registry names, in the
    same group.
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
        median(measured_value) as median_value
    from units
    group by
        measure_id,
        {{ column }}

),

completed as (

    select
        counted.*,
        measures.amber_below_share,
        measures.suppressed_below_share,
        completeness.denominator_count as scorable_count,
        completeness.numerator_count as scored_count,
        completeness.numerator_count
        / nullif(cast(completeness.denominator_count as double), 0)
            as scored_share,
        counted.numerator_count
        / nullif(cast(counted.denominator_count as double), 0) as exact_rate
    from counted

    inner join measures
        on counted.measure_id = measures.measure_id

    left join counted as completeness
        on
            measures.completeness_measure_id = completeness.measure_id
            and counted.{{ column }} = completeness.{{ column }}

),

judged as (

    select
        *,
        case
            when denominator_count < {{ threshold('measure_rate_from_units') }}
                then 'too_few'
            when amber_below_share is null then 'shown'
            when coalesce(scored_share, 0) < suppressed_below_share
                then 'too_incomplete'
            when scored_share < amber_below_share then 'amber'
            else 'shown'
        end as rate_status
    from completed

),

final as (

    select
        ---------- ids and groups
        measure_id,
        {{ column }},

        ---------- strings
        rate_status,

        ---------- numerics
        cast(excluded_count as integer) as excluded_count,
        cast(denominator_count as integer) as denominator_count,
        cast(numerator_count as integer) as numerator_count,
        case when rate_status in ('shown', 'amber') then exact_rate end as rate,
        median_value,
        cast(scorable_count as integer) as scorable_count,
        cast(scored_count as integer) as scored_count,
        cast(excluded_people_count as integer) as excluded_people_count,
        cast(people_count as integer) as people_count,
        cast(numerator_people_count as integer) as numerator_people_count,
        cast(rest_people_count as integer) as rest_people_count

    from judged

)

select * from final

{%- endmacro %}
