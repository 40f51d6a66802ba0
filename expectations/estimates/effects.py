"""Guard on estimates.effects: one row per comparison, outcome, estimator and scale."""

from great_expectations import ExpectationSuite

from expectations.building import columns_are, in_set, no_rows, suite_of

COLUMNS = [
    "comparison_id",
    "outcome_id",
    "population_id",
    "estimator_id",
    "specification_id",
    "scale",
    "exposed_count",
    "comparator_count",
    "exposed_observed_count",
    "comparator_observed_count",
    "exposed_effective_size",
    "comparator_effective_size",
    "cluster_count",
    "exposed_level",
    "comparator_level",
    "estimate",
    "std_error",
    "variance_method",
    "estimate_low",
    "estimate_high",
    "p_value",
    "p_value_holm",
    "is_randomised",
    "is_primary",
    "is_withheld",
    "withheld_reason",
    "protocol_version",
    "protocol_hash",
]
"""What a release offers to its readers, in their order."""

SCALES = [
    "risk_difference",
    "risk_ratio",
    "odds_ratio",
    "mean_difference",
    "hedges_g",
    "hazard_ratio",
    "rmst_difference_days",
    "time_lost_difference_days",
    "interaction_mean_difference",
    "interaction_risk_difference",
    "interaction_risk_ratio",
]
"""Scales that the contract knows."""

NUMBERS = (
    "exposed_level",
    "comparator_level",
    "estimate",
    "std_error",
    "estimate_low",
    "estimate_high",
    "p_value",
    "p_value_holm",
)
"""What a withheld row must not carry."""

ROUNDING = 2e-6
"""Stored numbers have six decimals, so a sum of two may be off by this much."""


