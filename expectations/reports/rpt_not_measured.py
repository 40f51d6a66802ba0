"""Guard on reports.rpt_not_measured."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_not_measured`; parameters as in `suite_from`."""
    return suite_from("rpt_not_measured", **parameters)
