"""Guard on reports.rpt_outcomes_by_arm_and_follow_up."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_outcomes_by_arm_and_follow_up`; parameters as in `suite_from`."""
    return suite_from("rpt_outcomes_by_arm_and_follow_up", **parameters)
