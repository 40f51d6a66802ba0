-- One row per measure and reason why eligible units are in no denominator.
select
    measure_id,
    exclusion_reason,
    excluded_count,
    excluded_people_count

from aggregates.agg_measures_by_exclusion_reason
