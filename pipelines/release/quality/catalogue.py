"""`quality.check_catalogue`: every check of every stage, and what its failures taint."""

from collections.abc import Iterable
from typing import Any

import duckdb

COLUMNS = (
    "stage",
    "table_name",
    "check_id",
    "category",
    "severity",
    "owner",
    "why",
    "taints",
    "fix",
    "unit",
    "query",
    "tolerated_share",
    "tolerated_why",
)
"""What is said of a check; an entry has an attribute of each name."""

SEPARATOR = ", "
"""Between the ids of the outputs that a check taints."""


def make(con: duckdb.DuckDBPyConnection, entries: Iterable[Any]) -> None:
    """Write quality.check_catalogue: one row per entry.

    Args:
        con: The build, open for writing.
        entries: Every check, as `pipelines/checks/catalogue.py` lists them.
    """
    typed = ", ".join(
        f"{name} {'double' if name == 'tolerated_share' else 'varchar'}"
        for name in COLUMNS
    )
    con.execute(f"create or replace table quality.check_catalogue ({typed})")
    rows = [[_flat(getattr(entry, name)) for name in COLUMNS] for entry in entries]
    if rows:
        marks = ", ".join(f"({', '.join('?' * len(COLUMNS))})" for _ in rows)
        con.execute(
            "insert into quality.check_catalogue select distinct * from "
            f"(values {marks}) order by all",
            [value for row in rows for value in row],
        )


def _flat(value: Any) -> Any:
    return SEPARATOR.join(value) if isinstance(value, tuple) else value
