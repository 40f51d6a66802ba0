-- One row per comparison, arm, instrument and follow-up; month 0 is the baseline.
select
    comparison_id,
    arm,
    instrument,
    time_month as follow_up_month,
    people_count,
    observed_count,
    estimate as mean_points,
    estimate_low as mean_low,
    estimate_high as mean_high

from estimates.curves

where curve_id = 'trajectory'
