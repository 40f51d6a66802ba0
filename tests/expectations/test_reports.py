"""Every guard of the reports stage is seen to fail."""

from importlib import import_module

import duckdb
import pytest

from pipelines.checks.expectations import run_suite
from pipelines.checks.results import stop_on_failure
from pipelines.errors import CheckFailedError

PARAMETERS = {
    "key": ("comparison_id",),
    "counts": (("people_count", None), ("observed_count", "people_count")),
    "rates": ("response_rate",),
    "minimum": 11,
}


SHOWN = "create table reports.rpt_effects_by_comparison as select 'a' as comparison_id, true as is_primary, {estimate}::double as estimate"


def guard(tmp_path, name, rows, before=(), **parameters):
    path = tmp_path / "outcomes.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema reports")
        for statement in before:
            con.execute(statement)
        con.execute(f"create table reports.{name} as {rows}")
    suite = import_module(f"expectations.reports.{name}").suite(
        **PARAMETERS | parameters
    )
    return run_suite(path, f"reports.{name}", suite, stage="reports", run_id="r")


def failing(results):
    return [result.check_id for result in results if result.stops_the_run]


NAME = "rpt_outcomes_by_arm_and_follow_up"
GOOD = "'a' as comparison_id, {people} as people_count, {observed} as observed_count, {rate} as response_rate"


@pytest.mark.parametrize(
    ("people", "observed", "rate", "expected"),
    [
        (100, 50, 0.5, []),
        (100, 0, 0.5, []),
        (100, 100, 1.0, []),
        (11, 11, 0.0, []),
        ("null", "null", "null", []),
        (
            10,
            10,
            0.5,
            [
                "people_count_is_zero_or_large_enough",
                "observed_count_is_zero_or_large_enough",
            ],
        ),
        (100, 10, 0.5, ["observed_count_is_zero_or_large_enough"]),
        (100, 90, 0.5, ["observed_count_leaves_zero_or_enough_of_people_count"]),
        (100, 101, 0.5, ["observed_count_leaves_zero_or_enough_of_people_count"]),
        (100, -1, 0.5, ["observed_count_is_zero_or_large_enough"]),
        (100, 50, 1.01, ["response_rate_is_a_share"]),
    ],
)
def test_a_small_cell_or_an_impossible_share_stops_the_run(
    tmp_path, people, observed, rate, expected
):
    rows = f"select {GOOD.format(people=people, observed=observed, rate=rate)}"

    assert failing(guard(tmp_path, NAME, rows)) == expected


def test_two_rows_of_one_key_and_a_pseudonym_stop_the_run(tmp_path):
    row = GOOD.format(people=50, observed=20, rate=0.5)
    results = guard(
        tmp_path, NAME, f"select 'p1' as patient_id, {row} union all select 'p2', {row}"
    )

    assert failing(results) == ["a_row_is_given_once", "no_column_names_a_person"]
    with pytest.raises(CheckFailedError, match="a_row_is_given_once"):
        stop_on_failure(results, "reports")


NO_COUNTS = {"counts": (), "rates": ()}


@pytest.mark.parametrize(
    ("is_withheld", "reason", "estimate", "expected"),
    [
        ("true", "'too few'", "null", []),
        ("false", "null", "1.0", []),
        ("true", "'too few'", "1.0", ["a_withheld_effect_shows_no_number"]),
        ("true", "null", "null", ["a_withheld_effect_says_why"]),
        ("true", "'7 people'", "null", ["withheld_reason_tells_no_hidden_count"]),
    ],
)
def test_a_withheld_effect_has_a_reason_and_no_number(
    tmp_path, is_withheld, reason, estimate, expected
):
    rows = (
        f"select 'a' as comparison_id, {is_withheld} as is_withheld, "
        f"{reason}::varchar as withheld_reason, {estimate}::double as estimate, "
        "null::double as estimate_low, null::double as estimate_high, null::double as p_value"
    )

    assert (
        failing(guard(tmp_path, "rpt_effects_by_comparison", rows, **NO_COUNTS))
        == expected
    )


