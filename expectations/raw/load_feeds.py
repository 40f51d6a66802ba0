"""Guard on the reconciliation of one load: nothing appears, nothing vanishes."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows, suite_of


def suite() -> ExpectationSuite:
    """Return the suite `raw.load_feeds`, to run on the rows of one load."""
    return suite_of(
        "raw.load_feeds",
        [
            no_rows(
                "rows_in_are_loaded_quarantined_or_duplicates",
                "select feed from {batch} where yielded_count <> "
                "loaded_count + quarantined_count + duplicate_count",
                category="completeness",
                why="A row that is in none of the three was dropped in silence.",
            ),
        ],
    )
