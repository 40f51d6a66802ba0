"""What the quality tables take from the raw warehouse, and as of when."""

from datetime import datetime

import duckdb
import pytest

from pipelines.intake import raw
from pipelines.intake import refusals as intake_refusals
from pipelines.intake.drift import checks, comparing
from pipelines.release.quality import catalogue, drift, refusals


@pytest.fixture
def con():
    """A build of two loads of one source, of which the older still counts."""
    con = duckdb.connect()
    con.execute("attach ':memory:' as raw")
    con.execute(
        f"use raw; {raw.BOOKKEEPING}; {intake_refusals.TABLE}; {comparing.BOOKKEEPING}; "
        "use memory"
    )
    con.execute("create schema quality; create schema staging")
    con.execute(
        "create table staging.stg_loads as select * from (values "
        "('old', 'clinic', timestamp '2026-01-01', timestamp '2026-01-02'), "
        "('new', 'clinic', timestamp '2026-02-01', timestamp '2026-02-02')) "
        "as loads(load_id, source, extracted_at, accepted_at)"
    )
    con.execute(
        "create table staging.stg_load_feeds as "
        "select load_id, true as is_current from staging.stg_loads"
    )
    return con


def test_drift_says_which_load_is_the_newest(con):
    for load_id in ("old", "new", "not_accepted"):
        con.execute(
            "insert into raw.load_drift values (?, 'sessions', 'rows', '', 500, 600, "
            "50, true, 100)",
            [load_id],
        )

    drift.make(con)

    found = con.execute(
        "select source, load_id, is_newest from quality.drift"
    ).fetchall()
    assert sorted(found) == [("clinic", "new", True), ("clinic", "old", False)]


@pytest.mark.parametrize(
    ("as_of", "tries"),
    [
        ("2026-03-01T11:59:59Z", []),
        ("2026-03-01T12:00:00Z", [(datetime(2026, 3, 1, 12), 1)]),
        ("2026-03-02T11:59:59Z", [(datetime(2026, 3, 1, 12), 1)]),
        ("2026-03-02T12:00:00Z", [(datetime(2026, 3, 1, 12), 2)]),
    ],
)
def test_a_refusal_is_told_as_often_as_it_had_happened(con, as_of, tries):
    for day in (1, 2):
        con.execute(
            "insert into raw.refusals values ('run', 'clinic', '2026-03-01', 'load', "
            "?, 'checks', 'Why.')",
            [datetime(2026, 3, day, 12)],
        )

    refusals.make(con, as_of)

    assert (
        con.execute("select refused_at, tries_count from quality.refusals").fetchall()
        == tries
    )


def test_the_catalogue_lists_each_check_of_drift_once(con):
    listed = list(checks.entries())

    catalogue.make(con, listed)

    rows = con.execute(
        "select count(*), count(distinct (stage, table_name, check_id)), "
        "count(*) filter (taints = '' or why = '' or fix = '' or owner = '') "
        "from quality.check_catalogue"
    ).fetchone()
    assert rows == (len(listed), len(listed), 0)


def test_every_check_that_drift_makes_is_in_the_catalogue():
    texts = [
        (comparing.FOLDER / f"{name}.sql").read_text(encoding="utf-8")
        for name in (*comparing.COMPARISONS, comparing.OF_FULL_SOURCES)
    ]
    listed = {check.check_id for check in checks.entries()}

    for check_id in listed - {"columns_are_as_before"}:
        assert sum(f"'{check_id}'" in text for text in texts) >= 1, check_id
