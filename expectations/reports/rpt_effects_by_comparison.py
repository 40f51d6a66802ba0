"""Guard on reports.rpt_effects_by_comparison."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from, tells_no_count


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_effects_by_comparison`."""
    return suite_from(
        "rpt_effects_by_comparison",
        no_rows(
            "a_withheld_effect_shows_no_number",
            "select comparison_id from {batch} as report where is_withheld and "
            "(estimate is not null or estimate_low is not null "
            "or estimate_high is not null or p_value is not null)",
            category="conformance",
            why="An effect that failed its gate must not be read.",
        ),
        no_rows(
            "a_withheld_effect_says_why",
            "select comparison_id from {batch} as report "
            "where is_withheld and coalesce(withheld_reason, '') = ''",
            category="completeness",
            why="A reader must know what the data could not support.",
        ),
        tells_no_count("withheld_reason", parameters["minimum"]),
        **parameters,
    )
