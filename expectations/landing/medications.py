"""Guard on the medications feed of a delivery: one row per dispensing, prescription or report."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed, is_whole: bool = True, **limits) -> ExpectationSuite:
    """Return the suite `landing.medications`; parameters as in `suite_from`."""
    return suite_from(feed, is_whole, **limits)
