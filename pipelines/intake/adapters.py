"""Run a source's SQL over one delivery, on a connection that can do nothing else.

The delivery's files are read first, into temporary tables (`files.py`). The connection
then reads those only: it opens no file, cannot write and cannot be reconfigured. It takes
exactly one SELECT (`adapter_sql.py`), within a limit of time and disk (`resources.py`).
When all adapters have run, the delivery is laid out on it, into its file (`landing.py`).
DuckDB's own messages repeat values, so none of them is passed on but the first line of
one about the SQL itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapter_sql import (
    FILE_MACROS,
    NOT_SENT,
    fault_in_sql,
    one_select,
    only_the_files,
)
from pipelines.intake.contract import Feed
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.files import read_files, table_of
from pipelines.intake.resources import limited, stops
from pipelines.settings import Intake
from pipelines.sql import quoted

LANDING_DATABASE = "landing.duckdb"
"""File in the scratch folder, empty until the delivery is laid out in it."""

SQL_FAULTS = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
"""Errors about the SQL itself; their text holds names, not values."""

CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
}
"""Settings that shut the connection, in this order; the last keeps them so."""


FOR_A_SHORT_WHILE = "set force_compression = 'uncompressed'"
"""For a file that is read a few times and removed: pseudonyms hardly shrink, and trying
to make them takes half the time of writing the file."""


@dataclass(frozen=True)
class SentFeed:
    """Which temporary tables hold one feed's rows, as the source sent them."""

    feed: Feed
    columns: tuple[str, ...]
    tables: tuple[str, ...]
    """Read one after the other; each has these columns, in any order."""

    counts: tuple[int, ...]
    """Records in each of the tables."""


