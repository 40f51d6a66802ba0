"""Rows of patients, places, courses of care and diagnoses on both sides of each check."""

from datetime import date

from records.judging import Case


def patients(check_id: str, doubted: tuple[str, ...], *rows: dict, **more) -> Case:
    return Case("patients", check_id, doubted, {"patients": list(rows), **more})


def episodes(check_id: str, doubted: tuple[str, ...], *rows: dict, **more) -> Case:
    return Case("episodes", check_id, doubted, {"episodes": list(rows), **more})


def diagnoses(check_id: str, doubted: tuple[str, ...], *rows: dict, **more) -> Case:
    return Case("diagnoses", check_id, doubted, {"diagnoses": list(rows), **more})


def born(name: str, year: int | None, **more) -> dict:
    return {"patient_id": name, "birth_year": year, **more}


def course(name: str, **more) -> dict:
    return {"episode_id": name, **more}


COURSES = [course(f"e_{name}", patient_id=name) for name in ("a", "b", "c")]
DEAD = [born("p1", 1980, died_on=date(2024, 3, 1))]

CASES = (
    patients(
        "birth_year_is_not_in_the_future", ("b",), born("a", 2024), born("b", 2025)
    ),
    patients(
        "age_over_89_is_marked",
        ("b",),
        born("a", 1934),
        born("b", 1933),
        born("c", 1933, is_aged_90_plus=True),
        born("d", 1933, died_on=date(2023, 1, 1)),
    ),
    patients(
        "birth_year_is_not_after_the_first_course",
        ("b",),
        born("a", 2024),
        born("b", 2024),
        episodes=[
            course("e_a", patient_id="a"),
            course("e_b", patient_id="b", started_on=date(2023, 12, 31)),
        ],
    ),
    patients(
        "patients_are_old_enough_for_the_service",
        ("b",),
        born("a", 2008),
        born("b", 2009),
        born("c", 1980),
        episodes=COURSES,
    ),
    patients(
        "died_on_is_not_in_the_future",
        ("b",),
        born("a", 1980, died_on=date(2024, 7, 2)),
        born("b", 1980, died_on=date(2024, 7, 3)),
    ),
    patients(
        "died_on_is_not_before_birth",
        ("b",),
        born("a", 1980, died_on=date(1980, 1, 1)),
        born("b", 1980, died_on=date(1979, 12, 31)),
    ),
    patients(
        "birth_year_is_given",
        ("b",),
        born("a", 1980),
        born("b", None),
        born("c", None, is_aged_90_plus=True),
    ),
    patients(
        "sex_is_given",
        ("b", "c"),
        born("a", 1980, sex="other"),
        born("b", 1980, sex="unknown"),
        born("c", 1980),
    ),
    patients(
        "groups_are_not_words_for_missing",
        ("b", "c", "d"),
        born("a", 1980, region="North", ethnicity="none", payer="None"),
        born("b", 1980, region="n/a"),
        born("c", 1980, region="North", ethnicity="NULL"),
        born("d", 1980, payer="-"),
        born("e", 1980),
    ),
    Case(
        "clinicians",
        "site_of_the_clinician_was_sent",
        ("b",),
        {
            "clinicians": [
                {"clinician_id": "a"},
                {"clinician_id": "b", "site_id": "s2"},
            ],
            "sites": [{}],
        },
    ),
    Case(
        "clinicians",
        "credential_is_given",
        ("b",),
        {
            "clinicians": [
                {"clinician_id": "a", "credential": "other"},
                {"clinician_id": "b"},
            ]
        },
    ),
    Case(
        "sites",
        "site_name_is_of_one_site",
        ("s1", "s2"),
        {
            "sites": [
                {"site_id": "s1", "site_name": "North"},
                {"site_id": "s2", "site_name": "north "},
                {"site_id": "s3", "site_name": "South"},
            ]
        },
    ),
    episodes(
        "referral_is_not_after_the_start",
        ("b",),
        course("a", referred_on=date(2024, 2, 1)),
        course("b", referred_on=date(2024, 2, 2)),
    ),
    episodes(
        "course_does_not_start_in_the_future",
        ("b",),
        course("a", started_on=date(2024, 7, 2)),
        course("b", started_on=date(2024, 7, 3)),
    ),
    episodes(
        "course_does_not_end_in_the_future",
        ("b",),
        course("a", ended_on=date(2024, 7, 2)),
        course("b", ended_on=date(2024, 7, 3)),
    ),
    episodes(
        "course_does_not_start_after_death",
        ("b",),
        course("a", started_on=date(2024, 3, 1)),
        course("b", started_on=date(2024, 3, 2)),
        patients=DEAD,
    ),
    episodes(
        "illness_is_not_shorter_than_its_episode",
        ("b",),
        course("a", current_episode_months=12, depression_onset_months=12),
        course("b", current_episode_months=13, depression_onset_months=12),
    ),
    episodes(
        "duration_band_agrees_with_its_months",
        ("b", "d", "f"),
        *(
            course(name, depression_duration_band=band, current_episode_months=months)
            for name, band, months in (
                ("a", "up_to_6_months", 6),
                ("b", "up_to_6_months", 7),
                ("c", "over_6_months", 6),
                ("d", "over_6_months", 5),
                ("e", "over_24_months", 24),
                ("f", "over_24_months", 23),
            )
        ),
    ),
    episodes(
        "ongoing_courses_have_no_end",
        ("b",),
        course("a", end_reason="ongoing"),
        course("b", end_reason="ongoing", ended_on=date(2024, 5, 1)),
    ),
    episodes(
        "ended_courses_have_a_reason",
        ("b",),
        course("a", ended_on=date(2024, 5, 1), end_reason="completed"),
        course("b", ended_on=date(2024, 5, 1)),
    ),
    episodes(
        "ended_courses_have_a_day",
        ("b",),
        course("a", ended_on=date(2024, 5, 1), end_reason="completed"),
        course("b", end_reason="completed"),
    ),
    episodes(
        "courses_ended_by_death_have_its_day",
        ("b",),
        course("a", end_reason="died"),
        course("b", end_reason="died", patient_id="p2"),
        patients=[*DEAD, born("p2", 1980)],
    ),
    episodes(
        "site_of_the_course_was_sent",
        ("b",),
        course("a"),
        course("b", site_id="s2"),
        sites=[{}],
    ),
    episodes(
        "courses_of_a_patient_do_not_overlap",
        ("c",),
        course("a", ended_on=date(2024, 3, 1)),
        course("b", started_on=date(2024, 3, 1), ended_on=date(2024, 4, 1)),
        course("c", started_on=date(2024, 3, 31)),
        course("d", started_on=date(2024, 3, 1), patient_id="p2"),
    ),
    # A course that was loaded before is not told again, but it counts.
    episodes(
        "courses_of_a_patient_do_not_overlap",
        ("b",),
        course("a", ended_on=date(2024, 3, 2), is_judged=False),
        course("b", started_on=date(2024, 3, 1)),
        course("c", patient_id="p2"),
    ),
    diagnoses(
        "recorded_on_is_not_in_the_future",
        ("diagnoses1",),
        {"recorded_on": date(2024, 7, 2)},
        {"recorded_on": date(2024, 7, 3)},
    ),
    diagnoses(
        "recorded_on_is_not_before_birth",
        ("diagnoses1",),
        {"recorded_on": date(1980, 1, 1)},
        {"recorded_on": date(1979, 12, 31)},
        {"recorded_on": date(2024, 1, 1), "patient_id": "p2"},
        # A year of birth in the future is told of the patient, not of each diagnosis.
        {"recorded_on": date(2024, 1, 1), "patient_id": "p3"},
        patients=[born("p1", 1980), born("p2", 1990), born("p3", 2085)],
    ),
    diagnoses(
        "recorded_on_is_not_long_after_death",
        ("diagnoses1",),
        {"recorded_on": date(2024, 5, 30)},
        {"recorded_on": date(2024, 5, 31)},
        patients=DEAD,
    ),
    diagnoses("diagnosis_is_sent_once", ("diagnoses1",), {}, {}, {"code": "F33.1"}),
)
