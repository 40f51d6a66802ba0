-- One row per instrument that has a score in this release. Each cut-off has the words
-- on where it comes from, and whether that was checked, beside it.
select
    instrument,
    name,
    min_points,
    max_points,
    is_lower_better,
    caseness_from_points,
    caseness_source,
    reliable_change_points,
    reliable_change_source,
    minimal_important_difference_points,
    minimal_important_difference_share,
    minimal_important_difference_source,
    mild_from_points,
    moderate_from_points,
    moderately_severe_from_points,
    severe_from_points,
    very_severe_from_points,
    bands_source,
    remission_below_points,
    remission_source,
    response_floor_points,
    response_floor_source

from marts.dim_instruments

where instrument in (select instrument from marts.fct_assessments)
