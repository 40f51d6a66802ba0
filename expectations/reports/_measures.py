"""Checks that the reports of service measures share."""

from great_expectations import ExpectationSuite
from great_expectations.expectations.expectation import Expectation

from expectations.building import in_set, no_rows, not_null
from expectations.reports._report import suite_from

READABLE = "('shown', 'amber')"
"""Status of a rate that may be read."""


def measures_suite(name: str, *own: Expectation, **parameters) -> ExpectationSuite:
    """Return the suite of one report of measures; arguments as in `suite_from`."""
    group = parameters["key"][-1]
    return suite_from(
        name,
        not_null(
            group,
            check_id="every_row_names_its_group",
            category="completeness",
            why="A figure of nobody in particular would be taken for the total.",
        ),
        in_set(
            "rate_status",
            ["shown", "amber", "too_few", "too_incomplete"],
            check_id="rate_status_is_a_known_code",
            category="conformance",
            why="A page would not know whether the rate may be read.",
        ),
        no_rows(
            "a_rate_that_must_not_be_read_is_not_there",
            "select measure_id from {batch} as report where rate_status not in "
            f"{READABLE} and (rate is not null or numerator_count is not null)",
            category="conformance",
            why="Too few units, or too few of them with scores: the rate misleads.",
        ),
        no_rows(
            "a_median_has_its_denominator",
            "select measure_id from {batch} as report where median_value is not null "
            "and (denominator_count is null or people_count is null)",
            category="conformance",
            why="A median of people whose number is hidden can be one person's.",
        ),
        no_rows(
            "no_more_people_than_units",
            "select measure_id from {batch} as report "
            "where people_count > denominator_count",
            category="plausibility",
            why="A person without a unit cannot be in a denominator.",
        ),
        no_rows(
            "scorable_count_tells_no_hidden_exclusion",
            "select measure_id from {batch} as report where "
            "abs(scorable_count - denominator_count) "
            f"between 1 and {parameters['minimum'] - 1}",
            category="conformance",
            why="Who is scorable and not in the denominator is excluded: a count "
            "of people as well.",
        ),
        measure_is_in_the_registry(),
        *own,
        **parameters,
    )


def measure_is_in_the_registry() -> Expectation:
    """Expect that every measure of a report has its definition beside it."""
    return no_rows(
        "measure_is_in_the_registry",
        "select report.measure_id from {batch} as report "
        "left join reports.rpt_measures as registry "
        "on report.measure_id = registry.measure_id "
        "where registry.measure_id is null",
        category="conformance",
        why="A figure without a definition cannot be read.",
    )
