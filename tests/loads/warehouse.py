"""A raw warehouse in memory, loaded through the queue, read by the staging models.

The models' own texts are rendered once, with Jinja alone; tests/dbt runs them in dbt.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import jinja2
from loads.sendings import Sending

from pipelines.intake import ledger, raw
from pipelines.intake.deliveries import Delivery
from pipelines.intake.ledger import Load
from pipelines.intake.queue import Outcome, take_in
from pipelines.intake.sources import Source
from pipelines.settings import PROJECT_ROOT

DBT = PROJECT_ROOT / "dbt_project"
MODELS = ("stg_loads", "stg_load_feeds", "stg_patients", "stg_sites")
FEEDS = {"patients": ("patient_id", "birth_year"), "sites": ("site_id", "region")}
"""Key and value column of the feeds that are sent here."""

READ = [
    f"select source, '{feed}', {key}, {column} from staging.stg_{feed}"
    for feed, (key, column) in FEEDS.items()
]
FIRST_INSTANT = datetime(2026, 6, 1)


class Warehouse:
    """Loads as the product keeps them; an ingest is an instant later than the last."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        """Start empty, on a connection from `connect`."""
        self.con = con
        self.loads: list[Load] = []
        self.sent: dict[str, tuple[Sending, int]] = {}
        self.now = FIRST_INSTANT
        self._written: list[Load] | None = None

    def ingest(
        self,
        sendings: Iterable[Sending],
        reading: int = 0,
        again: Iterable[str] = (),
    ) -> Outcome:
        """Take in what lies in landing; an adapter adds its number to every value."""
        waiting = [_delivery(sent, reading) for sent in sendings]
        by_name = {(s.source, s.name): s for s in sendings}

        def load(delivery: Delivery) -> bool:
            self.now += timedelta(seconds=1)
            sent = by_name[delivery.source.name, delivery.name]
            self.sent[delivery.load_id] = (sent, reading)
            self.loads.append(
                Load(
                    load_id=delivery.load_id,
                    source=delivery.source.name,
                    delivery=delivery.name,
                    files_id=delivery.files_id,
                    content_id=delivery.content_id,
                    extracted_at=delivery.extracted_at,
                    accepted_at=self.now,
                )
            )
            return False

        return take_in(waiting, lambda: self.loads, load, again)

    def withdraw(self, source: str, name: str) -> None:
        """Withdraw every load of a delivery."""
        self.now += timedelta(seconds=1)
        self.loads = [
            replace(load, withdrawn_at=load.withdrawn_at or self.now)
            if (load.source, load.delivery) == (source, name)
            else load
            for load in self.loads
        ]

    def rows(self, as_of: datetime | None = None) -> set[tuple[str, str, str, int]]:
        """Return source, feed, key and value of the rows that staging counts."""
        self._write()
        self.con.execute("set variable as_of = ?", [as_of or self.now])
        found = self.con.execute(" union all ".join(READ)).fetchall()
        return {(source, feed, key, int(value)) for source, feed, key, value in found}

    def in_force(self) -> tuple[set[str], set[str]]:
        """Return the loads that count, by staging and by the ledger's own query."""
        staged = self.con.execute(
            "select distinct load_id from staging.stg_load_feeds where is_current"
        ).fetchall()
        self.con.execute("use raw")
        found = ledger.in_force(self.con, self.now)
        self.con.execute("use memory")
        return {row[0] for row in staged}, found

    def _write(self) -> None:
        if self._written == self.loads:
            return
        self._written = list(self.loads)
        rows: dict[str, list[tuple]] = {"loads": [], "load_feeds": []}
        rows.update({feed: [] for feed in FEEDS})
        for load in self.loads:
            sent, added = self.sent[load.load_id]
            rows["loads"].append((*vars(load).values(), sent.kind))
            for feed, some in sent.feeds:
                rows["load_feeds"].append((load.load_id, feed, True))
                rows[feed] += [
                    (load.load_id, sent.source, r.is_deleted, r.key, r.value + added)
                    for r in some
                ]
        columns = {
            "loads": (*ledger.COLUMNS, "kind"),
            "load_feeds": ("load_id", "feed", "is_supplied"),
        }
        for feed, own in FEEDS.items():
            columns[feed] = ("load_id", "source", "is_deleted", *own)
        self.con.execute("begin")
        for table, some in rows.items():
            self.con.execute(f"delete from raw.{table}")
            if some:
                marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in some)
                self.con.execute(
                    f"insert into raw.{table} ({', '.join(columns[table])}) "
                    f"values {marks}",
                    [value for row in some for value in row],
                )
        self.con.execute("commit")


def connect(raw_file: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection with the raw tables and the staging models as views.

    Args:
        raw_file: A raw warehouse to read; by default an empty one in memory.
    """
    con = duckdb.connect(config={"threads": 1})
    if raw_file:
        con.execute(f"attach '{raw_file}' as raw (read_only)")
    else:
        con.execute("attach ':memory:' as raw")
        con.execute("use raw")
        raw.make_tables(con)
        con.execute("use memory")
    con.execute("create schema staging")
    con.execute("set variable as_of = timestamp '2026-01-01'")
    for name in MODELS:
        con.execute(f"create view staging.{name} as {_rendered(name)}")
    return con


def _rendered(model: str) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(DBT))
    environment.globals.update(
        ref=lambda name: f"staging.{name}",
        source=lambda _, table: f"raw.{table}",
        as_of=lambda: "getvariable('as_of')",
    )
    text = (DBT / "models" / "staging" / f"{model}.sql").read_text("utf-8")
    macros = "{% from 'macros/current_rows.sql' import current_rows with context %}"
    return environment.from_string(macros + text).render()


def _delivery(sent: Sending, reading: int) -> Delivery:
    files_id = hashlib.sha256(repr((sent.kind, sent.feeds)).encode()).hexdigest()[:16]
    content_id = hashlib.sha256(f"{reading} {sent.source} {files_id}".encode())
    source = Source(
        name=sent.source,
        owner="",
        contact="",
        namespace="n",
        kind=sent.kind,
        date_mode="calendar",
        expected_every_days=1,
        optional_feeds=(),
        csv_delimiter=",",
        csv_encoding="utf-8",
        csv_decimal=".",
        disclosure_profile="default",
        adapters={},
        fingerprint=str(reading),
    )
    return Delivery(
        source=source,
        folder=Path(sent.name),
        files=(),
        extracted_at=sent.extracted_at,
        data_to=None,
        declared_rows={},
        files_id=files_id,
        content_id=content_id.hexdigest()[:16],
        load_id=content_id.hexdigest()[:16],
    )
