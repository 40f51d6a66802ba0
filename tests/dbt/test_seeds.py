"""The code lists agree with the input contract and name their sources; reads files only."""

import csv
import re

import pytest

from pipelines.intake.feeds import FEEDS
from pipelines.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def seed(table: str) -> list[dict[str, str]]:
    with (SEEDS / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("table", "feed", "column"),
    [
        ("formats", "sessions", "format"),
        ("credentials", "clinicians", "credential"),
        ("end_reasons", "episodes", "end_reason"),
    ],
)
def test_a_code_list_is_the_contracts(table, feed, column):
    codes = next(c for c in FEEDS[feed].columns if c.name == column).codes

    assert [row[column] for row in seed(table)] == list(codes)


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ("thresholds", "threshold_source"),
        ("formats", "format_source"),
        ("credentials", "credential_source"),
        ("end_reasons", "end_reason_source"),
        ("icd10_groups", "diagnosis_source"),
        ("excluded_diagnoses", "diagnosis_source"),
    ],
)
def test_every_row_says_where_it_comes_from(table, source):
    assert [row for row in seed(table) if not row[source].strip()] == []


def test_no_dose_claims_a_signature_that_nobody_gave():
    rows = seed("ingredients")

    assert {row["is_signed_off"] for row in rows} == {"false"}
    for row in rows:
        assert bool(row["minimum_daily_dose_mg"]) == bool(row["minimum_dose_source"])
        if row["minimum_dose_source"]:
            assert row["minimum_dose_source"].endswith(
                "not yet checked against the source"
            )


def test_an_ingredient_is_written_as_the_contract_asks():
    for row in seed("ingredients"):
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["ingredient"])


def test_every_diagnosis_that_excludes_is_in_a_group():
    prefixes = {row["code_prefix"] for row in seed("icd10_groups")}

    assert {row["code_group"] for row in seed("excluded_diagnoses")} <= prefixes


def test_every_threshold_that_a_model_reads_is_there():
    project = PROJECT_ROOT / "dbt_project"
    sql = "\n".join(
        path.read_text("utf-8")
        for folder in ("models", "macros")
        for path in (project / folder).rglob("*.sql")
    )
    named = set(re.findall(r"(?:threshold|into_episodes)\('(\w+)'\)", sql))
    known = {row["threshold"] for row in seed("thresholds")}
    # made of a number in a loop
    looped = {f"new_user_{days}_days" for days in (105, 180, 365)}

    assert named <= known
    assert looped <= known
