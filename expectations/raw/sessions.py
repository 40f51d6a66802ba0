"""Guard on the rows of raw.sessions that one load wrote."""

from great_expectations import ExpectationSuite

from expectations.raw._contract import suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `raw.sessions` for the contract's feed."""
    return suite_from(feed)
