"""Work on a home in a process of its own, kill it, and say what is left.

The process is forked from a server that has imported everything, so that a kill falls
into the work and not into the imports.
"""

import json
import multiprocessing
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from support import SOURCE_YML, write_delivery

from pipelines.settings import Home, Retention, Settings

SERVER = multiprocessing.get_context("forkserver")
HAS_GUARDS = "LOADS_KILLS" in os.environ
"""`make loads` runs Great Expectations too; the suite keeps to what writes."""

SERVER.set_forkserver_preload(
    ["pipelines.intake.withdrawal", "polars"]
    + ["pipelines.checks.duckdb_datasource"] * HAS_GUARDS
)
PATIENCE_SECONDS = 300
LATER = timedelta(days=100)
"""After everything was loaded, retention looks at it from here."""

RESTLESS = {
    "accepted_at",
    "run_id",
    "withdrawn_at",
    "purged_at",
    "refused_at",
    "last_refused_at",
}
"""Columns that differ between two runs; only whether they are given is compared."""


@dataclass(frozen=True)
class Point:
    """A place in the code to be killed at: before or after the nth call."""

    module: str
    function: str
    is_after: bool
    nth: int = 1

    def __str__(self) -> str:
        """Say where, in words."""
        when = "after" if self.is_after else "before"
        return f"{when} {self.module.rpartition('.')[2]}.{self.function} {self.nth}"


def two_deliveries(root: Path) -> Home:
    """Describe a source and put two deliveries into landing, a bad row in each."""
    home = Home(root)
    folder = home.sources / "clinic"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(SOURCE_YML.format(kind="full"))
    for day in (1, 2):
        rows = [
            {
                "assessment_id": f"a{n}",
                "patient_id": f"p{n % 3}",
                "instrument": "phq9",
                "completed_on": "2026-01-05",
                "total_points": str(20 + day if n else 99),
            }
            for n in range(40)
        ]
        patients = [{"patient_id": f"p{n}", "region": f"r{day}"} for n in range(3)]
        write_delivery(
            home.landing / "clinic" / f"2026-03-0{day}",
            {"patients": patients, "assessments": rows},
        )
    return home


def ingest(root: Path) -> None:
    """Load what is in landing."""
    from pipelines.intake import ingest as ingesting

    if not HAS_GUARDS:  # in a process of its own
        ingesting.guards.check_landing = lambda *_: []
        ingesting.guards.check_raw = lambda *_: []
    ingesting.ingest(Home(root), Settings(threads=1, memory_limit="1GB"), "run")


def withdraw(root: Path) -> None:
    """Withdraw the second delivery, unless it is withdrawn."""
    from pipelines.errors import UsageError
    from pipelines.intake import withdrawal

    try:
        withdrawal.withdraw(Home(root), "clinic/2026-03-02", "a test")
    except UsageError as error:
        if "was withdrawn before" not in str(error):
            raise


def remove(root: Path) -> None:
    """Let retention remove what was superseded, as if long after."""
    from pipelines.intake import recovery, retention

    home = Home(root)
    recovery.recover(home)
    rules = Settings(
        threads=1, memory_limit="1GB", retention=Retention(superseded_days=30)
    )
    now = datetime.now(UTC).replace(tzinfo=None) + LATER
    retention.remove(home, rules, now)


def wake() -> None:
    """Wait until the server has imported everything."""
    finish(_nothing, Path())


def _nothing(root: Path) -> None:
    del root


def finish(work: Callable[[Path], None], root: Path) -> float:
    """Do the work to its end; returns its seconds."""
    begun = time.monotonic()
    process = SERVER.Process(target=work, args=(root,))
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 0
    return time.monotonic() - begun


def kill_within(
    work: Callable[[Path], None], home: Callable[[], Home], seconds: float
) -> Home:
    """Begin the work on a home and kill it at its work.

    Args:
        work: What to do.
        home: Gives a home of its own for each try.
        seconds: When; half of it where the work had ended by then, and so on.

    Returns:
        What the killed process left.
    """
    while True:
        tried = home()
        process = SERVER.Process(target=work, args=(tried.root,))
        process.start()
        time.sleep(seconds)
        process.kill()
        process.join(PATIENCE_SECONDS)
        if process.exitcode == -signal.SIGKILL:
            return tried
        seconds /= 2


def kill_at(work: Callable[[Path], None], root: Path, point: Point) -> None:
    """Do the work up to a place in the code, and kill it there."""
    process = SERVER.Process(target=_work_up_to, args=(work, root, point))
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == -signal.SIGKILL, f"{point} was not reached"


def _work_up_to(work: Callable[[Path], None], root: Path, point: Point) -> None:
    from importlib import import_module

    module = import_module(point.module)
    real = getattr(module, point.function)
    calls = 0

    def called(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == point.nth and not point.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == point.nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, point.function, called)
    work(root)


def copy_of(home: Home, root: Path) -> Home:
    """Copy a home whole."""
    shutil.copytree(home.root, root)
    return Home(root)


def accepted_rows(home: Home) -> dict[str, list[tuple]]:
    """Return every accepted load with its rows of both feeds, by load_id."""
    if not home.raw_file.exists():
        return {}
    with duckdb.connect(str(home.raw_file)) as con:
        if not con.execute(
            "select 1 from duckdb_tables() where table_name = 'loads'"
        ).fetchall():
            return {}
        return {
            load_id: [
                con.execute(
                    f"select * from {feed} where load_id = ? order by all", [load_id]
                ).fetchall()
                for feed in ("patients", "assessments")
            ]
            for (load_id,) in con.execute(
                "select load_id from loads where accepted_at is not null"
            ).fetchall()
        }


def contents(home: Home) -> dict[str, Any]:
    """Return all that is left in a home, but for what differs from run to run."""
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        tables = [row[0] for row in con.execute("show tables").fetchall()]
        left: dict[str, Any] = {table: _rows(con, table) for table in tables}
    left["quarantine"] = {
        str(path.relative_to(home.root)): duckdb.sql(
            f"select * from '{path}' order by all"
        ).fetchall()
        for path in sorted(home.quarantine.rglob("*.*"))
    }
    lines = map(json.loads, home.audit_file.read_text().splitlines())
    left["audit"] = Counter(
        (line["action"], line["delivery"], line.get("load_id")) for line in lines
    )
    left["scratch"] = [*home.scratch.glob("*")]
    left["beside"] = sorted(path.name for path in home.raw_file.parent.iterdir())
    left["beside"] = [name for name in left["beside"] if name != "hashes.json"]
    return left


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple]:
    columns = [row[0] for row in con.execute(f"describe {table}").fetchall()]
    shown = [f"{c} is null" if c in RESTLESS else f'"{c}"' for c in columns]
    return con.execute(
        f"select {', '.join(shown)} from {table} order by all"
    ).fetchall()
