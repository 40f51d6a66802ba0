"""What every model of the project must have; reads files only."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from pipelines.intake.feeds import FEEDS
from pipelines.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
MODELS = sorted((PROJECT / "models").glob("*/*.sql"))
PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_", "cmp_"),
    # units of the measures are read from marts, so they are built after them
    "aggregates": ("agg_", "int_measures_"),
}


def described(path: Path) -> dict:
    return yaml.safe_load(path.with_suffix(".yml").read_text("utf-8"))


def model(path: Path) -> dict:
    return described(path)["models"][0]


def name(path: Path) -> str:
    return path.stem


def test_the_feeds_have_their_staging_models_and_there_are_models():
    assert {f"stg_{feed}" for feed in FEEDS} <= {path.stem for path in MODELS}


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_a_model_has_its_guard_beside_it_and_the_layers_prefix(path):
    content = described(path)

    assert [entry["name"] for entry in content["models"]] == [path.stem]
    assert model(path)["description"].startswith(("One row per ", "Randomised", "Desc"))
    assert path.stem.startswith(PREFIXES[path.parent.name])
    assert model(path).get("data_tests") or any(
        column.get("data_tests") for column in model(path)["columns"]
    )


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_a_model_has_no_clock_no_chance_and_no_limit(path):
    sql = path.read_text("utf-8").lower()

    assert not re.search(
        r"\b(now|current_date|current_timestamp|today|random|uuid)\s*\(", sql
    )
    assert not re.search(r"\bcurrent_(date|timestamp)\b", sql)
    assert not re.search(r"\blimit\s+\d", sql)


@pytest.mark.parametrize(
    "path", [p for p in MODELS if p.parent.name in ("marts", "aggregates")], ids=name
)
def test_a_table_that_others_read_types_and_describes_every_column(path):
    for column in model(path)["columns"]:
        assert column["description"], column["name"]
        assert column["data_type"], column["name"]


@pytest.mark.parametrize(
    "path",
    [p for p in MODELS if re.search(r"\b(case|where|having)\b", p.read_text())],
    ids=name,
)
def test_a_model_with_a_rule_has_a_unit_test(path):
    assert described(path)["unit_tests"]


def contracts(sentinel: str, *, present: bool) -> set[tuple]:
    """Return the different contracts of comparisons with or without a column."""
    return {
        columns
        for path in MODELS
        if path.stem.startswith("cmp_")
        and (
            columns := tuple(
                (c["name"], c["data_type"]) for c in model(path)["columns"]
            )
        )
        and (sentinel in dict(columns)) is present
    }


def test_the_trials_comparisons_have_one_contract():
    assert len(contracts("follow_up_month", present=True)) == 1


def test_the_services_comparisons_have_one_contract_and_stops_add_four_columns():
    (with_stops,) = contracts("stop_week", present=True)
    (without,) = (
        contracts("stop_week", present=False)
        - contracts("follow_up_month", present=True)
        - contracts("remission_phq9_points", present=True)
    )

    assert set(without) < set(with_stops)
    assert {name for name, _ in with_stops} - {name for name, _ in without} == {
        "stop_week",
        "is_stop_censored",
        "remitted_week",
        "has_reentered",
    }


def test_the_comparison_of_relapse_alone_has_days_to_an_event():
    (relapse,) = contracts("remission_phq9_points", present=True)
    types = dict(relapse)

    assert types["phq9_ill_again_12mo_days"] == "integer"
    assert types["phq9_ill_again_12mo_status"] == "varchar"
    assert not [column for column in types if column.startswith("phq9_points_")]


@pytest.mark.parametrize(
    "path", [p for p in MODELS if p.parent.name == "marts"], ids=name
)
def test_what_a_column_needs_is_a_feed_or_column_of_the_contract(path):
    known = {feed.name for feed in FEEDS.values()} | {
        f"{feed.name}.{column.name}"
        for feed in FEEDS.values()
        for column in feed.columns
    }
    needs = [
        need
        for column in model(path)["columns"]
        for need in column.get("config", {}).get("meta", {}).get("needs", [])
    ]

    assert set(needs) <= known


def seed(table: str) -> list[dict[str, str]]:
    path = PROJECT / "seeds" / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_question_is_there_and_what_it_needs_exists():
    rows = seed("questions")
    known = set(FEEDS) | {
        f"instrument.{row['instrument']}" for row in seed("instruments")
    }

    assert [row["question_id"] for row in rows] == [f"Q{n}" for n in range(1, 23)]
    for row in rows:
        assert set(row["needs"].replace("|", " ").split()) <= known
    asked = {row["comparison_id"] for row in rows} - {""}
    assert asked <= {p.stem[4:] for p in MODELS if p.stem.startswith("cmp_")}


def test_staging_names_the_contracts_columns():
    for feed in FEEDS.values():
        path = PROJECT / "models/staging" / f"stg_{feed.name}.sql"
        columns = {column["name"] for column in model(path)["columns"]}

        assert columns == {c.name for c in feed.columns} | {"load_id", "source"}


def test_the_modalities_are_the_contracts():
    seeded = {row["modality"] for row in seed("modalities")}
    column = next(c for c in FEEDS["episodes"].columns if c.name == "modality")

    assert seeded == set(column.codes)


def test_dbt_takes_nothing_from_outside():
    assert not (PROJECT / "packages.yml").exists()
    assert not (PROJECT / "dependencies.yml").exists()
    assert not (PROJECT / "__init__.py").exists()
