"""Guard on the diagnoses feed of a delivery: one row per recorded diagnosis."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `landing.diagnoses` for the contract's feed."""
    return suite_from(feed)
