"""Guard on the clinicians feed of a delivery: one row per clinician."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `landing.clinicians` for the contract's feed."""
    return suite_from(feed)
