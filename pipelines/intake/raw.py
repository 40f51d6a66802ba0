"""The raw warehouse: every load, append-only, invisible until it is accepted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.intake import journal, refusals, repeats
from pipelines.intake.contract import CONTRACT_VERSION
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import comparing
from pipelines.intake.feeds import FEEDS
from pipelines.intake.landing import LandedFeed
from pipelines.sql import STORAGE_VERSION, quoted

BOOKKEEPING = """
create table if not exists loads (
    load_id varchar, run_id varchar, files_id varchar, source varchar,
    delivery varchar, owner varchar,
    contact varchar, namespace varchar, kind varchar, date_mode varchar,
    disclosure_profile varchar, expected_every_days integer,
    contract_version integer, extracted_at timestamp, data_to date,
    accepted_at timestamp, content_id varchar, withdrawn_at timestamp,
    purged_at timestamp
);
alter table loads add column if not exists content_id varchar;
alter table loads add column if not exists withdrawn_at timestamp;
alter table loads add column if not exists purged_at timestamp;
create table if not exists load_feeds (
    load_id varchar, feed varchar, is_supplied boolean, yielded_count bigint,
    loaded_count bigint, quarantined_count bigint, duplicate_count bigint
);
create table if not exists load_columns (
    load_id varchar, feed varchar, column_name varchar, is_supplied boolean
);
create table if not exists load_files (
    load_id varchar, file_position integer, record_count bigint
);
"""
"""Columns are added to the tables of a warehouse that was made before them.

`withdrawn_at` and `purged_at` say from when a load does not count any more: a person
took it back (`withdrawal.py`), or retention removed its rows (`retention.py`).
"""
DAMAGE = (
    duckdb.IOException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.SerializationException,
)
"""What DuckDB raises where a database file is not whole, is no database or is closed to
us."""

BOOKKEEPING_TABLES = (
    "loads",
    "load_feeds",
    "load_columns",
    "load_files",
    *comparing.BOOKKEEPING_TABLES,
)


def prepare(raw_file: Path) -> None:
    """Make the raw tables where they are missing and sweep what was not accepted.

    A process that was killed leaves rows under a load_id without `accepted_at`;
    they were never visible and go now.

    Raises:
        UsageError: The file is damaged, or cannot be opened.
    """
    raw_file.parent.mkdir(parents=True, exist_ok=True)
    new = {"storage_compatibility_version": STORAGE_VERSION}
    with _told_if_damaged(raw_file), duckdb.connect(str(raw_file), config=new) as con:
        make_tables(con)
        remove_unaccepted(con)


@contextmanager
def _told_if_damaged(raw_file: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGE:  # DuckDB's own words can repeat values
        raise UsageError(
            f"{raw_file} cannot be opened or is damaged, so nothing was done.\nClose "
            "any other program that has it open and see that this user may write to it. "
            "If it is damaged, put your last copy of it back, or move it away and load "
            "what lies in landing/ once more: outcomes ingest"
        ) from None


def make_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the raw tables where they are missing, in the database in use."""
    con.execute(BOOKKEEPING + repeats.TABLE + journal.TABLE + comparing.BOOKKEEPING)
    refusals.make_table(con)
    for feed in FEEDS.values():
        columns = ", ".join(f'"{c.name}" {c.sql_type}' for c in feed.columns)
        con.execute(
            f"create table if not exists {feed.name} (load_id varchar, "
            f"source varchar, is_deleted boolean, {columns})"
        )


def remove_unaccepted(con: duckdb.DuckDBPyConnection) -> None:
    """Delete every row of loads that were not accepted, all tables or none."""
    accepted = "(select load_id from loads where accepted_at is not null)"
    con.begin()
    for table in (*FEEDS, *reversed(BOOKKEEPING_TABLES)):
        con.execute(f"delete from {table} where load_id not in {accepted}")
    con.commit()


