"""Checks that both reports of usability share."""

from great_expectations.expectations.expectation import Expectation

from expectations.building import in_set, not_null

STATUSES = ("green", "amber", "red", "not_measured")


def judged() -> list[Expectation]:
    """Expect a status that pages know, and a reason for it."""
    return [
        in_set(
            "status",
            list(STATUSES),
            check_id="status_is_a_known_code",
            category="conformance",
            why="A page would not know how to show it.",
        ),
        not_null(
            "status",
            check_id="every_output_has_a_status",
            category="completeness",
            why="An output without one looks as if it could be trusted.",
        ),
        not_null(
            "reasons",
            check_id="every_status_has_a_reason",
            category="completeness",
            why="A colour without words tells nobody what to do.",
        ),
    ]
