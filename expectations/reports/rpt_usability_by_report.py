"""Guard on reports.rpt_usability_by_report."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from
from expectations.reports._usability import judged


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_usability_by_report`."""
    return suite_from("rpt_usability_by_report", *judged(), **parameters)
