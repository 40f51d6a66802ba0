"""When a source was heard from, and what counts of it."""

from datetime import date, datetime

import duckdb
import pytest

from pipelines.intake import raw, repeats
from pipelines.release.quality import freshness

AS_OF = "2026-03-15T06:00:00Z"


class Sources:
    """Loads and repeats, as the raw warehouse and staging hold them."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute("attach ':memory:' as raw")
        self.con.execute(f"use raw; {raw.BOOKKEEPING}; {repeats.TABLE}; use memory")
        self.con.execute("create schema quality; create schema staging")
        self.con.execute("create table staging.stg_loads as from raw.loads limit 0")

    def load(self, sent, counts=True, source="clinic", owner="Owner", accepted=None):
        day = date.fromisoformat(sent)
        tables = ("raw.loads", *["staging.stg_loads"] * counts)
        for table in tables:
            self.con.execute(
                f"insert into {table} (load_id, source, owner, contact, kind, "
                "date_mode, expected_every_days, extracted_at, data_to, accepted_at) "
                "values (?, ?, ?, 'data@clinic.invalid', 'full', 'calendar', 31, ?, "
                "?, ?)",
                [f"{source} {sent}", source, owner, day, day, accepted or day],
            )
        return self

    def repeat(self, sent, noted, source="clinic"):
        self.con.execute(
            "insert into raw.repeats values (?, ?, 'files', ?, ?)",
            [source, sent, sent, noted],
        )
        return self

    def found(self, *columns, as_of=AS_OF):
        freshness.make(self.con, as_of)
        return self.con.execute(
            f"select {', '.join(columns)} from quality.freshness order by source"
        ).fetchall()


@pytest.fixture
def sources() -> Sources:
    return Sources()


def test_a_repeat_counts_as_heard_from(sources):
    sources.load("2026-01-01").repeat("2026-03-01", "2026-03-02")

    assert sources.found("last_sent_on", "newest_delivery_on", "next_due_on") == [
        (date(2026, 3, 1), date(2026, 1, 1), date(2026, 4, 1))
    ]
    assert sources.found("is_late") == [(False,)]


@pytest.mark.parametrize(
    ("as_of", "last", "is_late"),
    [
        ("2026-03-02T11:59:59Z", date(2026, 1, 1), True),
        ("2026-03-02T12:00:00Z", date(2026, 3, 1), False),
    ],
)
def test_a_repeat_is_heard_from_when_it_was_met(sources, as_of, last, is_late):
    sources.load("2026-01-01").repeat("2026-03-01", datetime(2026, 3, 2, 12))

    assert sources.found("last_sent_on", "is_late", as_of=as_of) == [(last, is_late)]


def test_a_repeat_of_an_older_day_moves_nothing(sources):
    sources.load("2026-03-01").repeat("2026-01-01", "2026-03-02")

    assert sources.found("last_sent_on") == [(date(2026, 3, 1),)]


def test_a_source_without_a_load_in_force_is_listed(sources):
    sources.load("2026-02-20", counts=False).load("2026-03-01", source="ward")

    assert sources.found(
        "source", "is_in_force", "last_sent_on", "newest_delivery_on", "data_to"
    ) == [
        ("clinic", False, date(2026, 2, 20), None, None),
        ("ward", True, date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1)),
    ]


def test_a_withdrawn_delivery_was_sent_all_the_same(sources):
    sources.load("2026-01-01", owner="Counts").load("2026-03-01", False, owner="Gone")

    assert sources.found("last_sent_on", "newest_delivery_on", "owner", "is_late") == [
        (date(2026, 3, 1), date(2026, 1, 1), "Counts", False)
    ]


def test_what_was_accepted_after_the_instant_of_the_run_is_not_told(sources):
    sources.load("2026-03-01", counts=False, accepted=datetime(2026, 3, 15, 6, 0, 1))

    assert sources.found("source") == []
    assert sources.found("source", as_of="2026-03-15T06:00:01Z") == [("clinic",)]
