"""Guard on reports.rpt_measures_by_source."""

from great_expectations import ExpectationSuite

from expectations.building import in_set, no_rows
from expectations.reports._report import suite_from, tells_no_count

STATUSES = ["measured", "not_measured"]


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_measures_by_source`."""
    return suite_from(
        "rpt_measures_by_source",
        *(
            in_set(
                column,
                STATUSES,
                check_id=f"{column}_is_a_known_code",
                category="conformance",
                why="A page would not know how to show it.",
            )
            for column in ("status", "by_month_status")
        ),
        no_rows(
            "what_is_not_measured_says_why",
            "select measure_id from {batch} as report where reason is null "
            "and 'not_measured' in (status, by_month_status)",
            category="completeness",
            why="Not measured without a reason looks like an error of ours.",
        ),
        tells_no_count("reason", parameters["minimum"]),
        **parameters,
    )
