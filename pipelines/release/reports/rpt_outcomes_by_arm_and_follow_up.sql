-- One row per comparison, arm, instrument and follow-up. Rates are made from the
-- counts that are shown, after suppression and rounding.
select
    comparison_id,
    arm,
    instrument,
    follow_up_month,
    people_count,
    observed_count,
    response_eligible_count,
    response_count,
    remission_count

from aggregates.agg_outcomes_by_arm_and_follow_up
