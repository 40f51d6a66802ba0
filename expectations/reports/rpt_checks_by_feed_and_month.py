"""Guard on reports.rpt_checks_by_feed_and_month."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_checks_by_feed_and_month`."""
    return suite_from(
        "rpt_checks_by_feed_and_month",
        no_rows(
            "month_is_a_first_day",
            "select check_id from {batch} as report where day(month) <> 1",
            category="conformance",
            why="Two days of one month would be two columns of the heat map.",
        ),
        **parameters,
    )
