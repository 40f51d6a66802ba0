-- One row per measure and quintile of deprivation. A numerator only where a rate may be read.
select
    measure_id,
    deprivation_quintile,
    rate_status,
    people_count,
    denominator_count,
    case when rate is not null then numerator_count end as numerator_count,
    excluded_count,
    median_value,
    scorable_count,
    scored_count,
    numerator_people_count,
    rest_people_count,
    excluded_people_count

from aggregates.agg_measures_by_deprivation
