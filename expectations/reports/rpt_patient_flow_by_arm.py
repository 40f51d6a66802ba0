"""Guard on reports.rpt_patient_flow_by_arm."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_patient_flow_by_arm`; parameters as in `suite_from`."""
    return suite_from("rpt_patient_flow_by_arm", **parameters)
