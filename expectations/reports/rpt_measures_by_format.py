"""Guard on reports.rpt_measures_by_format."""

from great_expectations import ExpectationSuite

from expectations.reports._measures import measures_suite


def suite(**parameters) -> ExpectationSuite:
    """Return the suite; parameters as in `suite_from`."""
    return measures_suite("rpt_measures_by_format", **parameters)
