import json
from dataclasses import asdict

import duckdb
import pytest
from support import MARKER

from expectations.building import (
    between,
    columns_are,
    in_set,
    no_rows,
    not_null,
    suite_of,
    unique,
)
from pipelines.checks.expectations import run_suite

ABOUT = {"category": "conformance", "why": "Because."}


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "create table t as select * from (values "
            f"(1, 'a', 1), (2, 'b', null), (2, '{MARKER}', 99)) as t (id, code, points)"
        )
    return path


def run(database, *checks):
    results = run_suite(
        database, "t", suite_of("raw.t", list(checks)), stage="raw", run_id="r"
    )
    return {
        result.check_id: (result.status, result.failed_count) for result in results
    }, results


def test_each_kind_of_check_passes_fails_and_counts(database):
    found, results = run(
        database,
        unique("id", check_id="unique", **ABOUT),
        not_null("points", check_id="given", **ABOUT),
        in_set("code", ["a", "b"], check_id="known", severity="warning", **ABOUT),
        between("points", 0, 27, check_id="possible", **ABOUT),
        columns_are(["id", "code"], check_id="columns", **ABOUT),
        columns_are(["id", "code", "points"], check_id="all_columns", **ABOUT),
        no_rows(
            "pattern",
            "select * from {batch} where not regexp_full_match(code, '[a-z]{1}')",
            **ABOUT,
        ),
        no_rows(
            "joined",
            "select 1 as x from {batch} as a inner join {batch} as b using (id) where a.code <> b.code",
            **ABOUT,
        ),
        no_rows("fine", "select * from {batch} where id < 0", **ABOUT),
    )

    assert found == {
        "unique": ("fail", 2),
        "given": ("fail", 1),
        "known": ("fail", 1),
        "possible": ("fail", 1),
        "columns": ("fail", None),
        "all_columns": ("pass", None),
        "pattern": ("fail", 1),
        "joined": ("fail", 2),
        "fine": ("pass", 0),
    }
    assert [result.severity for result in results].count("warning") == 1
    assert MARKER not in json.dumps([asdict(result) for result in results])


def test_a_check_that_cannot_be_evaluated_is_an_error_not_a_failure(database):
    found, _ = run(
        database,
        no_rows("nonsense", "select * from {batch} where nothing = 1", **ABOUT),
        not_null("nothing", check_id="no_column", **ABOUT),
    )

    assert found == {"nonsense": ("error", None), "no_column": ("error", None)}


def test_the_file_is_released_afterwards(database):
    run(database, unique("id", check_id="unique", **ABOUT))
    with duckdb.connect(str(database)) as con:
        con.execute("drop table t")


def test_two_checks_of_one_name_are_refused():
    check = unique("id", check_id="unique", **ABOUT)
    with pytest.raises(ValueError, match="two checks named unique"):
        suite_of("raw.t", [check, check])


def test_a_check_that_is_changed_gives_its_configuration_anew():
    check = no_rows("a", "select 1 from {batch}", category="x", why="y")
    before = check.configuration
    before.kwargs["unexpected_rows_query"] = "spoiled by its reader"
    kept = check.configuration
    check.severity = "warning"

    assert kept.kwargs["unexpected_rows_query"].startswith("with checked as")
    assert (kept.severity, check.configuration.severity) == ("critical", "warning")
