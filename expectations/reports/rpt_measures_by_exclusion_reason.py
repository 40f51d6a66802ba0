"""Guard on reports.rpt_measures_by_exclusion_reason."""

from great_expectations import ExpectationSuite

from expectations.building import not_null
from expectations.reports._measures import measure_is_in_the_registry
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite; parameters as in `suite_from`."""
    return suite_from(
        "rpt_measures_by_exclusion_reason",
        not_null(
            "exclusion_reason",
            check_id="every_row_says_why",
            category="completeness",
            why="Units left out without a reason cannot be judged.",
        ),
        measure_is_in_the_registry(),
        **parameters,
    )
