"""Guard on reports.rpt_data_quality_by_stage."""

from great_expectations import ExpectationSuite

from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_data_quality_by_stage`; parameters as in `suite_from`."""
    return suite_from("rpt_data_quality_by_stage", **parameters)
