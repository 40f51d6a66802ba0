-- One row per comparison and outcome, as its protocol states it. A treatment is
-- whether people who keep to a strategy are in therapy then: on, mixed or off.
select
    comparison_id,
    outcome_id,
    measure,
    month,
    role,
    exposed_treatment,
    comparator_treatment

from stated_outcomes
