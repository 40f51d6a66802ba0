-- One row per source and service measure: whether the source has what it needs,
-- and the calendar days for showing it by month. No counts.
with

sources as (

    select source, any_value(date_mode) as date_mode
    from intermediate.int_feeds_supplied_by_namespace
    group by source

),

counted as (

    select source, measure_id
    from aggregates.int_measures_counted
    where is_in_denominator
    group by source, measure_id

)

select
    sources.source,
    measures.measure_id,
    if(counted.measure_id is null, 'not_measured', 'measured') as status,
    if(
        counted.measure_id is null or sources.date_mode = 'relative',
        'not_measured',
        'measured'
    ) as by_month_status,
    case
        when counted.measure_id is null
            then 'The source has no record that this measure counts.'
        when sources.date_mode = 'relative'
            then 'The source sends days since the start, not calendar days.'
    end as reason

from sources

cross join seeds.measures as measures

left join counted
    on
        sources.source = counted.source
        and measures.measure_id = counted.measure_id
