"""Guard on reports.rpt_comparisons."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_comparisons`; parameters as in `suite_from`."""
    return suite_from("rpt_comparisons", **parameters)
