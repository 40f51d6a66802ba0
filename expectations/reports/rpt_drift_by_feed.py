"""Guard on reports.rpt_drift_by_feed."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_drift_by_feed`."""
    return suite_from(
        "rpt_drift_by_feed",
        no_rows(
            "both_figures_are_shown_or_neither",
            "select feed from {batch} as report where (value is null) "
            "<> (earlier_value is null) or (value is null) <> (limit_value is null)",
            category="conformance",
            why="One of two figures tells the other beside the limit.",
        ),
        no_rows(
            "counts_are_told_in_tens",
            "select feed from {batch} as report where measure in "
            "('rows', 'rows_by_site_and_month', 'code_count') "
            "and value % 10 + earlier_value % 10 + limit_value % 10 <> 0",
            category="conformance",
            why="An exact count can be taken from another that is shown elsewhere.",
        ),
        **parameters,
    )
