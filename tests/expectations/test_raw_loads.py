"""The guard of raw.loads, on rows either side of being late."""

import duckdb
import pytest

from expectations.raw.loads import suite
from pipelines.checks.expectations import run_suite
from pipelines.intake import raw

NEW = ("new", "clinic", "files", "2026-03-02", None, None)
NOON = "2026-06-01 12:00:00"

# load_id, source, files_id, extracted_at, accepted_at, withdrawn_at
LOADED_BEFORE = {
    "nothing": ([], "pass"),
    "an older one": ([("a", "clinic", "f", "2026-03-01", NOON, None)], "pass"),
    "one of that instant": ([("a", "clinic", "f", "2026-03-02", NOON, None)], "pass"),
    "a newer one": ([("a", "clinic", "f", "2026-03-02 00:00:01", NOON, None)], "fail"),
    "a newer one of another source": (
        [("a", "ward", "f", "2026-03-03", NOON, None)],
        "pass",
    ),
    "a newer one that was not accepted": (
        [("a", "clinic", "f", "2026-03-03", None, None)],
        "pass",
    ),
    "a newer one that was withdrawn": (
        [("a", "clinic", "f", "2026-03-03", NOON, NOON)],
        "pass",
    ),
    "a newer one, and this one read by a former adapter": (
        [
            ("a", "clinic", "f", "2026-03-03", NOON, None),
            ("b", "clinic", "files", "2026-03-02", NOON, None),
        ],
        "pass",
    ),
    "a newer one, and these files at another time": (
        [
            ("a", "clinic", "f", "2026-03-03", NOON, None),
            ("b", "clinic", "files", "2026-03-01", NOON, None),
        ],
        "fail",
    ),
}


@pytest.mark.parametrize(("loads", "status"), LOADED_BEFORE.values(), ids=LOADED_BEFORE)
def test_a_delivery_is_late_beside_a_newer_one_that_counts(tmp_path, loads, status):
    raw_file = tmp_path / "raw.duckdb"
    with duckdb.connect(str(raw_file)) as con:
        raw.make_tables(con)
        con.executemany(
            "insert into loads (load_id, source, files_id, extracted_at, accepted_at, "
            "withdrawn_at) values (?, ?, ?, ?, ?, ?)",
            [*loads, NEW],
        )
    (result,) = run_suite(
        raw_file,
        "loads",
        suite(),
        query="select * from loads where load_id = 'new'",
        stage="raw",
        run_id="run",
    )

    assert (result.status, result.severity) == (status, "warning")
