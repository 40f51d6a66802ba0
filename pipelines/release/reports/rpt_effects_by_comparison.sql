-- One row per comparison, outcome, estimator and scale. A withheld effect keeps
-- its row and its reason, and has no numbers.
select
    comparison_id,
    outcome_id,
    population_id,
    estimator_id,
    specification_id,
    scale,
    exposed_count,
    comparator_count,
    exposed_observed_count,
    comparator_observed_count,
    case
        when scale = 'risk_difference'
            then round(exposed_level * exposed_observed_count)::bigint
    end as exposed_event_count,
    case
        when scale = 'risk_difference'
            then round(comparator_level * comparator_observed_count)::bigint
    end as comparator_event_count,
    exposed_level,
    comparator_level,
    estimate,
    estimate_low,
    estimate_high,
    p_value,
    p_value_holm,
    is_randomised,
    is_primary,
    is_withheld,
    withheld_reason

from estimates.effects
