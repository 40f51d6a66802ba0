"""What a draft takes for the key of a row: the file's own before one that is made."""

import pytest

from pipelines.intake.contract import MAXIMUM_ID_LENGTH
from pipelines.intake.draft.source import draft_source

SCORES = "Score ID,Patient ID,Visit ID,Case ID,Score Date,PHQ9 Total,GAD7 Total"
SCORED = [f"s{n},p{n % 2},v{n},c1,2026-01-0{n},{n},{n + 1}" for n in (1, 2, 3)]


@pytest.fixture
def draft(home, settings, tmp_path):
    """Draft a source from one file; returns the SQL of a feed, and what was found."""

    def make(file_name: str, header: str, rows: list[str], feed: str):
        folder = tmp_path / "2026-01-31"
        folder.mkdir()
        (folder / file_name).write_text("\n".join((header, *rows, "")))
        found = draft_source(home, settings, "clinic", folder)
        (drafted,) = [one for one in found.feeds if one.name == feed]
        return (home.sources / "clinic" / f"{feed}.sql").read_text(), drafted

    return make


def test_a_score_is_known_by_its_own_id_whatever_its_day(draft):
    sql, found = draft("scores.csv", SCORES, SCORED, "assessments")

    assert """nullif(trim("Score ID"), '') || ':phq9' as assessment_id""" in sql
    assert """nullif(trim("Score ID"), '') || ':gad7' as assessment_id""" in sql
    assert sql.count('"Visit ID" as session_id') == 2
    assert sql.count('"Case ID" as episode_id') == 2
    assert "md5(" not in sql
    assert {"assessment_id", "session_id", "episode_id"} < set(found.columns)
    assert found.decisions == 0


def test_a_score_without_an_id_is_known_by_its_visit(draft):
    rows = [row.partition(",")[2] for row in SCORED]
    header = SCORES.partition(",")[2]
    sql, _ = draft("scores.csv", header, rows, "assessments")

    assert """nullif(trim("Visit ID"), '') || ':phq9' as assessment_id""" in sql


def test_rows_are_told_apart_whatever_their_columns_are_called(draft):
    """A name of ours within the query would be taken for that column."""
    header = SCORES.replace("Case ID", "sent")
    sql, _ = draft("scores.csv", header, [*SCORED, SCORED[0]], "assessments")

    assert '"Score ID"' in sql


@pytest.mark.parametrize(
    ("row", "is_key"),
    [
        (SCORED[0], True),  # sent twice
        ("s1,p1,,c1,2026-01-04,1,2", False),
        (",p1,,c1,2026-01-04,1,2", False),
        ('" ",p1,,c1,2026-01-04,1,2', False),
    ],
    ids=["a row sent twice", "an id given twice", "no id", "a blank id"],
)
def test_an_id_is_a_key_if_it_is_given_and_different_in_every_row(draft, row, is_key):
    sql, _ = draft("scores.csv", SCORES, [*SCORED, row], "assessments")

    assert ('"Score ID"' in sql) is is_key
    assert ("md5(concat_ws(':', patient_id, instrument, completed_on))" in sql) is (
        not is_key
    )


@pytest.mark.parametrize(("length", "is_hashed"), [(59, False), (60, True)])
def test_an_id_that_would_grow_too_long_is_hashed(draft, length, is_hashed):
    assert 59 + len(":phq9") == MAXIMUM_ID_LENGTH
    rows = [f"{n:0{length}},p1,,c1,2026-01-04,1,2" for n in (1, 2)]
    sql, _ = draft("scores.csv", SCORES, rows, "assessments")

    assert ("""md5(nullif(trim("Score ID"), '') || ':phq9')""" in sql) is is_hashed


def test_a_score_of_another_day_than_the_row_keeps_a_key_of_its_own(draft):
    header = "Visit ID,Patient ID,Visit Date,PHQ9 M6 Date,PHQ9 M6 Total"
    rows = [f"v{n},p1,2026-01-0{n},2026-07-01,9" for n in (1, 2)]
    sql, _ = draft("visits.csv", header, rows, "assessments")

    assert "md5(concat_ws(':', 'm6', patient_id, instrument, completed_on))" in sql
    assert "session_id" not in sql


@pytest.mark.parametrize(
    ("name", "feed", "file_name", "column"),
    [
        ("ENC_ID", "sessions", "encounters.csv", "session_id"),
        ("Contact Key", "sessions", "contacts.csv", "session_id"),
        ("response_key", "assessments", "scores.csv", "assessment_id"),
    ],
)
def test_other_systems_names_of_a_key_are_known(draft, name, feed, file_name, column):
    header = f"{name},subject_key,date,status,phq9"
    rows = [f"e{n},p1,2026-01-0{n},attended,7" for n in (1, 2)]
    sql, _ = draft(file_name, header, rows, feed)

    assert f'"{name}"' in sql
    assert f"as {column}" in sql
    assert "md5(" not in sql


@pytest.mark.parametrize(
    ("header", "values", "is_asked"),
    [
        ("Sys Row ID", "xyz", True),
        ("Ledger No", "xyz", True),
        ("Ledger No", "xyy", False),
        ("Ledger", "xyz", False),
    ],
)
def test_a_column_that_may_be_the_key_is_asked_about_by_its_position(
    draft, header, values, is_asked
):
    rows = [
        f"{value},p1,2026-01-0{n},attended" for n, value in enumerate(values, start=1)
    ]
    header = f"{header},Patient ID,Visit Date,Attendance"
    sql, found = draft("visits.csv", header, rows, "sessions")

    asked = "-- decide: column 1 of file 1 is different in every row"
    assert (asked in sql) is is_asked
    assert found.decisions == is_asked
    assert "md5(concat_ws(':', patient_id, held_on)) as session_id" in sql
