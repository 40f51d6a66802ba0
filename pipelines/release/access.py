"""Read the current release, and nothing else of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.errors import UsageError
from pipelines.settings import Home


def current_release(home: Home) -> Path | None:
    """Return the folder of the current release; None before the first."""
    link = home.releases / "current"
    return link.resolve() if link.exists() else None


@contextmanager
def open_current(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the current release read-only, with no way to other files.

    Raises:
        UsageError: Nothing has been published.
    """
    folder = current_release(home)
    if folder is None:
        raise UsageError(
            f"Nothing has been published in {home.root} yet. Start with: outcomes run"
        )
    con = duckdb.connect(str(folder / "outcomes.duckdb"), read_only=True)
    try:
        # Read-only alone still reads and writes other files.
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        yield con
    finally:
        con.close()


def run_query(con: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """Return the rows of one query.

    Raises:
        UsageError: It is not one query, or DuckDB refuses it.
    """
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1:
            raise UsageError("Give exactly one query.")
        found = con.sql(statements[0].query)
        if found is None:
            raise UsageError("Give a query that returns rows; a release is read-only.")
        return found.pl()
    except duckdb.Error as error:
        raise UsageError(
            f"DuckDB refused the query: {str(error).splitlines()[0]}"
        ) from None
