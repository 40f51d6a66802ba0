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
        no_rows(
            "what_counts_of_a_source_was_sent_by_then",
            "select source from {batch} as report where last_sent_on is null "
            "or is_in_force is distinct from (newest_delivery_on is not null) "
            "or newest_delivery_on > last_sent_on",
            category="conformance",
            why="A source would look heard from that was not, or the other way round.",
        ),
        **parameters,
    )
