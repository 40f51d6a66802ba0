"""The raw warehouse: every load, append-only, invisible until it is accepted."""

from pathlib import Path

import duckdb

from pipelines.intake.contract import CONTRACT_VERSION
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import comparing
from pipelines.intake.feeds import FEEDS
from pipelines.intake.landing import LandedFeed
from pipelines.sql import quoted

BOOKKEEPING = """
create table if not exists loads (
    load_id varchar, run_id varchar, files_id varchar, source varchar,
    delivery varchar, owner varchar,
    contact varchar, namespace varchar, kind varchar, date_mode varchar,
    disclosure_profile varchar, expected_every_days integer,
    contract_version integer, extracted_at timestamp, data_to date,
    accepted_at timestamp
);
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
create table if not exists refusals (
    run_id varchar, source varchar, delivery varchar, load_id varchar,
    refused_at timestamp, kind varchar, reason varchar,
    last_refused_at timestamp, times integer
);
"""
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
    """
    raw_file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(raw_file)) as con:
        make_tables(con)
        remove_unaccepted(con)


def make_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the raw tables where they are missing, in the database in use."""
    con.execute(BOOKKEEPING)
    con.execute(comparing.BOOKKEEPING)
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


def is_accepted(raw_file: Path, load_id: str) -> bool:
    """Say whether this very content was loaded before."""
    with duckdb.connect(str(raw_file), read_only=True) as con:
        row = con.execute(
            "select count(*) from loads where load_id = ? and accepted_at is not null",
            [load_id],
        ).fetchone()
    return row[0] > 0


def count_accepted(raw_file: Path, as_of: str) -> int:
    """Count the loads accepted up to an instant (ISO 8601, UTC)."""
    if not raw_file.exists():
        return 0
    with duckdb.connect(str(raw_file), read_only=True) as con:
        row = con.execute(
            "select count(*) from loads where accepted_at <= ?::timestamp", [as_of]
        ).fetchone()
    return row[0]


def write(
    raw_file: Path,
    landing_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    file_counts: dict[str, int],
    run_id: str,
) -> None:
    """Append a delivery's good rows and its bookkeeping, not yet accepted.

    Args:
        raw_file: The raw warehouse.
        landing_file: Where the delivery is laid out (`landing.py`).
        delivery: Whose rows they are.
        landed: What landed, by feed.
        file_counts: Records per file.
        run_id: The ingest that writes it.
    """
    load_id = delivery.load_id
    with duckdb.connect(str(raw_file)) as con:
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
            broken = f"(select row_position from landing.{feed.name}_broken)"
            con.execute(
                f"insert into {feed.name} select ?, ?, is_deleted, {names} "
                f"from landing.{feed.name} where row_position not in {broken} "
                "order by row_position",
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


def accept(raw_file: Path, load_id: str) -> None:
    """Make a load visible: the last step, and the only one that does."""
    with duckdb.connect(str(raw_file)) as con:
        con.execute(
            "update loads set accepted_at = "
            "date_trunc('microsecond', now() at time zone 'UTC') where load_id = ?",
            [load_id],
        )


def _write_load(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, run_id: str
) -> None:
    source = delivery.source
    con.execute(
        "insert into loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
        [
            delivery.load_id,
            run_id,
            delivery.files_id,
            source.name,
            delivery.name,
            source.owner,
            source.contact,
            source.namespace,
            source.kind,
            source.date_mode,
            source.disclosure_profile,
            source.expected_every_days,
            CONTRACT_VERSION,
            delivery.extracted_at,
            delivery.data_to,
        ],
    )
