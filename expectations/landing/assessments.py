"""Guard on the assessments feed of a delivery: one row per completed questionnaire."""

from great_expectations import ExpectationSuite

from expectations.landing._contract import suite_from


def suite(feed, is_whole: bool = True, **limits) -> ExpectationSuite:
    """Return the suite `landing.assessments`; parameters as in `suite_from`."""
    return suite_from(feed, is_whole, never_empty=True, **limits)
