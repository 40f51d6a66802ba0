"""Guard on the medications feed of a delivery: one row per dispensing, prescription or report."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `landing.medications` for the contract's feed."""
    return suite_from(feed)
