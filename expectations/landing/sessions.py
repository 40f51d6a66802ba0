"""Guard on the sessions feed of a delivery: one row per planned contact."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed, is_whole: bool = True, **limits) -> ExpectationSuite:
    """Return the suite `landing.sessions`; parameters as in `suite_from`."""
    return suite_from(feed, is_whole, never_empty=True, **limits)
