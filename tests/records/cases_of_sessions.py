"""Rows of sessions on both sides of each check."""

from datetime import date

from records.judging import Case, days

PERSON = [{"patient_id": "p1", "birth_year": 1980, "died_on": date(2024, 5, 1)}]
COURSE = [{"episode_id": "e1", "ended_on": date(2024, 4, 1)}]


def sessions(check_id: str, doubted: tuple[str, ...], *rows: dict, **more) -> Case:
    is_calendar = more.pop("is_calendar", True)
    return Case(
        "sessions",
        check_id,
        doubted,
        {"sessions": list(rows), **more},
        is_calendar=is_calendar,
    )


def held(name: str, on: date, **more) -> dict:
    return {"session_id": name, "held_on": on, **more}


def many(count: int, **more) -> list[dict]:
    return [{**more} for _ in range(count)]


def monthly(site: str, counts: tuple[int, ...]) -> list[dict]:
    """So many sessions of a site in each month of a year, from January 2023."""
    return [
        {"site_id": site, "held_on": date(2023, month, 5)}
        for month, count in enumerate(counts, start=1)
        for _ in range(count)
    ]


CASES = (
    sessions(
        "held_on_is_not_in_the_future",
        ("b", "c"),
        held("a", date(2024, 7, 2)),
        held("b", date(2024, 7, 3)),
        held("c", date(2090, 1, 1), attendance="did_not_attend"),
        held("d", date(2024, 7, 3), attendance="cancelled_by_patient"),
    ),
    sessions(
        "held_on_is_not_before_observation",
        ("b", "c", "e"),
        held("a", date(2020, 1, 1)),
        held("b", date(2019, 12, 31)),
        held("c", date(1970, 1, 1)),  # before birth, and the zero of a clock
        held("d", date(1979, 12, 31)),  # before birth: told there
        held("e", date(1979, 12, 31), patient_id="p2"),  # nothing is known of p2
        held("f", date(1980, 1, 1), patient_id="p2"),
        patients=PERSON,
    ),
    sessions(
        "held_on_is_not_before_birth",
        ("b",),
        held("a", date(1980, 1, 1)),
        held("b", date(1979, 12, 31)),
        held("c", date(2024, 3, 1), patient_id="p2"),
        patients=[*PERSON, {"patient_id": "p2", "birth_year": 2085}],
    ),
    sessions(
        "nobody_attends_after_death",
        ("b",),
        held("a", date(2024, 5, 1)),
        held("b", date(2024, 5, 2)),
        held("c", date(2024, 5, 2), attendance="did_not_attend"),
        patients=PERSON,
    ),
    # Days count between themselves also where they are no days of the calendar.
    sessions(
        "nobody_attends_after_death",
        ("b",),
        held("a", date(2024, 5, 1)),
        held("b", date(2024, 5, 2)),
        patients=PERSON,
        is_calendar=False,
    ),
    sessions(
        "session_lies_within_its_course",
        ("b", "d"),
        held("a", date(2023, 12, 25), episode_id="e1"),
        held("b", date(2023, 12, 24), episode_id="e1"),
        held("c", date(2024, 6, 30), episode_id="e1"),
        held("d", date(2024, 7, 1), episode_id="e1"),
        held("e", date(2024, 7, 1), episode_id="e1", session_type="follow_up"),
        held("f", date(2023, 12, 24), episode_id="e2"),  # whose referral is wrong
        episodes=[*COURSE, {"episode_id": "e2", "referred_on": date(2024, 3, 1)}],
    ),
    sessions(
        "course_of_the_session_is_its_patients",
        ("b",),
        held("a", date(2024, 3, 1), episode_id="e1"),
        held("b", date(2024, 3, 1), episode_id="e1", patient_id="p2"),
        episodes=COURSE,
    ),
    sessions(
        "course_of_the_session_was_sent",
        ("b",),
        {"session_id": "a", "episode_id": "e1"},
        {"session_id": "b", "episode_id": "e2"},
        episodes=COURSE,
    ),
    sessions(
        "clinician_of_the_session_was_sent",
        ("b",),
        {"session_id": "a"},
        {"session_id": "b", "clinician_id": "c2"},
        clinicians=[{}],
    ),
    sessions(
        "site_of_the_session_was_sent",
        ("b",),
        {"session_id": "a"},
        {"session_id": "b", "site_id": "s2"},
        sites=[{}],
    ),
    sessions(
        "session_is_booked_under_a_course",
        ("b",),
        {"session_id": "a", "episode_id": "e1"},
        {"session_id": "b"},
        episodes=COURSE,
    ),
    sessions(
        "clinician_is_given",
        ("b",),
        {"session_id": "a"},
        {"session_id": "b", "clinician_id": None},
        {"session_id": "c", "clinician_id": None, "attendance": "did_not_attend"},
    ),
    sessions(
        "participants_fit_the_format",
        ("b", "d"),
        {"session_id": "a", "format": "individual", "participants_count": 2},
        {"session_id": "b", "format": "individual", "participants_count": 3},
        {"session_id": "c", "format": "couple", "participants_count": 3},
        {"session_id": "d", "format": "couple", "participants_count": 4},
        {"session_id": "e", "format": "group", "participants_count": 12},
    ),
    sessions(
        "duration_is_that_of_a_session",
        ("b", "d"),
        {"session_id": "a", "duration_minutes": 10},
        {"session_id": "b", "duration_minutes": 9},
        {"session_id": "c", "duration_minutes": 240},
        {"session_id": "d", "duration_minutes": 241},
    ),
    sessions(
        "contact_is_sent_once",
        ("b",),
        {"session_id": "a", "format": "individual"},
        {"session_id": "b", "format": "individual"},
        {"session_id": "c", "format": "individual", "session_type": "assessment"},
        {"session_id": "d", "format": "individual", "patient_id": "p2"},
    ),
    sessions(
        "contact_is_sent_once",
        ("a",),
        {"session_id": "a"},
        {"session_id": "b", "is_judged": False},
        {"session_id": "c", "patient_id": "p2"},
    ),
    sessions(
        "clinicians_are_at_one_site_a_day",
        ("c1 2024-03-01",),
        {},
        {"site_id": "s2"},
        held("video", date(2024, 3, 2)),
        held("elsewhere", date(2024, 3, 2), site_id="s2", delivery_mode="video"),
        held("here", date(2024, 3, 3)),
        held("unknown", date(2024, 3, 3), site_id="s9"),
        sites=[{}, {"site_id": "s2"}],
    ),
    sessions(
        "clinicians_hold_no_more_than_a_day_allows",
        ("busy 2024-03-01",),
        *many(17, clinician_id="busy"),
        *many(16, clinician_id="full"),
        *many(17, clinician_id="of_a_group", format="group"),
        *many(17, clinician_id="waits_in_vain", attendance="did_not_attend"),
    ),
    sessions(
        "somebody_misses_a_session",
        ("all_come",),
        *many(100, site_id="all_come"),
        *many(99, site_id="too_few_to_say"),
        *many(99, site_id="one_missed"),
        {"site_id": "one_missed", "attendance": "cancelled_by_service"},
    ),
    sessions(
        "sites_are_not_silent_for_a_month",
        ("silent 2023-04-01",),
        *monthly("silent", (10, 10, 10, 0, 10, 10, 10)),
        *monthly("quiet", (10, 10, 9, 0, 10, 10, 10)),
        *monthly("whole", (10, 10, 10, 1, 10, 10, 10)),
        *monthly("closed", (10, 10, 10, 0, 0, 0, 0)),
    ),
    # An increment of a month says nothing of months.
    sessions(
        "clinicians_hold_no_more_than_a_day_allows",
        ("busy 2024-03-01",),
        {"clinician_id": "busy"},
        *many(16, clinician_id="busy", is_judged=False),
        *({"clinician_id": "other", "held_on": day} for day in days(3)),
    ),
)
