"""Foreign exports taken to a loaded warehouse.

The exports are made up (examples/bring_your_data/make_exports.py).
"""

import csv
import runpy
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.intake.draft.source import draft_source
from pipelines.intake.ingest import ingest
from pipelines.intake.preflight.run import preflight
from pipelines.settings import PROJECT_ROOT

EXAMPLES = PROJECT_ROOT / "examples" / "bring_your_data"
MADE = runpy.run_path(str(EXAMPLES / "make_exports.py"))

EDITS = {
    "ehr_visits": [
        ("sessions", "-- decide: when 'left early' then '<code>'",
         "when 'left early' then 'attended'"),
        ("clinicians", "-- decide: when 'lmft' then '<code>'",
         "when 'lmft' then 'counselor'"),
    ],
    "pharmacy_claims": [
        ("medications", "from delivery_csv('rx_fills.csv')",
         "from delivery_csv('rx_fills.csv')\nwhere ingredient <> 'lisinopril_20_mg_tab'"),
    ],
    "german_clinic": [
        ("sessions", "-- decide: when 'verschoben' then '<code>'",
         "when 'verschoben' then 'cancelled_by_service'"),
    ],
}  # fmt: skip
"""What a person changes in each draft: at most two lines."""

FILLED = {
    "ehr_visits": {
        "patients": 40,
        "clinicians": 6,
        "sessions": 230,
        "assessments": 432,
    },
    "pharmacy_claims": {"patients": 40, "medications": 102},
    "german_clinic": {"patients": 40, "sessions": 254, "assessments": 182},
}
"""Rows of each feed, counted in the files by hand."""


@pytest.fixture
def export(tmp_path):
    """Make one of the exports, in a folder with its date."""

    def make(name: str) -> Path:
        folder = tmp_path / "sent" / MADE["EXTRACTED_ON"]
        MADE["EXPORTS"][name](folder)
        return folder

    return make


def edit(home, name: str) -> None:
    for feed, before, after in EDITS[name]:
        path = home.sources / name / f"{feed}.sql"
        drafted = path.read_text(encoding="utf-8")
        assert drafted.count(before) == 1
        path.write_text(drafted.replace(before, after), encoding="utf-8")


def loaded(home, sql: str, key: str) -> tuple:
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        return con.execute(sql, [key]).fetchone()


def first(path: Path, without="", encoding="utf-8", delimiter=",") -> dict[str, str]:
    """Return the first row of a file in which a text does not occur."""
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.DictReader(file, delimiter=delimiter)
        return next(row for row in rows if not without or without not in str(row))


def a_score_at_six_months_has_its_own_day(home, folder):
    sent = first(folder / "visits.csv")
    month, day, year = map(int, sent["PHQ9_M6_Date"].split("/"))
    points = loaded(
        home,
        "select total_points from assessments where patient_id = ? and completed_on = "
        f"make_date({year}, {month}, {day}) and session_id is null",
        f"ehr_visits:{sent['Patient Key']}",
    )
    assert points == (int(sent["PHQ9_M6_Total"]),)


def a_fill_has_its_day_and_its_ingredient(home, folder):
    sent = first(folder / "rx_fills.csv", without="LISINOPRIL")
    filled = loaded(
        home,
        "select strftime(started_on, '%Y%m%d'), ingredient, record_type "
        "from medications where medication_id = ?",
        f"pharmacy_claims:{sent['CLAIM_ID']}",
    )
    ingredient = sent["DRUG_NAME"].split()[0].lower()
    assert filled == (sent["FILL_DATE"], ingredient, "dispensed")


def a_german_day_a_decimal_comma_and_an_umlaut_arrive(home, folder):
    sent = first(folder / "sitzungen.csv", encoding="latin-1", delimiter=";")
    arrived = loaded(
        home,
        "select strftime(held_on, '%d.%m.%Y'), homework_completed_percent, region "
        "from sessions inner join patients using (patient_id) where session_id = ?",
        f"german_clinic:{sent['Termin-ID']}",
    )
    done = float(sent["Hausaufgaben Prozent"].replace(",", "."))
    assert arrived == (sent["Termindatum"], done, "Thüringen")


PROBES = {
    "ehr_visits": a_score_at_six_months_has_its_own_day,
    "pharmacy_claims": a_fill_has_its_day_and_its_ingredient,
    "german_clinic": a_german_day_a_decimal_comma_and_an_umlaut_arrive,
}
"""One row of each export, followed from its file into the warehouse."""


@pytest.mark.parametrize("name", EDITS)
def test_a_foreign_export_is_loaded_after_a_few_edits(home, settings, export, name):
    folder = export(name)
    draft_source(home, settings, name, folder)
    edit(home, name)

    found = preflight(home, settings, "check", folder, name)
    shutil.copytree(folder, home.landing / name / folder.name)
    outcome = ingest(home, settings, "load")

    assert found.problems == ()
    assert not any(warned.is_quarantine for warned in found.warnings)
    assert outcome.loaded == [f"{name}/{folder.name}"]
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        counts = con.execute(
            "select feed, yielded_count, loaded_count from load_feeds where is_supplied"
        ).fetchall()
    assert {feed: rows for feed, rows, _ in counts} == FILLED[name]
    assert all(rows == loaded for _, rows, loaded in counts)
    PROBES[name](home, folder)


def test_the_exports_beside_the_tutorial_are_those_that_the_script_makes(export):
    made = export("ehr_visits") / "visits.csv"
    kept = EXAMPLES / "ehr_visits" / MADE["EXTRACTED_ON"] / "visits.csv"

    assert made.read_bytes() == kept.read_bytes()
