"""Guard on the sites feed of a delivery: one row per site."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed, is_whole: bool = True, **limits) -> ExpectationSuite:
    """Return the suite `landing.sites`; parameters as in `suite_from`."""
    return suite_from(feed, is_whole, **limits)
