"""The catalogue leaves no check without an owner, an output, a reason and a next step."""

from collections import Counter

import pytest

from expectations.outputs import OUTPUTS
from expectations.records import OWNERS, all_record_checks
from pipelines.checks import catalogue, catalogue_page
from pipelines.checks.catalogue_words import (
    FIXES_BY_STAGE,
    fix_of_rule,
    taints_of_rule,
    taints_of_table,
)
from pipelines.compare import protocols
from pipelines.intake.feeds import FEEDS
from pipelines.release.reports import QUALITY_REPORTS, REPORTS


@pytest.fixture(scope="module")
def entries() -> tuple[catalogue.Entry, ...]:
    return catalogue.entries()


def test_nothing_is_left_blank(entries):
    for entry in entries:
        told = (entry.why, entry.fix, entry.unit, entry.category, entry.check_id)
        assert all(text.strip() for text in told), entry
        assert entry.owner in OWNERS, entry
        assert entry.taints, entry
        assert set(entry.taints) <= set(OUTPUTS), entry
        assert entry.severity in ("critical", "warning"), entry
        assert bool(entry.tolerated_share) == bool(entry.tolerated_why), entry


def test_a_check_is_listed_once(entries):
    told = Counter((entry.stage, entry.table_name, entry.check_id) for entry in entries)

    assert [name for name, count in told.items() if count > 1] == []
    stages = {entry.stage for entry in entries}
    assert {"landing", "raw", "staging", "marts", "reports"} <= stages


@pytest.mark.parametrize(
    "key",
    [
        ("marts", "fct_episodes", "contract_holds"),
        ("marts", "fct_episode_outcomes", "most_have_a_baseline"),
        ("intermediate", "int_episodes_started", "day_0_is_the_first_attended_session"),
        ("staging", "measures", "unit_is_known"),
        ("staging", "age_bands", "age_band_unique"),
        ("staging", "raw.loads", "kind_is_known"),
        ("staging", "raw.loads", "load_id_unique"),
        ("estimates", "estimates.effects", "one_primary_per_comparison"),
        ("reports", "reports.rpt_instruments", "no_column_names_a_person"),
    ],
)
def test_a_check_is_named_as_its_results_are(entries, key):
    assert key in {(entry.stage, entry.table_name, entry.check_id) for entry in entries}


def test_a_rule_on_a_seed_or_a_source_is_asked_of_its_own_table(entries):
    queries = {(entry.table_name, entry.check_id): entry.query for entry in entries}

    of_seed = queries["ingredients", "every_dose_has_a_source"]
    of_source = queries["raw.load_feeds", "rows_in_are_rows_accounted_for"]
    assert of_seed.startswith("select * from seeds.ingredients where not (")
    assert of_source.startswith("select * from raw.load_feeds where not (")


def test_every_rule_and_every_record_check_has_a_query(entries):
    wanted = {
        (feed, rule.check_id) for feed in FEEDS for rule in FEEDS[feed].row_rules
    } | {(check.feed, check.check_id) for check in all_record_checks()}
    with_query = {
        (entry.table_name, entry.check_id)
        for entry in entries
        if entry.stage == "landing" and entry.query
    }

    assert with_query == wanted


def test_every_row_rule_says_how_to_mend_it():
    for feed in FEEDS.values():
        for rule in feed.row_rules:
            assert fix_of_rule(rule.check_id) != FIXES_BY_STAGE["landing"], rule


@pytest.mark.parametrize(
    ("feed", "check_id", "taints"),
    [
        ("sessions", "format_is_a_known_code", ("format",)),
        ("sessions", "session_id_is_given", ("attendance", "waiting", "courses")),
        ("patients", "birth_year_is_blank_if_aged_90_plus", ("groups", "privacy")),
        ("assessments", "item_9_is_an_integer", ("safety", "outcomes")),
    ],
)
def test_a_rule_taints_what_its_column_or_its_feed_is_for(feed, check_id, taints):
    columns = tuple(column.name for column in FEEDS[feed].columns)

    assert set(taints) <= set(taints_of_rule(feed, columns, check_id))


@pytest.mark.parametrize(
    ("table", "taints"),
    [
        ("stg_medications", ("medication", "therapy_and_medication")),
        ("agg_measures_by_site", ("sites",)),
        ("cmp_modality", ("modality",)),
        ("rpt_questions", ("quality",)),
        ("fct_relapses", ("relapse",)),
    ],
)
def test_a_table_taints_what_is_made_of_it(table, taints):
    assert taints_of_table(table) == taints


def test_an_output_names_reports_and_comparisons_that_exist():
    reports = {report.name for report in (*REPORTS, *QUALITY_REPORTS)}
    comparisons = {path.stem for path in protocols.FOLDER.glob("*.yml")}

    for output in OUTPUTS.values():
        assert set(output.reports) <= reports
        assert set(output.comparisons) <= comparisons
    named = {name for output in OUTPUTS.values() for name in output.comparisons}
    assert named == comparisons


def test_the_page_has_a_section_for_each_record_check():
    page = catalogue_page.render()

    for check in all_record_checks():
        assert f"#### `{check.feed}.{check.check_id}`" in page
        assert check.fix in page
    for stage in ("landing", "marts", "reports"):
        assert f"\n## {stage}\n" in page
