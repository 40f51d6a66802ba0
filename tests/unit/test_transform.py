import json

import pytest

from pipelines import transform, transform_results
from pipelines.errors import PipelineError, UsageError
from pipelines.settings import Home, Settings

MARKER = "SECRET4242"
CONTRACT = """Compilation Error in model fct_x (models/marts/fct_x.sql)
  This model has an enforced contract that failed.
  Please ensure the name, data_type, and number of columns in your contract match.

  | column_name  | definition_type | contract_type | mismatch_reason    |
  | ------------ | --------------- | ------------- | ------------------ |
  | covered_days | VARCHAR         | INTEGER       | data type mismatch |
"""


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            "Runtime Error in model fct_x (models/marts/fct_x.sql)\n"
            f"  Conversion Error: Could not convert string '{MARKER}' to INT32",
            "Conversion Error",
        ),
        (
            f'Constraint Error: Duplicate key "patient_id: {MARKER}" violates unique',
            "Constraint Error",
        ),
        (f'Invalid Input Error: date out of range: "{MARKER}"', "Invalid Input Error"),
        (f"Conversion Error: '{MARKER} Binder Error: x'", "Conversion Error"),
        (f"Binder Error: x\nConversion Error: '{MARKER}'", "Conversion Error"),
        (f"IO Error: Could not read file {MARKER}", "IO Error"),
        (f"{MARKER} Error: Parser Error: near 1", "Parser Error"),
        (f"Mrs Doe Error: Parser Error: near {MARKER}", "Parser Error"),
        (f"Could not convert string '{MARKER}'", "Error"),
        (f"Runtime Error\n  '{MARKER}'", "Error"),
        (f"Got 1 result, configured to fail if != 0: {MARKER}", "Error"),
        (None, "Error"),
    ],
)
def test_a_message_that_can_repeat_a_value_is_named_and_not_shown(message, kind):
    shown = transform_results.scrub(message)

    assert kind in shown
    assert "withheld" in shown
    assert MARKER not in shown
    assert "Doe" not in shown


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (CONTRACT, "covered_days | VARCHAR         | INTEGER"),
        (
            "Runtime Error in model m (models/m.sql)\n"
            '  Binder Error: Referenced column "pionts" not found in FROM clause!',
            "pionts",
        ),
        ("Parser Error: syntax error at or near 'selct'", "selct"),
        ("Catalog Error: Table with name stg_x does not exist!", "stg_x"),
    ],
)
def test_a_message_about_code_is_shown(message, told):
    assert told in transform_results.scrub(message)


def test_a_message_about_code_is_shown_without_paths_and_in_one_screen():
    message = "Parser Error: in /home/someone/outcomes/builds/x.duckdb: " + "x" * 5000
    shown = transform_results.scrub(message)

    assert "someone" not in shown
    assert "<path>" in shown
    assert len(shown) <= 1500


def node(name: str, resource_type: str = "test", **values) -> dict:
    return {
        "name": name,
        "resource_type": resource_type,
        "config": {"severity": "ERROR", "meta": {}, **values.pop("config", {})},
        "test_metadata": {"name": values.pop("kind", "unique")},
        "column_name": values.pop("column", None),
        "attached_node": values.pop("on", "model.t.fct_x"),
        "depends_on": {"nodes": values.pop("parents", ["model.t.fct_x"])},
        "columns": {},
        "schema": "marts",
        **values,
    }


def read(*pairs):
    """Read results of (node, status, failures, message) on a project of one model."""
    outcomes, nodes = [], {"model.t.fct_x": node("fct_x", "model")}
    for n, (one, status, failures, message) in enumerate(pairs):
        nodes[f"id.{n}"] = one
        outcomes.append(
            {
                "unique_id": f"id.{n}",
                "status": status,
                "failures": failures,
                "message": message,
            }
        )
    manifest = {
        "nodes": nodes,
        "sources": {"source.t.raw.loads": {"source_name": "raw", "name": "loads"}},
        "unit_tests": {},
    }
    return transform_results.read_results(
        {"results": outcomes}, manifest, "run_1", "marts"
    )


def test_a_test_becomes_a_result_with_its_table_check_severity_and_count():
    [result] = read(
        (
            node(
                "fct_x__scores_are_possible",
                kind="expression_is_true",
                config={"severity": "warn"},
            ),
            "warn",
            3,
            "Got 3 results",
        )
    )

    assert result.table_name == "fct_x"
    assert result.check_id == "scores_are_possible"
    assert result.tool == "dbt"
    assert result.category == "plausibility"
    assert (result.severity, result.status) == ("warning", "fail")
    assert result.failed_count == 3
    assert result.tested_count is None
    assert not result.stops_the_run


def test_a_failed_critical_test_stops_the_run():
    [result] = read((node("fct_x__x"), "fail", 1, "Got 1 result"))

    assert result.stops_the_run


def test_a_test_states_its_category_or_has_one_by_kind():
    results = read(
        (node("a", kind="not_null", column="points"), "pass", 0, None),
        (node("b", kind="relationships", column="points"), "pass", 0, None),
        (
            node(
                "c", kind="not_null", column="p", config={"meta": {"category": "other"}}
            ),
            "pass",
            0,
            None,
        ),
    )

    assert [r.category for r in results] == ["completeness", "conformance", "other"]
    assert [r.check_id for r in results][:2] == [
        "points_not_null",
        "points_relationships",
    ]


