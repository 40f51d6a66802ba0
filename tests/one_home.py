"""One home: deliver to it, look into it, and see a delivery refused whole."""

import duckdb
from support import MARKER, write_delivery

from pipelines.intake.ingest import ingest

RUN = "run-1"


def deliver(home, feeds, name="2026-03-01", manifest=None):
    return write_delivery(home.landing / "clinic" / name, feeds, manifest)


def rows(home, sql):
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        return con.execute(sql).fetchall()


def refusal(home, settings):
    outcome = ingest(home, settings, RUN)
    assert outcome.loaded == []
    assert rows(home, "select count(*) from patients") == [(0,)]
    assert rows(home, "select count(*) from loads") == [(0,)]
    (error,) = outcome.refused.values()
    written = home.checks_file(RUN)
    told = str(error) + home.audit_file.read_text()
    told += written.read_text() if written.exists() else ""
    assert MARKER not in told
    return error
