"""Run a source's SQL over one delivery, on a connection that can do nothing else.

The connection reads the delivery folder only, cannot write, cannot be
reconfigured, and takes exactly one SELECT. DuckDB's own messages repeat values,
so none of them is passed on: only positions are read out of them.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import DeliveryRefusedError, PipelineError, UsageError
from pipelines.intake.contract import Feed
from pipelines.intake.deliveries import Delivery
from pipelines.intake.sources import Source
from pipelines.sql import quoted

LINE = re.compile(r"CSV Error on Line: (\d+)")
SQL_FAULTS = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
"""Errors about the SQL itself; their text holds names, not values."""


@contextmanager
def delivery_connection(
    delivery: Delivery, scratch: Path, memory_limit: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the confined connection: one view per file, and the two file macros.

    Args:
        delivery: What to read.
        scratch: Folder for DuckDB's temporary files.
        memory_limit: DuckDB's own notation, such as `8GB`.

    Raises:
        DeliveryRefusedError: A file has no header, or the same column twice.
    """
    con = duckdb.connect(config={"memory_limit": memory_limit})
    try:
        con.execute(f"set temp_directory = {quoted(scratch)}")
        for position, path in enumerate(delivery.files, start=1):
            reader = _reader(path, delivery.source)
            try:
                con.execute(f"create view {view_of(path.name)} as {reader}")
            except duckdb.Error as error:
                raise _unreadable(delivery, position, error) from None
        for macro in ("delivery_csv", "delivery_parquet"):
            con.execute(
                f"create macro {macro}(file) as table "
                "select * from query_table('file_' || md5(file))"
            )
        allowed = ", ".join(quoted(p) for p in (delivery.folder, scratch))
        con.execute(f"set allowed_directories = [{allowed}]")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        yield con
    finally:
        con.close()


def view_of(file_name: str) -> str:
    """Name of the view over one file; a hash, so that any file name is safe."""
    digest = hashlib.md5(file_name.encode(), usedforsecurity=False).hexdigest()
    return f"file_{digest}"


def count_records(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> dict[str, int]:
    """Read every file to its end and count its records.

    Raises:
        DeliveryRefusedError: A file cannot be read whole, or does not hold the
            number of records that delivery.json declares.
    """
    counts = {}
    for position, path in enumerate(delivery.files, start=1):
        try:
            # Every column is read, so that a ragged or broken line is found.
            row = con.execute(
                f"select count(*) from {view_of(path.name)} as records "
                "where hash(records) is not null"
            ).fetchone()
        except duckdb.Error as error:
            raise _unreadable(delivery, position, error) from None
        counts[path.name] = row[0]
        declared = delivery.declared_rows.get(path.name)
        if declared is not None and declared != row[0]:
            raise DeliveryRefusedError(
                f"Delivery {delivery.source.name}/{delivery.name}: file {position} "
                f"holds {row[0]} records, but delivery.json says {declared}. The "
                "file was cut short: ask for it again."
            )
    return counts


def read_feed(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, feed: Feed
) -> duckdb.DuckDBPyRelation | None:
    """Return the feed's rows as the adapter yields them; None if it is not sent.

    Raises:
        UsageError: The adapter is not exactly one SELECT.
        DeliveryRefusedError: The adapter does not run on this delivery.
    """
    sql = delivery.source.adapters.get(feed.name) or _canonical(delivery, feed)
    if sql is None:
        return None
    where = f"sources/{delivery.source.name}/{feed.name}.sql"
    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"{where} is not valid SQL: {_first_line(error)}") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise UsageError(
            f"{where} must be exactly one SELECT; it holds {len(statements)} "
            "statement(s). An adapter reads the delivery and changes nothing."
        )
    try:
        return con.sql(statements[0].query)
    except SQL_FAULTS as error:
        is_optional = feed.name in delivery.source.optional_feeds
        if is_optional and isinstance(error, duckdb.CatalogException):
            return None  # its file was not sent
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name}: {where} does not fit "
            f"its files: {_first_line(error)}\n"
            "Has a file or a column been renamed? Mend the adapter, or ask the source."
        ) from None
    except duckdb.Error as error:
        raise UsageError(
            f"{where} may read the delivery's files only, through "
            f"delivery_csv('...') and delivery_parquet('...') ({kind_of(error)})."
        ) from None


def _canonical(delivery: Delivery, feed: Feed) -> str | None:
    """A file named after the feed needs no SQL."""
    for path in delivery.files:
        if path.stem == feed.name:
            macro = "delivery_csv" if path.suffix == ".csv" else "delivery_parquet"
            return f"select * from {macro}({quoted(path.name)})"
    return None


def _reader(path: Path, source: Source) -> str:
    if path.suffix == ".parquet":
        return f"select * from read_parquet({quoted(path)})"
    columns = ", ".join(f"{quoted(name)}: 'varchar'" for name in _header(path, source))
    # Pinned, never sniffed: DuckDB's sniffer can drop ragged rows in silence.
    return (
        f"select * from read_csv({quoted(path)}, auto_detect = false, "
        f"header = true, delim = {quoted(source.csv_delimiter)}, quote = '\"', "
        f"escape = '\"', encoding = {quoted(source.csv_encoding)}, "
        f"strict_mode = true, columns = {{{columns}}})"
    )


def _header(path: Path, source: Source) -> list[str]:
    where = f"{source.name}/{path.parent.name}"
    try:
        with path.open(newline="", encoding=source.csv_encoding) as file:
            names = next(csv.reader(file, delimiter=source.csv_delimiter), [])
    except (UnicodeDecodeError, LookupError, csv.Error):
        raise DeliveryRefusedError(
            f"Delivery {where}: a CSV file is not in the encoding that source.yml "
            f"gives ({source.csv_encoding}). Correct `csv: encoding`, or ask for it "
            "again."
        ) from None
    if names:
        names[0] = names[0].removeprefix("\ufeff")
    repeated = len(names) - len({name.lower() for name in names})
    blank = sum(not name.strip() for name in names)
    if not names or repeated or blank:
        raise DeliveryRefusedError(
            f"Delivery {where}: a CSV file needs a header line in which every column "
            f"has a name of its own; {repeated} repeat and {blank} are blank."
        )
    return names


def _unreadable(
    delivery: Delivery, position: int, error: duckdb.Error
) -> PipelineError:
    if isinstance(error, duckdb.OutOfMemoryException):
        return UsageError(
            "Reading the delivery needs more memory than settings.toml allows. "
            "Raise memory_limit and run again; nothing was loaded."
        )
    line = LINE.search(str(error))
    at = f" at line {line.group(1)}" if line else ""
    return DeliveryRefusedError(
        f"Delivery {delivery.source.name}/{delivery.name}: file {position} (in order "
        f"of name) cannot be read{at}: it is not in the form or encoding that "
        "source.yml gives, a record does not have the header's columns, or a quote "
        "is not closed.\nAsk for the file again; nothing was loaded."
    )


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


def kind_of(error: duckdb.Error) -> str:
    """Name the kind of a DuckDB error, without its message."""
    return type(error).__name__.removesuffix("Exception").lower() + " refused"
