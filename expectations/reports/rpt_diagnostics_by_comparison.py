"""Guard on reports.rpt_diagnostics_by_comparison."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from, tells_no_count


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_diagnostics_by_comparison`."""
    return suite_from(
        "rpt_diagnostics_by_comparison",
        no_rows(
            "a_hidden_row_shows_no_number",
            "select diagnostic_id from {batch} as report where is_suppressed and "
            "(value is not null or people_count is not null or is_passed is not null)",
            category="conformance",
            why="A number about too few people can point at one.",
        ),
        tells_no_count("note", parameters["minimum"]),
        **parameters,
    )
