-- One row per measure and group; `{name}` and `{column}` are those of measures.py.
-- A kind of therapy, a format and a site are those of the course's first session, or,
-- for attendance, of the session itself.
select
    measure_id,
    {column},
    people_count,
    denominator_count,
    numerator_count,
    excluded_count,
    median_value,
    scorable_count,
    scored_count,
    rate_from_units,
    amber_below_share,
    suppressed_below_share,
    numerator_people_count,
    rest_people_count,
    excluded_people_count,
    scorable_people_count,
    scored_people_count,
    unscored_people_count,
    scorable_only_people_count,
    clinicians_count

from aggregates.agg_measures_by_{name}
