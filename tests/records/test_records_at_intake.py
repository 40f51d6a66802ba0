"""A delivery is judged by its own rows, beside those that were loaded before."""

import duckdb
import pytest
from records.loading import add_source, judge, load
from support import MARKER, write_delivery

from expectations.records import RecordCheck, Rows
from pipelines.checks import records
from pipelines.checks.results import read
from pipelines.errors import CheckFailedError
from pipelines.intake.ingest import ingest

TWICE_A_DAY = "assessments.one_score_of_an_instrument_a_day"
SAME_PERSON = "sessions.course_of_the_session_is_its_patients"


def patients(*names: str, **more) -> list[dict]:
    return [{"patient_id": name, "birth_year": "1980", **more} for name in names]


def score(name: str, total: int, **more) -> dict:
    return {
        "assessment_id": name,
        "patient_id": "p1",
        "instrument": "phq9",
        "completed_on": "2026-01-05",
        "total_points": str(total),
        **more,
    }


FIRST = {"patients": patients("p1"), "assessments": [score("a1", 9)]}
SECOND = {"assessments": [score("a2", 16)]}


def test_rows_loaded_before_stand_beside_an_increments_own(home):
    source = add_source(home)
    load(home, source, "2026-02-01", FIRST)
    doubted, tested = judge(home, source, "2026-02-02", SECOND)

    assert doubted[TWICE_A_DAY] == ["clinic:p1 phq9 2026-01-05"]
    assert tested[TWICE_A_DAY] == 1


def test_a_row_sent_again_replaces_what_was_loaded_before(home):
    source = add_source(home)
    load(home, source, "2026-02-01", FIRST)
    doubted, _ = judge(
        home, source, "2026-02-02", {"assessments": [score("a1", 16), score("a3", 16)]}
    )

    assert TWICE_A_DAY not in doubted


def test_retired_rows_do_not_count(home):
    source = add_source(home)
    load(home, source, "2026-02-01", FIRST)
    retired = score("a1", 9, is_deleted="true")
    kept = score("a2", 16, is_deleted="false")
    now, _ = judge(home, source, "2026-02-02", {"assessments": [retired, kept]})
    load(home, source, "2026-02-03", {"assessments": [retired]})
    later, _ = judge(home, source, "2026-02-04", SECOND)

    assert TWICE_A_DAY not in now
    assert TWICE_A_DAY not in later


def test_a_full_sources_earlier_rows_do_not_count(home):
    source = add_source(home, kind="full")
    load(home, source, "2026-02-01", FIRST)
    doubted, tested = judge(
        home, source, "2026-02-02", {"patients": patients("p1"), **SECOND}
    )

    assert TWICE_A_DAY not in doubted
    assert tested[TWICE_A_DAY] == 1


@pytest.mark.parametrize(("namespace", "is_found"), [("clinic", True), ("own", False)])
def test_another_sources_rows_count_in_the_same_namespace(home, namespace, is_found):
    load(home, add_source(home, "other", "full", "clinic"), "2026-02-01", FIRST)
    mine = add_source(home, "mine", "increment", namespace)
    doubted, _ = judge(home, mine, "2026-02-02", {"patients": patients("p1"), **SECOND})

    assert (TWICE_A_DAY in doubted) == is_found


def test_a_withdrawn_load_does_not_count(home):
    source = add_source(home)
    load_id = load(home, source, "2026-02-01", FIRST)
    with duckdb.connect(str(home.raw_file)) as con:
        con.execute("alter table loads add column if not exists withdrawn_at timestamp")
        con.execute(
            "update loads set withdrawn_at = now()::timestamp where load_id = ?",
            [load_id],
        )
    doubted, _ = judge(
        home, source, "2026-02-02", {"patients": patients("p1"), **SECOND}
    )

    assert TWICE_A_DAY not in doubted


def test_a_course_of_another_patient_is_met_that_was_loaded_before(home):
    source = add_source(home)
    load(
        home,
        source,
        "2026-02-01",
        {
            "patients": patients("p1", "p2"),
            "episodes": [{"episode_id": "e1", "patient_id": "p1"}],
        },
    )
    session = {
        "session_id": "s1",
        "patient_id": "p2",
        "episode_id": "e1",
        "held_on": "2026-01-06",
        "attendance": "attended",
    }
    doubted, _ = judge(home, source, "2026-02-02", {"sessions": [session]})

    assert doubted[SAME_PERSON] == ["clinic:s1"]


def test_a_clinicians_day_is_met_that_was_loaded_before(home):
    source = add_source(home)
    session = {
        "patient_id": "p1",
        "clinician_id": "c1",
        "held_on": "2026-01-06",
        "attendance": "attended",
    }
    before = [{"session_id": f"s{n}", **session} for n in range(16)]
    load(
        home,
        source,
        "2026-02-01",
        {"patients": patients("p1", "p2"), "sessions": before},
    )
    now = {**session, "session_id": "now", "patient_id": "p2"}
    doubted, _ = judge(home, source, "2026-02-02", {"sessions": [now]})

    assert doubted == {
        "sessions.clinicians_hold_no_more_than_a_day_allows": ["clinic:c1 2026-01-06"]
    }


