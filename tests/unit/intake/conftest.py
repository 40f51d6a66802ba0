"""A home that is loaded quickly, and what counts in it."""

import sys
from datetime import UTC, datetime

import duckdb
import pytest
from support import SOURCE_YML, write_delivery

from pipelines import audit, cli
from pipelines.intake import adapters, journal, ledger, raw
from pipelines.intake import ingest as ingesting
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.queue import Outcome
from pipelines.intake.sources import load_source


class Loading:
    """Deliver to one home, load it, and look at what counts."""

    def __init__(self, home, settings) -> None:
        self.home, self.settings, self.runs = home, settings, 0

    def deliver(self, name, feeds, manifest=None, source="clinic"):
        return write_delivery(self.home.landing / source / name, feeds, manifest)

    def ingest(self, again=()) -> Outcome:
        self.runs += 1
        run_id = f"run-{self.runs}"
        return ingesting.ingest(self.home, self.settings, run_id, again)

    def rows(self, sql):
        with duckdb.connect(str(self.home.raw_file), read_only=True) as con:
            return con.execute(sql).fetchall()

    def in_force(self, at=None) -> list[str]:
        """Return the deliveries that count, in the order of acceptance."""
        now = at or datetime.now(UTC).replace(tzinfo=None)
        with duckdb.connect(str(self.home.raw_file), read_only=True) as con:
            found = ledger.in_force(con, now)
            return [x.delivery for x in ledger.loads_of(con) if x.load_id in found]


@pytest.fixture
def outcomes(home, monkeypatch, capsys):
    """Run the command inside this process; return its exit code and what it printed."""

    def run(*arguments: object) -> tuple[int, str]:
        argv = ["outcomes", *map(str, arguments), "--home", str(home.root)]
        monkeypatch.setattr(sys, "argv", argv)
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return left.value.code or 0, printed.out + printed.err

    return run


@pytest.fixture
def loading(home, settings, monkeypatch) -> Loading:
    """Load without Great Expectations: what is tested is not what it looks at."""
    monkeypatch.setattr(ingesting.guards, "check_landing", lambda *_: [])
    monkeypatch.setattr(ingesting.guards, "check_raw", lambda *_: [])
    return Loading(home, settings)


@pytest.fixture
def noting(home, settings, monkeypatch) -> Loading:
    """Accept every delivery unread, with two feeds: only the bookkeeping is tested."""
    monkeypatch.setattr(ingesting, "_load", _accept_unread)
    return Loading(home, settings)


def _accept_unread(home, settings, run_id, outcome, delivery) -> bool:
    with duckdb.connect(str(home.raw_file)) as con:
        raw._write_load(con, delivery, run_id)
        con.executemany(
            "insert into load_feeds values (?, ?, true, 0, 0, 0, 0)",
            [(delivery.load_id, feed) for feed in ("patients", "assessments")],
        )
    ingesting.remember_loads(home, wait=True)
    line = audit.line_of("loaded", load_id=delivery.load_id)
    raw.accept(home.raw_file, delivery.load_id, line)
    journal.tell(home)
    return False


@pytest.fixture
def opened(home, tmp_path):
    """Open a delivery of the files given; returns its rows of patients."""

    def read(content, csv=""):
        folder = home.sources / "clinic"
        folder.mkdir(parents=True, exist_ok=True)
        dialect = f"csv: {csv}\n" if csv else ""
        (folder / "source.yml").write_text(SOURCE_YML.format(kind="full") + dialect)
        target = tmp_path / "2026-03-01"
        target.mkdir()
        for name, text in content.items():
            (target / name).write_bytes(text)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        delivery = read_delivery(target, load_source(folder))
        with adapters.delivery_connection(delivery, scratch, "1GB") as con:
            adapters.count_records(con, delivery)
            feed = adapters.collect_feeds(con, delivery, scratch)["patients"]
            rows = [
                row
                for table in feed.tables
                for row in con.execute(
                    f"select patient_id, region, birth_year from {table}"
                ).fetchall()
            ]
        assert [p.name for p in scratch.iterdir()] == [adapters.LANDING_DATABASE]
        return rows

    return read