def count_accepted(raw_file: Path, as_of: str) -> int:
    """Count the loads that counted at an instant (ISO 8601, UTC).

    Raises:
        UsageError: The warehouse is damaged, or lacks what this version keeps.
    """
    if not raw_file.exists():
        return 0
    with (
        _told_if_damaged(raw_file),
        duckdb.connect(str(raw_file), read_only=True) as con,
    ):
        try:
            # not selected from: DuckDB would take our module of that name for a table
            (has_repeats,) = con.execute(
                "select count(*) from duckdb_tables() where table_name = 'repeats'"
            ).fetchone()
            row = con.execute(
                "select count(*) from loads where accepted_at <= $at::timestamp "
                "and coalesce(withdrawn_at > $at::timestamp, true) "
                "and coalesce(purged_at > $at::timestamp, true)",
                {"at": as_of},
            ).fetchone()
        except duckdb.BinderException:
            has_repeats = False
        if not has_repeats:
            raise UsageError(
                f"{raw_file} was made by an earlier version, which did not keep all that "
                "a build needs. Bring it up to date with: outcomes ingest"
            )
    return row[0]


def write(
    raw_file: Path,
    landing_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    file_counts: dict[str, int],
    run_id: str,
    config: dict[str, str | int] | None = None,
) -> None:
    """Append a delivery's good rows and its bookkeeping, not yet accepted.

    Args:
        raw_file: The raw warehouse.
        landing_file: Where the delivery is laid out (`landing.py`).
        delivery: Whose rows they are.
        landed: What landed, by feed.
        file_counts: Records per file.
        run_id: The ingest that writes it.
        config: DuckDB's memory limit and threads (`Settings.duckdb_config`).
    """
    load_id = delivery.load_id
    with duckdb.connect(str(raw_file), config=config or {}) as con:
        con.execute(f"attach {quoted(landing_file)} as landing (read_only)")
        con.begin()
        _write_load(con, delivery, run_id)
        con.executemany(
            "insert into load_files values (?, ?, ?)",
            [
                (load_id, position, file_counts[path.name])
                for position, path in enumerate(delivery.files, start=1)
            ],
        )
        for feed in FEEDS.values():
            item = landed.get(feed.name)
            supplied = item.supplied if item else frozenset()
            con.executemany(
                "insert into load_columns values (?, ?, ?, ?)",
                [
                    (load_id, feed.name, column.name, column.name in supplied)
                    for column in feed.columns
                ],
            )
            if item is None:
                con.execute(
                    "insert into load_feeds values (?, ?, false, 0, 0, 0, 0)",
                    [load_id, feed.name],
                )
                continue
            names = ", ".join(f'"{column.name}"' for column in feed.columns)
            con.execute(
                f"insert into {feed.name} select ?, ?, is_deleted, {names} "
                f"from landing.{feed.name} where is_broken is not true",
                [load_id, delivery.source.name],
            )
            con.execute(
                "insert into load_feeds select ?, ?, true, ?, "
                f"(select count(*) from {feed.name} where load_id = ?), "
                f"(select count(distinct row_position) from landing.{feed.name}_broken)"
                ", ?",
                [load_id, feed.name, item.yielded_count, load_id, item.duplicate_count],
            )
        comparing.keep(con, load_id)
        con.commit()
        con.execute("detach landing")


def accept(raw_file: Path, load_id: str, audit_line: str) -> None:
    """Make a load visible: the last step, and the only one that does.

    Args:
        raw_file: The raw warehouse.
        load_id: The load.
        audit_line: Says that it was loaded; kept with it until it is written.
    """
    with duckdb.connect(str(raw_file)) as con:
        con.begin()
        con.execute(
            "update loads set accepted_at = "
            "date_trunc('microsecond', now() at time zone 'UTC') where load_id = ?",
            [load_id],
        )
        journal.put(con, audit_line)
        con.commit()


def _write_load(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, run_id: str
) -> None:
    source = delivery.source
    values = {
        "load_id": delivery.load_id,
        "run_id": run_id,
        "files_id": delivery.files_id,
        "content_id": delivery.content_id,
        "source": source.name,
        "delivery": delivery.name,
        "owner": source.owner,
        "contact": source.contact,
        "namespace": source.namespace,
        "kind": source.kind,
        "date_mode": source.date_mode,
        "disclosure_profile": source.disclosure_profile,
        "expected_every_days": source.expected_every_days,
        "contract_version": CONTRACT_VERSION,
        "extracted_at": delivery.extracted_at,
        "data_to": delivery.data_to,
    }
    con.execute(
        f"insert into loads ({', '.join(values)}) "
        f"values ({', '.join('?' for _ in values)})",
        list(values.values()),
    )
