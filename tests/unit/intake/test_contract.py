import duckdb
import pytest

from pipelines.intake.contract import instrument_ranges
from pipelines.intake.feeds import FEEDS

EIGHT = [
    "patients",
    "clinicians",
    "sites",
    "episodes",
    "sessions",
    "assessments",
    "medications",
    "diagnoses",
]


def test_the_contract_has_its_eight_feeds():
    assert list(FEEDS) == EIGHT


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_a_feed_starts_with_its_required_key_and_names_no_column_twice(feed):
    names = [column.name for column in feed.columns]

    assert feed.columns[0].is_required
    assert feed.key.endswith("_id")
    assert len(names) == len(set(names))


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_every_row_rule_runs_and_is_false_for_an_empty_row(feed):
    """No rule may be null: a null would neither pass nor be quarantined."""
    con = duckdb.connect()
    con.execute("create table known_patients (patient_id varchar)")
    typed = ", ".join(
        f'null::{column.sql_type} as "{column.name}", '
        f"null::varchar as {column.name}_text"
        for column in feed.columns
    )
    con.execute(
        f"create table rows as select true as is_deleted, null::integer as anchor_year, {typed}"
    )
    for rule in feed.row_rules:
        (broken,) = con.execute(f"select {rule.breaks} from rows").fetchone()
        assert broken is (rule.check_id == f"{feed.key}_is_given"), rule.check_id


def test_dates_are_sent_as_whole_days_by_a_relative_source():
    columns = {column.name: column for column in FEEDS["episodes"].columns}

    assert columns["started_on"].sent_as("relative") == "started_day"
    assert columns["started_on"].sent_as("calendar") == "started_on"
    assert columns["modality"].sent_as("relative") == "modality"


def test_instrument_ranges_come_from_the_seed():
    assert instrument_ranges()["phq9"] == (0, 27)
    assert instrument_ranges()["bdi_ii"] == (0, 63)