@contextmanager
def delivery_connection(
    delivery: Delivery,
    scratch: Path,
    memory_limit: str,
    threads: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read the files, then open the confined connection: a table per file, two macros.

    Args:
        delivery: What to read.
        scratch: Folder for the landing database and DuckDB's temporary files.
        memory_limit: DuckDB's own notation, such as `8GB`.
        threads: DuckDB threads; its own choice if not given.

    Raises:
        DeliveryRefusedError: A file cannot be read whole, or has no sound header.
    """
    config = {"memory_limit": memory_limit} | ({"threads": threads} if threads else {})
    con = duckdb.connect(str(scratch / LANDING_DATABASE), config=config)
    try:
        con.execute(f"set temp_directory = {quoted(scratch / 'spilled')}")
        con.execute(FOR_A_SHORT_WHILE)
        read_files(con, delivery, scratch)
        names = ", ".join(quoted(path.name) for path in delivery.files)
        for macro in FILE_MACROS:
            con.execute(
                f"create temp macro {macro}(file) as table select * from query_table("
                "list_transform(coalesce(nullif(list_filter("
                f"[{names}], lambda name: lower(name) ~~~ lower(file)), []), "
                f"[{quoted(NOT_SENT)}]), lambda name: if(name = {quoted(NOT_SENT)}, "
                "name, 'file_' || md5(name))), true)"
            )
        for setting, value in CLOSED.items():
            con.execute(f"set {setting} = {value}")
        yield con
    finally:
        con.close()


view_of = table_of
"""The name under which the confined connection reads one file."""


def count_records(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> dict[str, int]:
    """Count the records of every file.

    Raises:
        DeliveryRefusedError: A file does not hold the number of records that
            delivery.json declares.
    """
    counts = {}
    for position, path in enumerate(delivery.files, start=1):
        counts[path.name] = _count(con, table_of(path.name))
        declared = delivery.declared_rows.get(path.name)
        if declared is not None and declared != counts[path.name]:
            raise DeliveryRefusedError(
                f"Delivery {delivery.source.name}/{delivery.name}: file {position} "
                f"holds {counts[path.name]} records, but delivery.json says {declared}. "
                "The file was cut short: ask for it again."
            )
    return counts


def collect_feeds(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    scratch: Path,
    limits: Intake | None = None,
) -> dict[str, SentFeed]:
    """Run every adapter into a temporary table.

    A file that is named after a feed is left where it is, and so are several.

    Args:
        con: The delivery's confined connection.
        delivery: What to read.
        scratch: Its scratch folder.
        limits: How long an adapter may run, and how much disk it may fill; our
            defaults if not given.

    Returns:
        The feeds that are sent; one that is not is absent.

    Raises:
        DeliveryRefusedError: As `read_feed`; an adapter fails on its rows, or reaches
            a limit; or the files of one feed have different columns.
    """
    sent, limits = {}, limits or Intake()
    for feed in FEEDS.values():
        if feed.name in delivery.source.adapters:
            name = f"{delivery.source.name}/{delivery.name}"
            what = f"Delivery {name}: {_place(delivery, feed)}"
            with limited(con, scratch, limits, what):
                if read_feed(con, delivery, feed) is None:
                    continue
                tables = (f"adapted_{feed.name}",)
                _keep(con, delivery, feed, tables[0])
        else:
            tables = tuple(table_of(p.name) for p in delivery.parts_of(feed.name))
            if not tables:
                continue
            _refuse_unequal_parts(con, delivery, feed, tables)
        sent[feed.name] = SentFeed(
            feed,
            tuple(_columns(con, tables[0])),
            tables,
            tuple(_count(con, table) for table in tables),
        )
    return sent


def read_feed(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, feed: Feed
) -> duckdb.DuckDBPyRelation | None:
    """Return the feed's rows as the adapter yields them; None if it is not sent.

    Raises:
        DeliveryRefusedError: The adapter is not exactly one SELECT, reads something
            else than the delivery's files, or does not run on this delivery.
        duckdb.InterruptException, duckdb.OutOfMemoryException: For `limited`.
    """
    sql = delivery.source.adapters.get(feed.name)
    if sql is None:
        parts = delivery.parts_of(feed.name)
        tables = ", ".join(quoted(table_of(path.name)) for path in parts)
        return con.sql(f"from query_table([{tables}], true)") if parts else None
    where = _place(delivery, feed)
    try:
        return con.sql(one_select(con, sql, where))
    except SQL_FAULTS as error:
        is_optional = feed.name in delivery.source.optional_feeds
        if is_optional and isinstance(error, duckdb.CatalogException):
            return None  # its file was not sent
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name}: {where} does not fit "
            f"its files: {fault_in_sql(error)}\n"
            "Has a file or a column been renamed? An adapter can read both names "
            "(docs/writing_an_adapter.md); or ask the source."
        ) from None
    except duckdb.Error as error:
        if stops(error):
            raise
        raise only_the_files(where, kind_of(error)) from None


def _keep(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, feed: Feed, table: str
) -> None:
    select = one_select(
        con, delivery.source.adapters[feed.name], _place(delivery, feed)
    )
    try:
        con.execute(f"create temp table {table} as {select}")
    except duckdb.Error as error:
        if stops(error):
            raise
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name}: the adapter of "
            f"{feed.name} failed on its rows ({kind_of(error)}).\n"
            "Use try_cast in place of cast, so that the row can be named."
        ) from None


def _refuse_unequal_parts(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    feed: Feed,
    tables: tuple[str, ...],
) -> None:
    first = set(_columns(con, tables[0]))
    unequal = [
        position
        for position, table in enumerate(tables, start=1)
        if set(_columns(con, table)) != first
    ]
    if unequal:
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name}: the {len(tables)} files "
            f"named after {feed.name} are read as one, but those at position(s) "
            f"{unequal} (in order of name) have other columns than the first.\n"
            f"Send the same columns in each, or map them in "
            f"sources/{delivery.source.name}/{feed.name}.sql."
        )


def _place(delivery: Delivery, feed: Feed) -> str:
    return f"sources/{delivery.source.name}/{feed.name}.sql"


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"describe {table}").fetchall()]


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return con.execute(f"select count(*) from {table}").fetchone()[0]


def kind_of(error: duckdb.Error) -> str:
    """Name the kind of a DuckDB error, without its message."""
    return type(error).__name__.removesuffix("Exception").lower() + " refused"
