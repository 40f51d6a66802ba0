"""Rows of questionnaires on both sides of each check of their answers."""

from records.judging import Case, answers

NINE = answers(1, 1, 1, 1, 1, 1, 1, 1, 1)


def forms(check_id: str, doubted: tuple[str, ...], *rows: dict) -> Case:
    return Case("assessments", check_id, doubted, {"assessments": list(rows)})


def form(name: str, total: int | None = None, *given: int | None, **more) -> dict:
    row = {"assessment_id": name, "total_points": total, **answers(*given), **more}
    return {"instrument": "phq9", **row}


def ones(count: int, *last: int | None) -> tuple[int | None, ...]:
    return (*((1,) * (count - len(last))), *last)


CASES = (
    forms(
        "no_code_for_missing_stands_as_an_answer",
        ("b", "c"),
        form("a", 11, *ones(9, 3)),
        form("b", None, *ones(9, 99)),
        form("c", None, *ones(9, -1)),
        form("d", None, *ones(9, 4)),  # out of range, and no such code
    ),
    forms(
        "answers_are_no_more_than_the_items",
        ("b", "d"),
        form("a", 9, *ones(10)),  # the question on impairment
        form("b", 9, *ones(11)),
        form("c", 7, *ones(7), instrument="gad7"),
        form("d", 7, *ones(8), instrument="gad7"),
    ),
    forms(
        "answers_are_in_their_items_range",
        ("b", "d", "f"),
        form("a", None, *ones(9, 3)),
        form("b", None, *ones(9, 4)),
        form("c", None, *ones(17, 2), instrument="ham_d17"),
        form("d", None, *ones(17, 3), instrument="ham_d17"),
        form("e", None, *ones(5, 7), instrument="swls"),
        form("f", None, *ones(5, 0), instrument="swls"),
    ),
    forms(
        "total_agrees_with_its_answers",
        ("b", "d", "e", "g", "i"),
        form("a", 9, *ones(9)),
        form("b", 10, *ones(9)),
        form("c", 11, *ones(9, None)),  # the missing one may be 3
        form("d", 12, *ones(9, None)),
        form("e", 7, *ones(9, None)),
        form("f", 1, 3, 3, 1, instrument="fibser"),
        form("g", 3, 3, 3, 1, instrument="fibser"),
        form("h", 0, *ones(14), instrument="qles_q_sf"),
        form("i", 1, *ones(14), instrument="qles_q_sf"),
    ),
    forms(
        "total_agrees_with_its_answers",
        ("b",),
        form("a", 9, *ones(16), instrument="qids_sr16"),
        form("b", 10, *ones(16), instrument="qids_sr16"),
        form("c", 40, *ones(10), instrument="pss10"),  # scored in reverse: no rule
    ),
    forms(
        "total_is_not_made_of_too_few_answers",
        ("b", "c"),
        form("a", 7, *ones(7)),  # two of nine may be missing
        form("b", 6, *ones(6)),
        form("c", 9, *ones(6)),  # prorated from six
        form("d", 8, *ones(6)),  # may be the total of all nine
    ),
    forms(
        "item_9_is_answered",
        ("b",),
        form("a", None, *ones(9)),
        form("b", None, *ones(8)),
        form("c", 9),  # no answer was sent at all
        form("d", None, *ones(7), instrument="gad7"),
    ),
)
