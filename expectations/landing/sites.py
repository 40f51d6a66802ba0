"""Guard on the sites feed of a delivery: one row per site."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `landing.sites` for the contract's feed."""
    return suite_from(feed)
