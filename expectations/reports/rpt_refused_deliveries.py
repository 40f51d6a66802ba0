"""Guard on reports.rpt_refused_deliveries."""

from great_expectations import ExpectationSuite

from expectations.building import not_null
from expectations.reports._report import suite_from, tells_no_count


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_refused_deliveries`."""
    return suite_from(
        "rpt_refused_deliveries",
        not_null(
            "reason",
            check_id="every_refusal_has_a_reason",
            category="completeness",
            why="Without one nobody can act on it.",
        ),
        tells_no_count("reason", parameters["minimum"]),
        **parameters,
    )
