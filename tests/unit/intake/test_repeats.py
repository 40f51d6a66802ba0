"""What is kept of a delivery that repeats a load."""

import json

import duckdb
import pytest
from support import sent

from pipelines.errors import UsageError
from pipelines.intake import raw, withdrawal

NOTED = "select delivery, extracted_at::varchar from repeats order by 1"


def repeated(home):
    lines = map(json.loads, home.audit_file.read_text().splitlines())
    return [line["delivery"] for line in lines if line["action"] == "repeated"]


def test_an_unchanged_delivery_is_noted_with_the_day_it_was_sent(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    noting.deliver("2026-03-08", sent("north"))

    outcome = noting.ingest()

    assert (outcome.loaded, len(outcome.known)) == ([], 2)
    assert noting.rows(NOTED) == [("2026-03-08", "2026-03-08 00:00:00")]
    assert repeated(noting.home) == ["2026-03-08"]


def test_an_ingest_that_meets_the_same_again_writes_nothing(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.deliver("2026-03-08", sent("north"))
    noting.ingest()
    before = noting.rows("select * from repeats"), noting.home.audit_file.read_bytes()

    noting.ingest()

    after = noting.rows("select * from repeats"), noting.home.audit_file.read_bytes()
    assert (before, len(before[0])) == (after, 1)


def test_a_copy_under_another_name_is_no_new_sending(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.deliver("2026-03-01_copy", sent("north"))

    noting.ingest()

    assert noting.rows(NOTED) == []


def test_withdrawn_files_that_are_sent_again_are_heard(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    withdrawal.withdraw(noting.home, "clinic/2026-03-01", "a test extract")
    noting.deliver("2026-03-08", sent("north"))

    outcome = noting.ingest()

    assert outcome.loaded == []
    assert noting.rows(NOTED) == [("2026-03-08", "2026-03-08 00:00:00")]


def test_a_warehouse_made_before_repeats_were_kept_is_told(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    with duckdb.connect(str(noting.home.raw_file)) as con:
        con.execute("drop table repeats")

    with pytest.raises(UsageError, match="outcomes ingest"):
        raw.count_accepted(noting.home.raw_file, "2026-12-01T00:00:00Z")

    noting.ingest()
    assert raw.count_accepted(noting.home.raw_file, "2999-12-01T00:00:00Z") == 1
