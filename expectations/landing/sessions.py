"""Guard on the sessions feed of a delivery: one row per planned contact."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import at_least_one_row, suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `landing.sessions` for the contract's feed."""
    return suite_from(feed, at_least_one_row(feed))
