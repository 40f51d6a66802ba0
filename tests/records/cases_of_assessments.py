"""Rows of questionnaires on both sides of each check of their day, links and series."""

from datetime import date

from records.judging import Case, answers, days

PERSON = [{"patient_id": "p1", "birth_year": 1980, "died_on": date(2024, 5, 1)}]
COURSE = [{"episode_id": "e1"}]
SESSION = [{"session_id": "s1", "held_on": date(2024, 3, 1)}]


def scores(check_id: str, doubted: tuple[str, ...], *rows: dict, **more) -> Case:
    return Case("assessments", check_id, doubted, {"assessments": list(rows), **more})


def score(name: str, on: date = date(2024, 3, 1), **more) -> dict:
    return {"assessment_id": name, "completed_on": on, **more}


def same(count: int, *given: int, **more) -> list[dict]:
    """So many forms with the same answers, a week apart."""
    return [
        {"completed_on": day, **answers(*given), **more} for day in days(count, step=7)
    ]


def one_day_of_the_month(course: str, on_it: int, off_it: int, months: int) -> list:
    """Scores on the first of so many months, and others on days that differ."""
    first = [date(2023, 1 + n % months, 1) for n in range(on_it)]
    others = [date(2023, 1 + n % months, 2 + n) for n in range(off_it)]
    return [{"episode_id": course, "completed_on": day} for day in (*first, *others)]


def item_9(course: str, zeros: int, above: int) -> list[dict]:
    given = (0,) * zeros + (1,) * above
    return [{"episode_id": course, "item_9": answer} for answer in given]


def series(name: str, *totals: int, items: int = 9, **more) -> list[dict]:
    """Three forms of one person; the one in the middle has every answer 3."""
    answered = [answers(*(1,) * items), answers(*(3,) * items), answers(*(2,) * items)]
    return [
        {"assessment_id": f"{name}{n}", "patient_id": name, "completed_on": day}
        | {"total_points": total}
        | given
        | more
        for n, (day, total, given) in enumerate(
            zip(days(3, step=7), totals, answered, strict=True)
        )
    ]


CASES = (
    scores(
        "completed_on_is_not_in_the_future",
        ("b",),
        score("a", date(2024, 7, 2)),
        score("b", date(2024, 7, 3)),
    ),
    scores(
        "completed_on_is_not_before_birth",
        ("b",),
        score("a", date(1980, 1, 1)),
        score("b", date(1979, 12, 31)),
        patients=PERSON,
    ),
    scores(
        "completed_on_is_not_before_observation",
        ("b",),
        score("a", date(2020, 1, 1)),
        score("b", date(2019, 12, 31)),
        score("c", date(1979, 12, 31)),  # before birth: told there
        patients=PERSON,
    ),
    scores(
        "completed_on_is_not_after_death",
        ("b",),
        score("a", date(2024, 5, 1)),
        score("b", date(2024, 5, 2)),
        patients=PERSON,
    ),
    scores(
        "session_of_the_score_was_sent",
        ("b",),
        score("a", session_id="s1"),
        score("b", session_id="s2"),
        sessions=SESSION,
    ),
    scores(
        "course_of_the_score_was_sent",
        ("b",),
        score("a", episode_id="e1"),
        score("b", episode_id="e2"),
        episodes=COURSE,
    ),
    scores(
        "session_of_the_score_is_its_patients",
        ("b",),
        score("a", session_id="s1"),
        score("b", session_id="s1", patient_id="p2"),
        sessions=SESSION,
    ),
    scores(
        "course_of_the_score_is_its_patients",
        ("b",),
        score("a", episode_id="e1"),
        score("b", episode_id="e1", patient_id="p2"),
        episodes=COURSE,
    ),
    scores(
        "first_score_is_not_dated_after_its_session",
        ("b", "c"),
        score("a", date(2024, 3, 1), episode_id="e1", session_id="s1"),
        score("b", date(2024, 3, 2), episode_id="e2", session_id="s1"),
        score("c", date(2024, 3, 8), episode_id="e3", session_id="s1"),
        score("d", date(2024, 3, 9), episode_id="e4", session_id="s1"),
        score("e", date(2024, 3, 2), episode_id="e5", session_id="s1"),
        score("f", date(2024, 2, 1), episode_id="e5", session_id="s1"),
        score("g", date(2024, 3, 2), episode_id="e6", session_id="missed"),
        sessions=[*SESSION, {"session_id": "missed", "attendance": "did_not_attend"}],
    ),
    scores(
        "one_score_of_an_instrument_a_day",
        ("p1 phq9 2024-03-01",),
        score("a", total_points=9),
        score("b", total_points=16),
        score("c", date(2024, 3, 2), total_points=9),
        score("d", date(2024, 3, 2), total_points=9),
        score("e", date(2024, 3, 3), total_points=9, session_id="s1"),
        score("f", date(2024, 3, 3), total_points=16, session_id="s2"),
        score("g", date(2024, 3, 4), instrument="phq9", total_points=9),
        score("h", date(2024, 3, 4), instrument="gad7", total_points=10),
    ),
    scores(
        "one_score_of_an_instrument_a_day",
        ("p1 phq9 2024-03-01",),
        score("a", total_points=9),
        score("b", total_points=16, is_judged=False),
        score("c", date(2024, 3, 2), total_points=9),
        score("d", date(2024, 3, 3), total_points=9, is_judged=False),
        score("e", date(2024, 3, 3), total_points=16, is_judged=False),
    ),
    scores(
        "score_is_sent_once",
        ("p1 phq9 2024-03-02",),
        score("a", total_points=9),
        score("b", total_points=16),
        score("c", date(2024, 3, 2), total_points=9),
        score("d", date(2024, 3, 2), total_points=9),
    ),
    scores(
        "answers_change_over_time",
        ("copied phq9",),
        *same(8, *(1,) * 9, patient_id="copied"),
        *same(7, *(1,) * 9, patient_id="once_more"),
        *same(1, *(2,) * 9, patient_id="once_more"),
        *same(8, *(0,) * 9, patient_id="well"),
        *same(8, *(3,) * 9, patient_id="very_ill"),
    ),
    scores(
        "answers_are_not_all_alike_and_out_of_line",
        ("far1",),
        *series("far", 9, 27, 15),
        *series("near", 9, 27, 16),
        *series("short", 7, 21, 7, items=7, instrument="gad7"),
    ),
    scores(
        "scores_fall_on_many_days_of_the_month",
        ("rounded",),
        *one_day_of_the_month("e_rounded", 16, 14, 3),
        *one_day_of_the_month("e_half", 15, 15, 3),
        *one_day_of_the_month("e_few", 16, 13, 3),
        *one_day_of_the_month("e_short", 16, 14, 2),
        episodes=[
            {"episode_id": f"e_{site}", "site_id": site}
            for site in ("rounded", "half", "few", "short")
        ],
    ),
    scores(
        "item_9_is_above_0_for_some",
        ("nobody",),
        *item_9("e_nobody", 100, 0),
        *item_9("e_one", 99, 1),
        *item_9("e_few", 99, 0),
        episodes=[
            {"episode_id": f"e_{site}", "site_id": site}
            for site in ("nobody", "one", "few")
        ],
    ),
)
