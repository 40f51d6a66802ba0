"""Names of files and columns in other systems, and what they are taken for."""

import pytest

from pipelines.intake.draft import matching
from pipelines.intake.draft.questionnaires import find_groups
from pipelines.intake.draft.shapes import DATE_FORMS, ISO, Shape
from pipelines.intake.draft.vocabulary import is_all_ours, plain
from pipelines.intake.feeds import FEEDS

NUMBERS = {"given": 10, "whole": 10, "point": 0, "comma": 0}
DATED = {**NUMBERS, "whole": 0}


def columns(*names: str) -> list[Shape]:
    """Columns of whole numbers; one with `date` in its name holds ISO days."""
    return [
        Shape(position, name, DATED if "date" in name else NUMBERS, days)
        for position, name in enumerate(names, start=1)
        for days in [
            {form.pattern: 10 * ("date" in name and form == ISO) for form in DATE_FORMS}
        ]
    ]


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("visits_2026.csv", "sessions"),
        ("RxFills.csv", "medications"),
        ("Patienten.csv", "patients"),
        ("export.csv", ""),
        ("patient_visits.csv", ""),  # two feeds: it says neither
    ],
)
def test_a_file_is_taken_for_the_one_feed_that_its_name_says(name, feed):
    assert matching.feed_of_file(name) == feed


@pytest.mark.parametrize(
    ("feed", "name", "column"),
    [
        ("sessions", "Visit Date", "held_on"),
        ("sessions", "apptDt", "held_on"),
        ("sessions", "atendance", "attendance"),  # misspelt
        ("medications", "FILL_DATE", "started_on"),
        ("episodes", "start_date", "started_on"),
        ("patients", "Sex_CD", "sex"),
        ("sessions", "clinic_id", "site_id"),  # near clinician_id, and known
        ("patients", "Kön", "sex"),
        ("patients", "Födelseår", "birth_year"),
        ("patients", "BIRTH_YR", "birth_year"),
        ("sessions", "Besöksdatum", "held_on"),
        ("sessions", "Besoksdatum", "held_on"),
        ("sessions", "ENC_DATE", "held_on"),
        ("sessions", "PROV_ID", "clinician_id"),
        ("sessions", "LENGTH_MIN", "duration_minutes"),
        ("clinicians", "PROV_TYPE", "credential"),
        ("medications", "MED_NAME", "ingredient"),
        ("medications", "DOSE_MG", ""),  # of a tablet, or of a day: it is asked
        ("patients", "shoe_size", ""),
    ],
)
def test_a_column_is_suggested_by_the_nearest_name_of_its_feed(feed, name, column):
    assert matching.nearest(FEEDS[feed], name) == column


def test_a_name_is_near_up_to_one_wrong_letter_in_seven():
    assert matching._likeness("abcdefg", "abcdefx") >= matching.NEAR
    assert matching._likeness("abcdef", "abcdex") < matching.NEAR
    assert matching.name_score("sessions", "attendance", "attendanc", False) > 0
    assert matching.name_score("sites", "region", "regixx", False) == 0


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("PHQ9_q1", True),
        ("Visit Date", True),
        ("SECRET4242", False),
        ("Jane Doe", False),
        ("1984-05-17", False),
        ("visit_" * 20, False),  # too long to be a name
        ("M", False),  # a code, in the first row of a file without a header
        ("visits_2026-10-31.csv", True),
        ("patient_9434765919.csv", False),
        ("patient_1984.csv", False),
    ],
)
def test_only_a_name_of_our_own_words_may_be_shown(name, is_ours):
    assert is_all_ours(name) is is_ours


def test_plain_names_have_no_accents_capitals_or_marks():
    assert [plain(name) for name in ("Ausgefüllt am", "PHQ-9 Total", "visitDate")] == [
        "ausgefuellt_am",
        "phq_9_total",
        "visit_date",
    ]


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["PHQ9_q1", "PHQ9_q2", "phq9_total"], [("phq9", "", "total", [1, 2])]),
        (["PHQ_1", "PHQ_9"], [("phq9", "", None, [1, 9])]),
        (["PHQ_9"], [("phq9", "", "total", [])]),
        (["GAD-7 Score"], [("gad7", "", "total", [])]),
        (
            ["phq9_date_m6", "phq9_m6_total", "bdi_pre"],
            [("phq9", "m6", "total", []), ("bdi", "pre", "total", [])],
        ),
        (["phq9_q10"], [("phq9", "q10", "total", [])]),  # it has nine items
        (["shoe_size", "q1"], []),
    ],
)
def test_questionnaires_are_found_in_columns(names, groups):
    found = find_groups(columns(*names))

    assert [
        (g.instrument, g.occasion, g.total and "total", sorted(g.items)) for g in found
    ] == groups


def test_an_occasion_finds_its_day_by_its_own_name():
    (group,) = find_groups(columns("phq9_m6", "date_m6", "date_m12"))

    assert group.date.name == "date_m6"


def test_a_file_named_after_a_questionnaire_lends_it_to_bare_items():
    (group,) = find_groups(columns("q1", "q2", "total", "shoe_size"), "phq9.csv")

    assert (group.instrument, sorted(group.items)) == ("phq9", [1, 2])
    assert group.total.name == "total"
