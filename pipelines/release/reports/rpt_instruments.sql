-- One row per instrument that has a score in this release.
select
    instrument,
    name,
    min_points,
    max_points,
    is_lower_better,
    minimal_important_difference_points,
    minimal_important_difference_share,
    mild_from_points,
    moderate_from_points,
    moderately_severe_from_points,
    severe_from_points,
    very_severe_from_points,
    remission_below_points,
    response_floor_points

from marts.dim_instruments

where instrument in (select instrument from marts.fct_assessments)
