"""Guard on reports.rpt_measures."""

from great_expectations import ExpectationSuite

from expectations.building import in_set, no_rows
from expectations.reports._report import suite_from


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_measures`; parameters as in `suite_from`."""
    return suite_from(
        "rpt_measures",
        in_set(
            "status",
            ["measured", "not_measured"],
            check_id="status_is_a_known_code",
            category="conformance",
            why="A page would not know how to show it.",
        ),
        no_rows(
            "every_measure_says_where_it_comes_from",
            "select measure_id from {batch} as report where definition is null "
            "or source is null or licence_note is null or known_bias is null",
            category="completeness",
            why="A reader must know whose rule it is and what it gets wrong.",
        ),
        **parameters,
    )