@pytest.mark.parametrize(
    ("status", "answer", "estimate", "expected"),
    [
        ("'answered'", "'yes, by 2'", "2.0", []),
        ("'answered'", "'yes, by 2'", "null", ["an_answer_repeats_only_what_is_shown"]),
        ("'withheld'", "'too few'", "null", []),
        ("'withheld'", "'7 people'", "null", ["answer_tells_no_hidden_count"]),
        ("'perhaps'", "'yes'", "2.0", ["status_is_a_known_code"]),
        ("'answered'", "null", "2.0", ["every_question_has_an_answer_or_a_reason"]),
    ],
)
def test_a_question_has_a_known_status_and_an_answer(
    tmp_path, status, answer, estimate, expected
):
    rows = (
        f"select 'Q1' as question_id, 'a' as comparison_id, {status} as status, "
        f"{answer}::varchar as answer"
    )
    results = guard(
        tmp_path,
        "rpt_questions",
        rows,
        before=[SHOWN.format(estimate=estimate)],
        key=("question_id",),
        **NO_COUNTS,
    )

    assert failing(results) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("0.5, null, null, 'as it is', false", []),
        ("null, null, null, null, true", []),
        ("0.5, null, null, null, true", ["a_hidden_row_shows_no_number"]),
        ("null, 40, null, null, true", ["a_hidden_row_shows_no_number"]),
        ("null, null, true, null, true", ["a_hidden_row_shows_no_number"]),
        ("0.5, null, null, '7 people', false", ["note_tells_no_hidden_count"]),
        ("null, 7, null, null, false", ["people_count_is_zero_or_large_enough"]),
    ],
)
def test_a_hidden_diagnostic_shows_nothing(tmp_path, values, expected):
    names = ("value", "people_count", "is_passed", "note", "is_suppressed")
    types = ("double", "bigint", "boolean", "varchar", "boolean")
    given = ", ".join(
        f"{value}::{kind} as {name}"
        for value, kind, name in zip(values.split(", "), types, names, strict=True)
    )
    results = guard(
        tmp_path,
        "rpt_diagnostics_by_comparison",
        f"select 'a' as diagnostic_id, {given}",
        key=("diagnostic_id",),
        counts=(("people_count", None),),
        rates=(),
    )

    assert failing(results) == expected


@pytest.mark.parametrize(
    ("role", "expected"), [("harm", []), ("good", ["role_is_a_known_code"])]
)
def test_an_outcome_has_a_known_role(tmp_path, role, expected):
    rows = f"select 'a' as outcome_id, '{role}' as role"
    key = ("outcome_id",)
    name = "rpt_outcomes_of_comparison"

    assert failing(guard(tmp_path, name, rows, key=key, **NO_COUNTS)) == expected


CUT_OFFS = (
    "caseness_from_points",
    "reliable_change_points",
    "minimal_important_difference_points",
    "minimal_important_difference_share",
    "mild_from_points",
    "moderate_from_points",
    "moderately_severe_from_points",
    "severe_from_points",
    "very_severe_from_points",
    "remission_below_points",
    "response_floor_points",
)
WORDS = (
    "caseness_source",
    "reliable_change_source",
    "minimal_important_difference_source",
    "bands_source",
    "remission_source",
    "response_floor_source",
)


@pytest.mark.parametrize("shown", CUT_OFFS)
def test_a_cut_off_without_a_word_on_its_source_stops_the_run(tmp_path, shown):
    cut_offs = ", ".join(
        f"{'5' if name == shown else 'null'}::double as {name}" for name in CUT_OFFS
    )
    failed = []
    for folder, word in (("with", "'w'"), ("without", "null")):
        (tmp_path / folder).mkdir()
        sources = ", ".join(f"{word}::varchar as {name}" for name in WORDS)
        results = guard(
            tmp_path / folder,
            "rpt_instruments",
            f"select 'x' as instrument, {cut_offs}, {sources}",
            key=("instrument",),
            **NO_COUNTS,
        )
        failed.append(failing(results))

    assert failed == [[], ["every_cut_off_says_where_it_comes_from"]]


def test_a_row_lost_in_reconciliation_stops_the_run(tmp_path):
    rows = (
        "select 's' as source, 'patients' as feed, 10 as yielded_count, "
        "8 as loaded_count, 1 as quarantined_count, 0 as duplicate_count"
    )
    results = guard(
        tmp_path,
        "rpt_reconciliation_by_feed",
        rows,
        key=("source", "feed"),
        **NO_COUNTS,
    )

    assert failing(results) == ["rows_in_are_loaded_quarantined_or_duplicates"]


def test_a_check_that_cannot_run_is_an_error_and_stops_the_run(tmp_path):
    results = guard(
        tmp_path,
        NAME,
        "select 'a' as comparison_id, 20 as people_count, 0.5 as response_rate",
    )

    assert {result.status for result in results if result.stops_the_run} == {"error"}
