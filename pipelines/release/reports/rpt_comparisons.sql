-- One row per comparison, as its protocol states it.
select
    comparison_id,
    question_ids,
    question,
    population,
    exposed_label,
    comparator_label,
    design,
    time_zero,
    caveats,
    protocol_version,
    protocol_hash,
    primary_outcome_id,
    primary_estimator_id

from stated_comparisons
