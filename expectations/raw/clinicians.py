"""Guard on the rows of raw.clinicians that one load wrote."""

from great_expectations import ExpectationSuite

from expectations.raw._contract import suite_from


def suite(feed) -> ExpectationSuite:
    """Return the suite `raw.clinicians` for the contract's feed."""
    return suite_from(feed)
