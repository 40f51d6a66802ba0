"""Guard on the row of raw.loads that one load wrote: where it stands in the order."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows, suite_of


def suite() -> ExpectationSuite:
    """Return the suite `raw.loads`, to run on the row of one load."""
    counting = (
        "loads.source = batch.source and loads.accepted_at is not null "
        "and loads.load_id <> batch.load_id"
    )
    return suite_of(
        "raw.loads",
        [
            no_rows(
                "delivery_is_newer_than_those_loaded",
                "select batch.load_id from {batch} as batch where exists ("
                f"select 1 from loads where {counting} and loads.withdrawn_at is null "
                "and loads.extracted_at > batch.extracted_at) and not exists ("
                # read again by a mended adapter, or brought back: not late
                f"select 1 from loads where {counting} "
                "and loads.files_id = batch.files_id "
                "and loads.extracted_at = batch.extracted_at)",
                category="plausibility",
                why="It came late: its rows replace none of the newer ones, so figures "
                "of the past may move and those of today may not.",
                severity="warning",
            ),
        ],
    )
