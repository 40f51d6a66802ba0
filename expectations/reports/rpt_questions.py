"""Guard on reports.rpt_questions."""

from great_expectations import ExpectationSuite

from expectations.building import in_set, no_rows, not_null
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
        no_rows(
            "an_answer_repeats_only_what_is_shown",
            "select question_id from {batch} as report where status = 'answered' "
            "and not exists (select 1 from reports.rpt_effects_by_comparison as shown "
            "where shown.comparison_id = report.comparison_id and shown.is_primary "
            "and shown.estimate is not null)",
            category="conformance",
            why="A hidden or withheld figure must not be told in a sentence.",
        ),
        tells_no_count("answer", parameters["minimum"], "status = 'withheld'"),
        **parameters,
    )
