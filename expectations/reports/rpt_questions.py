"""Guard on reports.rpt_questions."""

from great_expectations import ExpectationSuite

from expectations.building import in_set, not_null
from expectations.reports._report import suite_from, tells_no_count


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_questions`."""
    return suite_from(
        "rpt_questions",
        in_set(
            "status",
            ["answered", "withheld", "not_measured", "not_answerable"],
            check_id="status_is_a_known_code",
            category="conformance",
            why="A page would not know how to show it.",
        ),
        not_null(
            "answer",
            check_id="every_question_has_an_answer_or_a_reason",
            category="completeness",
            why="A question without either looks as if it were never asked.",
        ),
        tells_no_count("answer", parameters["minimum"], "status = 'withheld'"),
        **parameters,
    )
