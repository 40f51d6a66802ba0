"""Guard on estimates.diagnostics: one row per check or number behind an estimate."""

from great_expectations import ExpectationSuite

from expectations.building import columns_are, no_rows, suite_of

COLUMNS = [
    "comparison_id",
    "outcome_id",
    "population_id",
    "estimator_id",
    "diagnostic_id",
    "arm",
    "value",
    "limit_low",
    "limit_high",
    "is_passed",
    "note",
]
"""What a release offers to its readers, in their order."""

ROUNDING = 1e-6
"""Stored numbers have six decimals: a share this close to its limit is not judged."""


def suite(**parameters) -> ExpectationSuite:
    """Return the guard; it takes no parameters."""
    return suite_of(
        "estimates.diagnostics",
        [
            columns_are(
                COLUMNS,
                check_id="columns_as_published",
                category="conformance",
                why="Readers query these columns by name.",
            ),
            no_rows(
                "key_unique",
                "select comparison_id, outcome_id, population_id, estimator_id, "
                "diagnostic_id, arm from {batch} group by all having count(*) > 1",
                category="conformance",
                why="Two verdicts on one rule contradict each other.",
            ),
            no_rows(
                "numbers_finite",
                "select * from {batch} where not isfinite(value) "
                "or not isfinite(limit_low) or not isfinite(limit_high)",
                category="conformance",
                why="A number that is not one comes from a fit that failed.",
            ),
            no_rows(
                "verdict_agrees_with_its_limits",
                "select * from {batch} where is_passed is not null "
                "and value is not null "
                "and (value = round(value) "
                f"or (coalesce(abs(value - limit_low), 1) > {ROUNDING} "
                f"and coalesce(abs(value - limit_high), 1) > {ROUNDING})) "
                "and is_passed <> (value >= coalesce(limit_low, value) "
                "and value <= coalesce(limit_high, value))",
                category="plausibility",
                why="The gate decided by something else than what is shown.",
            ),
            no_rows(
                "nothing_unknown_passes",
                "select * from {batch} where is_passed and value is null",
                category="plausibility",
                why="A rule without a value was not applied.",
            ),
            no_rows(
                "note_present",
                "select * from {batch} where coalesce(trim(note), '') = ''",
                category="completeness",
                why="A reader must be told what the number is.",
            ),
            no_rows(
                "one_count_of_eligible_people_per_comparison",
                "select comparison_id from {batch} group by comparison_id "
                "having count(*) filter ("
                "where diagnostic_id = 'has_eligible_people') <> 1",
                category="completeness",
                why="A comparison without rows must say so itself.",
            ),
        ],
    )
