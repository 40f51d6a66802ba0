"""Every measure of the registry is counted, tested on both sides and shown."""

import csv
import io

import pytest
import yaml

from pipelines.release.reports import REPORTS
from pipelines.release.reports.measures import GROUPS
from pipelines.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
AGGREGATES = PROJECT / "models" / "aggregates"


def registry() -> dict[str, dict[str, str]]:
    with (PROJECT / "seeds" / "measures.csv").open(encoding="utf-8") as file:
        return {row["measure_id"]: row for row in csv.DictReader(file)}


def expected_rows() -> dict[str, list[dict[str, str]]]:
    """Rows that the unit tests of the drawn measures expect, by measure."""
    found: dict[str, list[dict[str, str]]] = {}
    for path in sorted(AGGREGATES.glob("int_measures_drawn_from_*.yml")):
        for test in yaml.safe_load(path.read_text("utf-8"))["unit_tests"]:
            for row in csv.DictReader(io.StringIO(test["expect"]["rows"])):
                found.setdefault(row["measure_id"], []).append(row)
    return found


MEASURES = registry()
ROWS = expected_rows()


def test_the_unit_tests_know_the_measures_of_the_registry_and_no_other():
    assert set(ROWS) == set(MEASURES)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_is_tested_in_and_out_of_its_numerator(measure):
    sides = {
        (row["is_in_denominator"], row["is_in_numerator"]) for row in ROWS[measure]
    }

    assert {("true", "true"), ("true", "false")} <= sides
    assert any(row["is_excluded"] == "true" for row in ROWS[measure])


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_that_waits_for_the_end_of_the_data_says_so(measure):
    waits = any(
        row.get("exclusion_reason") == "window_not_over" for row in ROWS[measure]
    )
    told = MEASURES[measure]
    is_told = (
        "of the data are left out" in told["measure_window"]
        or "whose window is over" in told["definition"]
    )

    assert is_told is waits


def test_what_is_ours_is_not_said_to_be_theirs():
    assert MEASURES["treated_once"]["source"].startswith("Our convention")
    assert "low-intensity" in MEASURES["dosage_8_sessions"]["source"]
    for change in ("improvement", "deterioration"):
        definition = MEASURES[f"reliable_{change}"]["definition"]
        assert "one suffices" in definition
        assert "the other did not" in definition


def test_the_kind_of_a_course_is_said_to_be_that_of_its_first_session():
    for group in ("modality", "format"):
        path = AGGREGATES / f"agg_measures_by_{group}.yml"
        columns = yaml.safe_load(path.read_text("utf-8"))["models"][0]["columns"]
        (described,) = (c["description"] for c in columns if c["name"] == group)
        assert "first attended session of the course" in described
        assert "for attendance that of the session itself" in described


@pytest.mark.parametrize("measure", MEASURES)
def test_no_text_of_the_registry_calls_a_measure_certified(measure):
    text = " ".join(MEASURES[measure].values()).lower()

    assert "certified" not in text.replace("not the certified measure", "")
    assert "quality measure reporting" not in text


def test_every_group_has_an_aggregate_with_the_same_contract():
    contracts = set()
    for name, column in GROUPS.items():
        path = AGGREGATES / f"agg_measures_by_{name}.yml"
        model = yaml.safe_load(path.read_text("utf-8"))["models"][0]
        contracts.add(
            tuple(
                (c["name"], c["data_type"])
                for c in model["columns"]
                if c["name"] != column
            )
        )

    assert len(contracts) == 1


def test_reports_made_from_models_are_exposures_and_the_pages_exist():
    document = yaml.safe_load((PROJECT / "models" / "exposures.yml").read_text("utf-8"))
    named = {exposure["name"] for exposure in document["exposures"]}
    made = {report.name for report in REPORTS}

    assert {name for name in made if name.startswith("rpt_measures")} <= named
    assert {name for name in named if name.startswith("rpt_")} <= made
    assert "site_index" in named
    for exposure in document["exposures"]:
        assert exposure["depends_on"], exposure["name"]
