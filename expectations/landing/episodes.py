"""Guard on the episodes feed of a delivery: one row per course of care."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import at_least_one_row, suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `landing.episodes` for the contract's feed."""
    return suite_from(feed, at_least_one_row(feed))