def test_what_cannot_be_evaluated_is_told_without_a_value(home, monkeypatch):
    broken = RecordCheck(
        "it_can_be_read",
        "patients",
        "conformance",
        "nobody",
        "It cannot.",
        ("patients",),
        "Mend it.",
        "patient",
        Rows("select patient_id, error(patient_id) as read from judged", "patient_id"),
        "read is null",
    )
    monkeypatch.setattr(records, "record_checks", lambda feed: (broken,))
    with pytest.raises(CheckFailedError, match="record checks of feed") as raised:
        judge(home, add_source(home), "2026-02-01", {"patients": patients(MARKER)})

    assert MARKER not in str(raised.value)


def test_a_refused_row_is_told_once_and_not_by_those_that_name_it(home):
    source = add_source(home)
    sessions = [
        {
            "session_id": name,
            "patient_id": "p1",
            "held_on": "2026-01-05",
            "attendance": attendance,
        }
        for name, attendance in (("s1", "attended"), ("s2", "dna"))
    ]
    doubted, tested = judge(
        home,
        source,
        "2026-02-01",
        {
            "patients": patients("p1"),
            "sessions": sessions,
            "assessments": [
                score("a1", 9, session_id="s1"),
                score("a2", 9, session_id="s2"),
                score("a3", 9, session_id="s3"),
            ],
        },
    )

    assert doubted["assessments.session_of_the_score_was_sent"] == ["clinic:a3"]
    assert tested["sessions.held_on_is_not_before_observation"] == 1


def test_what_was_not_sent_is_not_measured(home):
    source = add_source(home)
    _, tested = judge(home, source, "2026-02-01", FIRST)

    assert TWICE_A_DAY in tested
    assert "assessments.session_of_the_score_was_sent" not in tested
    assert "patients.sex_is_given" not in tested


def test_days_from_an_index_day_are_held_against_no_calendar(home):
    source = add_source(home, date_mode="relative")
    person = {"patient_id": "p1", "birth_year": "1980", "index_year": "2025"}
    late = score("a1", 9, completed_day="4000")
    late.pop("completed_on")
    doubted, tested = judge(
        home,
        source,
        "2026-02-01",
        {
            "patients": [person | {"died_day": "10"}],
            "assessments": [late],
        },
    )

    assert doubted == {"assessments.completed_on_is_not_after_death": ["clinic:a1"]}
    assert "assessments.completed_on_is_not_in_the_future" not in tested


def test_a_doubted_record_is_loaded_and_shown_as_a_warning(home, settings):
    source = add_source(home, kind="full")
    feeds = {
        "patients": patients(f"{MARKER}1", died_on="2026-01-01")
        + patients("p1", died_on=""),
        "assessments": [score("a1", 9), score("a2", 9, patient_id=f"{MARKER}1")],
    }
    write_delivery(home.landing / source.name / "2026-02-01", feeds)
    outcome = ingest(home, settings, "run-1")
    results = {
        result.check_id: result
        for result in read(home.checks_file("run-1"))
        if result.stage == "landing" and result.table_name == "assessments"
    }
    found = results["completed_on_is_not_after_death"]

    assert outcome.loaded == ["clinic/2026-02-01"], outcome.refused
    assert (found.status, found.severity, found.tool) == ("fail", "warning", "gx")
    assert (found.tested_count, found.failed_count) == (1, 1)
    assert results["completed_on_is_not_in_the_future"].status == "pass"
    assert "session_of_the_score_was_sent" not in results
    assert MARKER not in home.checks_file("run-1").read_text()


@pytest.mark.parametrize(
    ("unknown", "of", "status"),
    [(5, 100, "pass"), (6, 100, "fail"), (4, 20, "pass"), (5, 20, "fail")],
)
def test_a_tolerated_share_warns_only_beyond_it(home, settings, unknown, of, status):
    source = add_source(home, kind="full")
    sexes = ["unknown"] * unknown + ["female"] * (of - unknown)
    people = [
        {"patient_id": f"p{n}", "birth_year": "1980", "sex": sex}
        for n, sex in enumerate(sexes, start=1)
    ]
    write_delivery(
        home.landing / source.name / "2026-02-01",
        {"patients": people, "assessments": [score("a1", 9)]},
    )
    ingest(home, settings, "run-1")
    (found,) = (
        result
        for result in read(home.checks_file("run-1"))
        if result.check_id == "sex_is_given"
    )

    assert (found.status, found.tested_count) == (status, of)
    assert found.failed_count == unknown
