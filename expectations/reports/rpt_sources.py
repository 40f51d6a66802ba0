"""Guard on reports.rpt_sources."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_sources`; parameters as in `suite_from`."""
    return suite_from("rpt_sources", **parameters)
