"""Guard on the rows of raw.assessments that one load wrote."""

from great_expectations import ExpectationSuite

from expectations.raw._contract import suite_from


def suite(feed, load_id: str = "") -> ExpectationSuite:
    """Return the suite `raw.assessments`; parameters as in `suite_from`."""
    return suite_from(feed, load_id)