def test_a_test_on_a_source_names_the_raw_table():
    [result] = read(
        (
            node("raw_loads__x", on=None, parents=["source.t.raw.loads"]),
            "pass",
            0,
            None,
        )
    )

    assert (result.table_name, result.check_id) == ("raw.loads", "x")


def test_a_unit_test_is_a_critical_check_of_its_model():
    unit = node("fct_x__thresholds", "unit_test", model="fct_x")
    [result] = read((unit, "fail", 1, "actual differs from expected"))

    assert (result.table_name, result.check_id) == ("fct_x", "thresholds")
    assert result.stops_the_run


def test_a_contract_is_a_check_and_a_broken_one_is_an_error_that_is_explained(caplog):
    contract = {"contract": {"enforced": True}}
    held, broken, plain, failed = read(
        (node("fct_a", "model", config=contract), "success", None, "OK"),
        (node("fct_b", "model", config=contract), "error", None, CONTRACT),
        (node("fct_c", "model", config=contract), "error", None, "Binder Error: y"),
        (node("seed_d", "seed"), "error", None, f"Conversion Error: '{MARKER}'"),
    )

    assert (held.check_id, held.status) == ("contract_holds", "pass")
    assert (broken.check_id, broken.status) == ("contract_holds", "error")
    assert (plain.check_id, plain.status) == ("model_can_be_built", "error")
    assert (failed.check_id, failed.status) == ("seed_can_be_built", "error")
    assert "fct_b.contract_holds" in caplog.text
    assert "covered_days" in caplog.text
    assert MARKER not in caplog.text


def test_what_was_skipped_and_a_view_that_was_built_have_no_result():
    assert (
        read(
            (node("stg_x", "model"), "success", None, "OK"),
            (node("fct_x__x"), "skipped", None, None),
        )
        == []
    )


def test_a_test_that_could_not_run_is_an_error_without_a_count():
    [result] = read((node("fct_x__x"), "error", None, f"Conversion Error '{MARKER}'"))

    assert (result.status, result.failed_count) == ("error", None)


def test_a_stage_that_dbt_does_not_build_is_refused(tmp_path):
    with pytest.raises(UsageError, match="reports"):
        transform.build_stage(
            Home(tmp_path), "run_1", "reports", "2026-01-01", Settings()
        )


def test_without_a_raw_warehouse_the_message_says_what_to_do(tmp_path):
    with pytest.raises(PipelineError, match="outcomes ingest"):
        transform.build_stage(
            Home(tmp_path), "run_1", "staging", "2026-01-01", Settings()
        )


def test_dbt_that_ends_without_results_is_reported_without_its_output(
    tmp_path, monkeypatch
):
    home = Home(tmp_path)
    home.raw_file.parent.mkdir(parents=True)
    home.raw_file.touch()
    monkeypatch.setattr(
        transform.sys, "executable", _program(tmp_path, f"echo '{MARKER}'; exit 2")
    )

    with pytest.raises(PipelineError, match="exit code 2") as caught:
        transform.build_stage(home, "run_1", "marts", "2026-01-01", Settings())

    assert MARKER not in str(caught.value)
    assert list(home.build_folder("run_1").iterdir()) == []


def test_what_a_killed_run_left_is_removed(tmp_path, monkeypatch):
    home = Home(tmp_path)
    home.raw_file.parent.mkdir(parents=True)
    home.raw_file.touch()
    left = home.build_folder("run_1") / ".dbt-left"
    left.mkdir(parents=True)
    (left / "dbt.log").write_text(MARKER)
    monkeypatch.setattr(transform.sys, "executable", _program(tmp_path, "exit 1"))

    with pytest.raises(PipelineError):
        transform.build_stage(home, "run_1", "marts", "2026-01-01", Settings())

    assert not left.exists()


def test_dbt_is_told_nothing_by_the_persons_own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_TARGET", "mine")
    home = Home(tmp_path)

    environment = transform.environment(home, "run_1", Settings(threads=3))

    assert "DBT_TARGET" not in environment
    assert environment["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "0"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["OUTCOMES_THREADS"] == "3"
    assert environment["OUTCOMES_RAW_FILE"] == str(home.raw_file)


def test_needs_lists_mart_columns_only(tmp_path):
    columns = {
        "sex": {"name": "sex", "config": {"meta": {"needs": ["patients.sex"]}}},
        "patient_id": {"name": "patient_id", "config": {}},
    }
    nodes = {
        "a": node("dim_x", "model", columns=columns),
        "b": node("stg_x", "model", columns=columns, schema="staging"),
        "c": node("dim_x__test"),
    }
    path = tmp_path / "needs.json"

    transform._write_needs(path, {"nodes": nodes})

    assert json.loads(path.read_text()) == [
        {"table": "dim_x", "column": "sex", "needs": ["patients.sex"]}
    ]


def _program(folder, script: str) -> str:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)
