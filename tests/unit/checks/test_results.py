from dataclasses import replace

import pytest

from pipelines.checks.results import CheckResult, read, record, stop_on_failure
from pipelines.errors import CheckFailedError

PASSED = CheckResult(
    run_id="r",
    stage="raw",
    table_name="patients",
    check_id="patient_id_is_loaded_once",
    tool="gx",
    category="conformance",
    severity="critical",
    status="pass",
    tested_count=10,
    failed_count=0,
    source=None,
    load_id=None,
    checked_at="2026-11-22T06:00:00Z",
)
FAILED = replace(PASSED, status="fail", failed_count=2)


def test_results_are_kept_as_they_happen(tmp_path):
    file = tmp_path / "checks" / "r.jsonl"
    record(file, [PASSED])
    record(file, [FAILED])

    assert read(file) == [PASSED, FAILED]
    assert read(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    ("result", "stops"),
    [
        (PASSED, False),
        (replace(FAILED, severity="warning"), False),
        (FAILED, True),
        (replace(PASSED, status="error", severity="warning"), True),
    ],
)
def test_a_critical_failure_or_an_error_stops_the_run(result, stops):
    if not stops:
        stop_on_failure([PASSED, result], "raw")
        return
    with pytest.raises(CheckFailedError, match="patient_id_is_loaded_once"):
        stop_on_failure([PASSED, result], "raw")


def test_the_message_counts_rows():
    with pytest.raises(CheckFailedError, match=r"in 2 of 10 row\(s\)"):
        stop_on_failure([FAILED], "raw")
