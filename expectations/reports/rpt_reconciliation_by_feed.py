"""Guard on reports.rpt_reconciliation_by_feed."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_reconciliation_by_feed`."""
    return suite_from(
        "rpt_reconciliation_by_feed",
        no_rows(
            "rows_in_are_loaded_quarantined_or_duplicates",
            "select feed from {batch} as report where yielded_count <> "
            "loaded_count + quarantined_count + duplicate_count",
            category="completeness",
            why="A row that is in none of the three was dropped in silence.",
        ),
        **parameters,
    )
