"""Which checks a release tells of: those of the run, and of the loads it reads."""

import duckdb
import pytest

from pipelines.checks.results import CheckResult, record
from pipelines.intake.ledger import IS_LATE
from pipelines.release.quality import collect_check_results


def result(load_id, check_id, status="fail"):
    return CheckResult(
        run_id=f"run of {load_id}",
        stage="raw",
        table_name="loads",
        check_id=check_id,
        tool="gx",
        category="plausibility",
        severity="warning",
        status=status,
        tested_count=1,
        failed_count=int(status == "fail"),
        source="clinic",
        load_id=load_id,
        checked_at="2026-03-01T06:00:00Z",
    )


@pytest.fixture
def told(home):
    """Return load and check of what is told where loads came in the order given.

    A load is its day of extraction; all are full, so the newest by that day counts.
    """

    def collect(arrived, *results):
        for one in results:
            record(home.checks_file(one.run_id), [one])
        with duckdb.connect() as con:
            con.execute("create schema staging")
            con.execute(
                "create table staging.stg_loads (load_id varchar, run_id varchar, "
                "source varchar, extracted_at timestamp, accepted_at timestamp)"
            )
            for number, day in enumerate(arrived, start=1):
                con.execute(
                    "insert into staging.stg_loads values (?, ?, 'clinic', ?, ?)",
                    [day, f"run of {day}", day, f"2026-06-0{number}"],
                )
            con.execute(
                "create table staging.stg_load_feeds as select load_id, "
                "load_id = max(load_id) over () as is_current from staging.stg_loads"
            )
            collect_check_results(con, home, "run")
            return con.execute(
                "select load_id, check_id from quality.check_results order by all"
            ).fetchall()

    return collect


LATE, NEWEST = "2026-03-02", "2026-03-03"


def test_that_a_full_delivery_came_late_is_told(told):
    found = told([NEWEST, LATE], result(LATE, IS_LATE), result(NEWEST, "other"))

    assert found == [(LATE, IS_LATE), (NEWEST, "other")]


def test_what_else_was_found_in_rows_that_do_not_count_is_not_told(told):
    found = told([NEWEST, LATE], result(LATE, "other"), result(LATE, IS_LATE, "pass"))

    assert found == []


def test_it_is_told_until_the_source_sends_a_newer_delivery(told):
    assert told([NEWEST, LATE, "2026-03-04"], result(LATE, IS_LATE)) == []