def suite(**parameters) -> ExpectationSuite:
    """Return the guard; it takes no parameters."""
    any_number = " or ".join(f"{name} is not null" for name in NUMBERS)
    not_finite = " or ".join(f"not isfinite({name})" for name in NUMBERS)
    return suite_of(
        "estimates.effects",
        [
            columns_are(
                COLUMNS,
                check_id="columns_as_published",
                category="conformance",
                why="Readers query these columns by name.",
            ),
            in_set(
                "scale",
                SCALES,
                check_id="scale_known",
                category="conformance",
                why="A page draws each scale on its own axis.",
            ),
            no_rows(
                "key_unique",
                "select comparison_id, outcome_id, population_id, estimator_id, "
                "specification_id, scale from {batch} "
                "group by all having count(*) > 1",
                category="conformance",
                why="Two answers to one question contradict each other on the page.",
            ),
            no_rows(
                "numbers_finite",
                f"select * from {{batch}} where {not_finite}",
                category="conformance",
                why="A number that is not one comes from a fit that failed.",
            ),
            no_rows(
                "withheld_rows_have_no_numbers",
                f"select * from {{batch}} where is_withheld and ({any_number})",
                category="conformance",
                why="A number that failed its gate would be read as a result.",
            ),
            no_rows(
                "withheld_rows_have_a_reason",
                "select * from {batch} where is_withheld "
                "and coalesce(trim(withheld_reason), '') = ''",
                category="completeness",
                why="A reader must see why there is no number.",
            ),
            no_rows(
                "shown_rows_have_their_numbers_and_no_reason",
                "select * from {batch} where not is_withheld and ("
                "exposed_level is null or comparator_level is null "
                "or estimate is null or estimate_low is null "
                "or estimate_high is null or p_value is null "
                "or variance_method is null or withheld_reason is not null)",
                category="completeness",
                why="An estimate without its interval cannot be judged.",
            ),
            no_rows(
                "shown_rows_passed_their_gate",
                "select effects.* from {batch} as effects "
                "inner join estimates.diagnostics as diagnostics "
                "on effects.comparison_id = diagnostics.comparison_id "
                "and effects.outcome_id = diagnostics.outcome_id "
                "and effects.population_id = diagnostics.population_id "
                "and effects.estimator_id = diagnostics.estimator_id "
                "where not effects.is_withheld and not diagnostics.is_passed "
                "and diagnostics.diagnostic_id in ("
                "'people_with_the_outcome', 'people_with_the_event', "
                "'outcome_observed_share', "
                "'outcome_observed_share_difference') and not exists ("
                "select 1 from estimates.diagnostics as named "
                "where named.comparison_id = effects.comparison_id "
                "and named.outcome_id = effects.outcome_id "
                "and named.population_id = effects.population_id "
                "and named.diagnostic_id = 'gate_overridden')",
                category="plausibility",
                why="Too few people, or too many unknown outcomes, mislead.",
            ),
            no_rows(
                "shown_rows_passed_the_gate_of_their_design",
                "select effects.* from {batch} as effects "
                "inner join estimates.diagnostics as diagnostics "
                "using (comparison_id, outcome_id, population_id) "
                "where not effects.is_withheld and not diagnostics.is_passed "
                "and diagnostics.diagnostic_id in ("
                "'largest_imbalance_weighted', 'prognostic_imbalance_weighted', "
                "'equipoise', 'effective_size', 'largest_weight_share', "
                "'mean_weight') and not exists ("
                "select 1 from estimates.diagnostics as named "
                "where named.comparison_id = effects.comparison_id "
                "and named.outcome_id = effects.outcome_id "
                "and named.population_id = effects.population_id "
                "and named.diagnostic_id = 'gate_overridden')",
                category="plausibility",
                why="Arms that differ, or a few people who count for many, mislead.",
            ),
            no_rows(
                "estimate_inside_its_interval",
                "select * from {batch} where not is_withheld "
                "and not (estimate_low <= estimate and estimate <= estimate_high)",
                category="plausibility",
                why="The limits belong to another estimate, or are swapped.",
            ),
            no_rows(
                "estimate_is_the_difference_of_the_levels",
                "select * from {batch} where not is_withheld "
                "and scale in ('mean_difference', 'risk_difference', "
                "'time_lost_difference_days') "
                "and abs(exposed_level - comparator_level - estimate) "
                f"> {ROUNDING}",
                category="plausibility",
                why="The arms are swapped, or the levels are of other people.",
            ),
            no_rows(
                "risks_within_zero_and_one",
                "select * from {batch} where scale = 'risk_difference' and ("
                "estimate_low < -1 or estimate_high > 1 "
                "or estimate < -1 or estimate > 1 "
                "or exposed_level not between 0 and 1 "
                "or comparator_level not between 0 and 1)",
                category="plausibility",
                why="A share of people cannot leave 0 to 1.",
            ),
            no_rows(
                "std_error_positive",
                "select * from {batch} where std_error <= 0",
                category="plausibility",
                why="No error at all means that nothing was estimated.",
            ),
            no_rows(
                "p_values_within_zero_and_one",
                "select * from {batch} where p_value not between 0 and 1 "
                "or p_value_holm not between 0 and 1",
                category="plausibility",
                why="A p value is a probability.",
            ),
            no_rows(
                "holm_only_for_primary_and_never_smaller",
                "select * from {batch} where p_value_holm is not null "
                "and (not is_primary or p_value_holm < p_value)",
                category="plausibility",
                why="The correction is for the family of primary outcomes.",
            ),
            no_rows(
                "one_primary_per_comparison",
                "select comparison_id from {batch} group by comparison_id "
                "having count(*) filter (where is_primary) <> 1",
                category="conformance",
                why="The headline must be the answer that the protocol chose.",
            ),
            no_rows(
                "observed_at_most_count",
                "select * from {batch} where exposed_observed_count < 0 "
                "or comparator_observed_count < 0 "
                "or exposed_observed_count > exposed_count "
                "or comparator_observed_count > comparator_count",
                category="plausibility",
                why="A join has repeated people.",
            ),
            no_rows(
                "one_protocol_per_comparison",
                "select comparison_id from {batch} group by comparison_id "
                "having count(distinct (protocol_version, protocol_hash)) <> 1 "
                "or bool_or(length(protocol_hash) <> 64)",
                category="conformance",
                why="Every number must lead back to one written protocol.",
            ),
        ],
    )
