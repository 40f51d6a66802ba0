"""Checks that every report shares: nobody can be picked out of it."""

from great_expectations import ExpectationSuite
from great_expectations.expectations.expectation import Expectation

from expectations.building import between, no_rows, suite_of

PERSONAL = ("patient_id", "episode_id", "session_id", "assessment_id", "cluster_id")
"""Columns that belong to one person and never leave the marts."""


def suite_from(
    name: str,
    *own: Expectation,
    key: tuple[str, ...],
    counts: tuple[tuple[str, str | None], ...],
    rates: tuple[str, ...],
    minimum: int,
) -> ExpectationSuite:
    """Return the suite of one report.

    Args:
        name: The report's table.
        *own: Checks that only this report has.
        key: Columns that identify a row.
        counts: Counts of people, each with the count it is part of, or None.
        rates: Columns with a share, 0 to 1.
        minimum: Smallest count of people that may be shown; 1 hides nothing.
    """
    return suite_of(
        f"reports.{name}",
        [
            no_rows(
                "a_row_is_given_once",
                f"select {', '.join(key)} from {{batch}} as report "
                f"group by {', '.join(key)} having count(*) > 1",
                category="conformance",
                why="Two rows of one key: a page would show either.",
            ),
            no_rows(
                "no_column_names_a_person",
                "select column_name from information_schema.columns "
                f"where table_schema = 'reports' and table_name = '{name}' and "
                f"column_name in ({', '.join(repr(column) for column in PERSONAL)})",
                category="conformance",
                why="A pseudonym in a report points at one person.",
            ),
            *(_large_enough(count, minimum) for count, _ in counts),
            *(
                _rest_large_enough(count, total, minimum)
                for count, total in counts
                if total
            ),
            *(
                between(
                    rate,
                    0,
                    1,
                    check_id=f"{rate}_is_a_share",
                    category="plausibility",
                    why="A share lies between 0 and 1.",
                )
                for rate in rates
            ),
            *own,
        ],
    )


def _large_enough(count: str, minimum: int) -> Expectation:
    return no_rows(
        f"{count}_is_zero_or_large_enough",
        f"select 1 as small from {{batch}} as report where {count} < 0 "
        f"or ({count} > 0 and {count} < {minimum})",
        category="conformance",
        why=f"A count from 1 to {minimum - 1} can point at a person."
        if minimum > 1
        else "A count of people cannot be negative.",
    )


def tells_no_count(column: str, minimum: int, only: str = "true") -> Expectation:
    """Expect a sentence without figures, where counts of people may be hidden.

    Args:
        column: The sentence.
        minimum: Smallest count of people that may be shown; 1 hides nothing.
        only: SQL condition for the rows that are looked at.
    """
    hides = "true" if minimum > 1 else "false"
    return no_rows(
        f"{column}_tells_no_hidden_count",
        f"select 1 as told from {{batch}} as report where {hides} and {only} "
        f"and regexp_matches({column}, '[0-9]')",
        category="conformance",
        why="A count in a sentence is a count all the same.",
    )


def _rest_large_enough(count: str, total: str, minimum: int) -> Expectation:
    return no_rows(
        f"{count}_leaves_zero_or_enough_of_{total}",
        f"select 1 as small from {{batch}} as report where {count} > {total} "
        f"or ({total} > {count} and {total} - {count} < {minimum})",
        category="conformance",
        why="What is left of the total is a count of people as well.",
    )
