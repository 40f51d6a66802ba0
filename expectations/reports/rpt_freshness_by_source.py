"""Guard on reports.rpt_freshness_by_source."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_freshness_by_source`."""
    return suite_from(
        "rpt_freshness_by_source",
        no_rows(
            "a_late_source_has_a_day_on_which_it_was_due",
            "select source from {batch} as report where is_late is null "
            "or (is_late and next_due_on is null)",
            category="conformance",
            why="Nobody can ask for a delivery that was never due.",
        ),
        **parameters,
    )
