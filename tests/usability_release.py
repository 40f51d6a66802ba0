"""A made-up release whose usability can be judged."""

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.checks.results import CheckResult
from pipelines.intake import raw, repeats
from pipelines.release.quality import catalogue, freshness, usability

AS_OF = "2026-03-15T06:00:00.000000Z"


CHECK = "session_is_not_after_death"


OUTPUT = "attendance"
"""It is made of sessions."""


@dataclass(frozen=True)
class Entry:
    """A check as the catalogue lists it."""

    table_name: str = "sessions"
    check_id: str = CHECK
    taints: tuple[str, ...] = (OUTPUT,)
    severity: str = "warning"
    stage: str = "landing"
    category: str = "plausibility"
    owner: str = "data manager of the source"
    why: str = "Why."
    fix: str = "How."
    unit: str = "session"
    query: str = ""
    tolerated_share: float = 0.0
    tolerated_why: str = ""


class Release:
    """What the quality tables of one release say; by default nothing is wrong."""

    def __init__(self) -> None:
        self.con = con = duckdb.connect()
        con.execute("attach ':memory:' as raw")
        con.execute(f"use raw; {raw.BOOKKEEPING}; {repeats.TABLE}; use memory")
        for schema in ("quality", "staging", "reports", "estimates"):
            con.execute(f"create schema {schema}")
        con.execute("create table staging.stg_loads as from raw.loads limit 0")
        con.execute(
            "create table quality.reconciliation as "
            "select '' as source, * from raw.load_feeds limit 0"
        )
        columns = ", ".join(
            f"{name} {'bigint' if name.endswith('_count') else 'varchar'}"
            for name in CheckResult.__dataclass_fields__
        )
        con.execute(f"create table quality.check_results ({columns})")
        con.execute(
            "create table quality.drift (source varchar, feed varchar, "
            "measure varchar, grain varchar, is_beyond boolean)"
        )
        con.execute(
            "create table quality.checks_by_month (source varchar, feed varchar, "
            "check_id varchar, month date, tested_count bigint, failed_count bigint)"
        )
        con.execute(
            "create table quality.refused_by_month (source varchar, feed varchar, "
            "month date, rows_count bigint, refused_count bigint)"
        )
        con.execute(
            "create table reports.rpt_measures (measure_id varchar, status varchar)"
        )
        con.execute(
            "insert into reports.rpt_measures values ('attendance', 'measured')"
        )
        self.entries = [Entry()]

    def load(self, load_id="load", day=date(2026, 3, 1), every=31, source="clinic"):
        """Add a load of the sessions, none of them refused."""
        for table in ("raw.loads", "staging.stg_loads"):
            self.con.execute(
                f"insert into {table} (load_id, source, owner, contact, kind, "
                "date_mode, expected_every_days, extracted_at, data_to, accepted_at) "
                "values (?, ?, 'Owner', 'data@clinic.invalid', 'full', 'calendar', ?, "
                "?, ?, ?)",
                [load_id, source, every, day, day, day],
            )
        self.feed("sessions", load_id, source)
        return self

    def feed(self, name, load_id="load", source="clinic", refused=0, rows=1_000):
        """Say how many rows of a feed a load held and how many were refused."""
        self.con.execute(
            "delete from quality.reconciliation where load_id = ? and feed = ?",
            [load_id, name],
        )
        self.con.execute(
            "insert into quality.reconciliation values (?, ?, ?, ?, ?, ?, ?, 0)",
            [source, load_id, name, rows > 0, rows, rows - refused, refused],
        )
        return self

    def result(
        self,
        tested=1_000,
        failed=0,
        status=None,
        severity="warning",
        check_id=CHECK,
        load_id="load",
        table="sessions",
        source="clinic",
    ):
        """Add a check's result."""
        found = CheckResult(
            "run",
            "landing",
            table,
            check_id,
            "sql",
            "plausibility",
            severity,
            status or ("fail" if failed else "pass"),
            tested,
            failed,
            source,
            load_id,
            "",
        )
        values = list(vars(found).values())
        marks = ", ".join("?" * len(values))
        self.con.execute(f"insert into quality.check_results values ({marks})", values)
        return self

    def judged(self, output=OUTPUT, minimum=11, as_of=AS_OF):
        """Return the row of an output."""
        self._judge(minimum, as_of)
        (row,) = (
            self.con.sql(f"from quality.usability where report = '{output}'")
            .to_arrow_table()
            .to_pylist()
        )
        return row

    def judged_month(self, output=OUTPUT, minimum=11):
        """Return month and status of an output."""
        self._judge(minimum, AS_OF)
        return self.con.execute(
            "select month, status, reasons from quality.usability_by_month "
            "where output_id = ? order by month",
            [output],
        ).fetchall()

    def _judge(self, minimum, as_of):
        self.con.execute(
            "create or replace table quality.loads as from staging.stg_loads"
        )
        freshness.make(self.con, as_of)
        catalogue.make(self.con, self.entries)
        usability.make(self.con, minimum, 5)
