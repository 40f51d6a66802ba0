"""Remove for good the rows of loads that have not counted for long enough.

DuckDB keeps the bytes of deleted rows in the file. So what stays is copied into a
file of its own, which then replaces the warehouse in one step: killed at any moment,
the warehouse is the one before or the one after.
"""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines import audit
from pipelines.errors import UsageError
from pipelines.intake import journal, ledger, recovery
from pipelines.intake.feeds import FEEDS
from pipelines.settings import Home, Retention, Settings
from pipelines.sql import STORAGE_VERSION, quoted

logger = logging.getLogger(__name__)


def remove(home: Home, settings: Settings, now: datetime | None = None) -> list[str]:
    """Remove the rows, and the quarantined rows, of the loads whose time is over.

    What is known about a load stays: when it came, its counts, its place in the
    source's order. Files in landing, builds and releases are left alone.

    Args:
        home: Whose warehouse.
        settings: `[retention]` says how long rows are kept; memory and threads.
        now: The present instant, UTC without zone; from the clock by default.

    Returns:
        Names of the deliveries whose rows are gone, as `<source>/<delivery>`.
    """
    if not any(vars(settings.retention).values()):
        return []
    now = now or datetime.now(UTC).replace(tzinfo=None)
    with duckdb.connect(str(home.raw_file)) as con:
        over = due(con, settings.retention, now)
        con.execute("force checkpoint")  # no log of changes may outlive the file
    if not over:
        return []
    part = home.raw_file.with_name(home.raw_file.name + recovery.PART_SUFFIX)
    part.unlink(missing_ok=True)
    _copy_without(home.raw_file, part, over, settings, now)
    _replace(part, home.raw_file)
    recovery.sweep_quarantine(home)
    journal.tell(home)
    logger.info("removed the rows of %d load(s) for good", len(over))
    return [load.name for load in over]


def due(
    con: duckdb.DuckDBPyConnection, rules: Retention, now: datetime
) -> list[ledger.Load]:
    """Return the loads whose rows are to go.

    A load is superseded when none of its rows has counted, at any instant, for
    `superseded_days`; days are of 24 hours.

    Args:
        con: The raw warehouse.
        rules: How long rows are kept.
        now: The present instant, UTC without zone.
    """
    there = [load for load in ledger.loads_of(con) if load.purged_at is None]
    over = []
    if rules.withdrawn_days:
        since = now - timedelta(days=rules.withdrawn_days)
        over += [x for x in there if x.withdrawn_at and x.withdrawn_at <= since]
    if rules.superseded_days:
        since = now - timedelta(days=rules.superseded_days)
        used = _in_force_since(con, there, since, now)
        over += [
            load
            for load in there
            if load.withdrawn_at is None
            and load.accepted_at <= since
            and load.load_id not in used
        ]
    return over


def refuse_purged(raw_file: Path, as_of: str) -> None:
    """Refuse an instant at which a load counted whose rows are gone.

    Args:
        raw_file: The raw warehouse.
        as_of: The instant, ISO 8601, UTC.

    Raises:
        UsageError: The figures of that instant can not be made any more.
    """
    at = datetime.fromisoformat(as_of).astimezone(UTC).replace(tzinfo=None)
    with duckdb.connect(str(raw_file), read_only=True) as con:
        purged = {x.load_id: x for x in ledger.loads_of(con) if x.purged_at is not None}
        needed = ledger.in_force(con, at) & set(purged)
    if needed:
        names = sorted({purged[load_id].name for load_id in needed})
        raise UsageError(
            f"As of {as_of} {len(names)} delivery(ies) counted whose rows have been "
            f"removed since: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}.\n"
            "Retention removes superseded and withdrawn loads for good (settings.toml, "
            "[retention]). Take a later --as-of, or read the release of that time: "
            "docs/runbooks/retention.md"
        )


def _in_force_since(
    con: duckdb.DuckDBPyConnection,
    loads: list[ledger.Load],
    since: datetime,
    now: datetime,
) -> set[str]:
    """Return the loads that counted at some instant from `since` to now."""
    moments = {
        moment
        for load in loads
        for moment in (load.accepted_at, load.withdrawn_at)
        if moment is not None and since < moment <= now
    }
    return set().union(*(ledger.in_force(con, at) for at in (since, *moments)))


def _copy_without(
    raw_file: Path,
    part: Path,
    over: list[ledger.Load],
    settings: Settings,
    now: datetime,
) -> None:
    """Copy every table, the rows of some loads left out."""
    gone = [load.load_id for load in over]
    limits = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with duckdb.connect(config=limits) as con:
        con.execute(f"attach {quoted(raw_file)} as kept (read_only)")
        con.execute(
            f"attach {quoted(part)} as part (storage_version '{STORAGE_VERSION}')"
        )
        con.execute("copy from database kept to part (schema)")
        con.execute("use part")
        for table in _tables(con, "kept"):
            rows = f"from kept.{table}"
            if table in FEEDS:
                rows += " where not list_contains($gone, load_id)"
            if table == "loads":
                rows = (
                    "select * replace (if(list_contains($gone, load_id), "
                    f"$now, purged_at) as purged_at) {rows}"
                )
            uses = {"gone": gone, "now": now}
            given = {name: uses[name] for name in uses if f"${name}" in rows}
            con.execute(f"insert into {table} by name {rows}", given)
        for load in over:
            journal.put(
                con,
                audit.line_of(
                    "removed",
                    source=load.source,
                    delivery=load.delivery,
                    load_id=load.load_id,
                    reason="withdrawn" if load.withdrawn_at else "superseded",
                ),
            )
        con.execute("force checkpoint part")
        con.execute("use memory")
        con.execute("detach part")


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = con.execute(
        "select table_name from duckdb_tables() where database_name = ? order by 1",
        [database],
    ).fetchall()
    return [row[0] for row in rows]


def _replace(part: Path, raw_file: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(raw_file)
    folder = os.open(raw_file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too, must outlive a loss of power
    finally:
        os.close(folder)
