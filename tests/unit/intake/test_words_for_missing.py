"""Words that other systems write where nothing is known: NULL, N/A, a dash."""

import pytest

from expectations.landing.records_of_patients import MISSING
from pipelines.intake.draft.source import draft_source
from pipelines.intake.preflight.run import preflight

PATIENTS = "Patient ID,YOB,Gender,Region,Ethnicity,DOD,Payer"
VISITS = "Visit ID,Patient ID,Therapist ID,Visit Date,Visit Type,Visit Status,Minutes,PHQ9 Total"
BLANK = "case when upper(trim({0})) in ({1}) then null else {0} end"


@pytest.fixture
def drafted(home, settings, tmp_path):
    """Draft a source from patients and visits; returns the SQL of each feed."""

    def make(patients: list[str], visits: list[str]):
        folder = tmp_path / "2026-06-30"
        folder.mkdir()
        for name, rows in (
            ("patients.csv", [PATIENTS, *patients]),
            ("visits.csv", [VISITS, *visits]),
        ):
            (folder / name).write_text("\n".join((*rows, "")), encoding="utf-8")
        draft_source(home, settings, "clinic", folder)
        sources = home.sources / "clinic"
        return folder, {path.stem: path.read_text() for path in sources.glob("*.sql")}

    return make


def test_such_a_word_becomes_blank_where_it_occurs(home, settings, drafted):
    folder, sql = drafted(
        [
            "p1,1980,F,North,N/A,2026-02-01,none",
            "p2,n/a,NULL, Null ,White,NULL,Medicaid",
        ],
        [
            "v1,p1,NULL,1/2/2026,-,Attended,NA,7",
            "v2,p2,t1,1/25/2026,Therapy,Attended,50,NA",
        ],
    )

    assert BLANK.format('"Region"', "'NULL'") + " as region" in sql["patients"]
    assert BLANK.format('"Ethnicity"', "'N/A'") + " as ethnicity" in sql["patients"]
    assert '"Payer" as payer' in sql["patients"]  # none: it may be nobody who pays
    assert BLANK.format('"YOB"', "'N/A'") + " as birth_year" in sql["patients"]
    assert sql["patients"].count("-- a word for nothing known becomes blank") == 5
    assert BLANK.format('"Therapist ID"', "'NULL'") in sql["sessions"]
    assert BLANK.format('"Minutes"', "'NA'") in sql["sessions"]
    assert "decide: when '-'" not in sql["sessions"]

    found = preflight(home, settings, "check", folder, "clinic")

    assert found.problems == ()
    assert {f.name: (f.row_count, f.quarantined_count) for f in found.feeds} == {
        "patients": (2, 0),
        "sessions": (2, 0),
        "assessments": (1, 0),
    }


def test_a_column_without_such_a_word_is_left_as_it_is(drafted):
    _, sql = drafted(
        ["p1,1980,F,Napier,White,,Nonesuch"],
        ["v1,p1,t1,2026-01-02,Therapy,Attended,50,7"],
    )

    assert "upper(" not in "".join(sql.values())
    assert '"Region" as region' in sql["patients"]


def test_a_column_is_told_by_the_values_beside_such_words(drafted):
    """Most courses have no end yet: the days are days all the same."""
    _, sql = drafted(
        ["p1,1980,F,North,White,NULL,a", "p2,NULL,M,South,White,2/13/2026,a"],
        ["v1,p1,t1,2026-01-02,Therapy,Attended,50,7"],
    )

    assert "try_strptime(\"DOD\", '%m/%d/%Y')" in sql["patients"]
    assert BLANK.format('"DOD"', "'NULL'") in sql["patients"]
    assert " as birth_year" in sql["patients"]


def test_a_pseudonym_that_is_such_a_word_is_nobody(home, settings, tmp_path):
    folder = tmp_path / "2026-06-30"
    folder.mkdir()
    rows = [VISITS, *(f"v{n},p{n},t1,2026-01-02,Therapy,Attended,50,7" for n in (1, 2))]
    rows.append("v3,NULL,t1,2026-01-02,Therapy,Attended,50,7")
    (folder / "visits.csv").write_text("\n".join((*rows, "")))
    draft_source(home, settings, "clinic", folder)
    found = preflight(home, settings, "check", folder, "clinic")

    assert {feed.name: feed.row_count for feed in found.feeds}["patients"] == 2


@pytest.mark.parametrize("word", MISSING)
def test_each_word_is_known_in_small_letters_too(drafted, word):
    _, sql = drafted(
        [f"p1,1980,F,{word.lower()},White,,a"],
        ["v1,p1,t1,2026-01-02,Therapy,Attended,50,7"],
    )

    assert BLANK.format('"Region"', f"'{word}'") in sql["patients"]
