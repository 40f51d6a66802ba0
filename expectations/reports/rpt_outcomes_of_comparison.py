"""Guard on reports.rpt_outcomes_of_comparison."""

from great_expectations import ExpectationSuite

from expectations.building import in_set
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_outcomes_of_comparison`."""
    return suite_from(
        "rpt_outcomes_of_comparison",
        in_set(
            "role",
            ["benefit", "harm", "negative_control"],
            check_id="role_is_a_known_code",
            category="conformance",
            why="A page would show a harm among the benefits.",
        ),
        **parameters,
    )
