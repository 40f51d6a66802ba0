"""A few made-up rows of each feed, and what one record check says of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from expectations.records import record_checks
from pipelines.checks import record_views
from pipelines.intake.feeds import FEEDS
from pipelines.settings import Settings

EXTRACTED_ON = date(2024, 7, 1)

DEFAULTS = {
    "patients": {"birth_year": 1980, "observed_from": date(2020, 1, 1)},
    "clinicians": {"clinician_id": "c1", "site_id": "s1"},
    "sites": {"site_id": "s1"},
    "episodes": {
        "episode_id": "e1",
        "patient_id": "p1",
        "site_id": "s1",
        "referred_on": date(2024, 1, 1),
        "started_on": date(2024, 2, 1),
    },
    "sessions": {
        "patient_id": "p1",
        "clinician_id": "c1",
        "site_id": "s1",
        "held_on": date(2024, 3, 1),
        "attendance": "attended",
    },
    "assessments": {
        "patient_id": "p1",
        "instrument": "phq9",
        "completed_on": date(2024, 3, 1),
    },
    "medications": {
        "patient_id": "p1",
        "ingredient": "sertraline",
        "started_on": date(2024, 3, 1),
        "record_type": "dispensed",
    },
    "diagnoses": {"patient_id": "p1", "code": "F32.1", "recorded_on": date(2024, 3, 1)},
}
"""What a row has unless it says otherwise."""


@dataclass(frozen=True)
class Case:
    """Rows on both sides of one check."""

    feed: str
    check_id: str
    doubted: tuple[str, ...]
    """Units that the check finds, of those below."""

    rows: dict[str, list[dict]] = field(default_factory=dict)
    """Rows by feed; the key's column may be left out of the first of each."""

    is_calendar: bool = True

    def __str__(self) -> str:
        return f"{self.feed}.{self.check_id}"


@contextmanager
def empty_feeds() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database with every feed, empty, and the views that checks read."""
    with record_views.opened(Settings(threads=1), Path()) as con:
        con.execute(
            "create table delivery (extracted_on date, data_to date, is_calendar boolean)"
        )
        for name, feed in FEEDS.items():
            columns = ", ".join(f'"{c.name}" {c.sql_type}' for c in feed.columns)
            con.execute(f"create table {name} ({columns}, is_judged boolean)")
            con.execute(
                f"create view judged_{name} as select * exclude (is_judged) "
                f"from {name} where is_judged"
            )
            con.execute(f"create view keys_of_{name} as select {feed.key} from {name}")
        yield con


def judge(con: duckdb.DuckDBPyConnection, case: Case) -> tuple[set[str], int]:
    """Return the units that the case's check doubts, and how many it tested."""
    (check,) = (c for c in record_checks(case.feed) if c.check_id == case.check_id)
    _lay_out(con, case)
    record_views.judge_feed(con, case.feed)
    units = con.execute(
        f"select unit, on_day, is_failed from ({check.query})"
    ).fetchall()
    return {unit for unit, _, is_failed in units if is_failed}, len(units)


def answers(*given: int | None) -> dict[str, int | None]:
    """Return the columns of so many answers."""
    return {f"item_{n}": answer for n, answer in enumerate(given, start=1)}


def days(count: int, first: date = date(2024, 1, 1), step: int = 1) -> list[date]:
    """Return so many days, one after the other."""
    return [first + timedelta(days=step * n) for n in range(count)]


def _lay_out(con: duckdb.DuckDBPyConnection, case: Case) -> None:
    con.execute("delete from delivery")
    con.execute(
        "insert into delivery values (?, null, ?)",
        [EXTRACTED_ON if case.is_calendar else None, case.is_calendar],
    )
    for name, feed in FEEDS.items():
        con.execute(f"delete from {name}")
        for nth, given in enumerate(case.rows.get(name, [])):
            row = {
                feed.key: f"{name}{nth}",
                "is_judged": True,
                **DEFAULTS[name],
                **given,
            }
            con.execute(
                f"insert into {name} ({', '.join(row)}) values "
                f"({', '.join('?' * len(row))})",
                list(row.values()),
            )
