"""Guard on reports.rpt_measures_by_month."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._measures import measures_suite


def suite(**parameters) -> ExpectationSuite:
    """Return the suite; parameters as in `suite_from`."""
    return measures_suite(
        "rpt_measures_by_month",
        no_rows(
            "a_month_is_its_first_day",
            "select measure_id from {batch} as report "
            "where extract(day from period_month) <> 1",
            category="conformance",
            why="A single day can point at a person.",
        ),
        **parameters,
    )
