"""Make the `quality` schema: what was loaded, checked, and can be trusted how far."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from pipelines.release.quality import (
    catalogue,
    drift,
    freshness,
    loads,
    not_measured,
    refusals,
    usability,
)
from pipelines.release.quality.results import collect_check_results

__all__ = ["collect_check_results", "judge", "make"]


def make(con: duckdb.DuckDBPyConnection, needs_file: Path, as_of: str) -> None:
    """Write what is known before any report is made, a table a module.

    quality.loads, .reconciliation, .freshness, .not_measured, .drift, .refusals and,
    where the build has none, an empty .checks_by_month.

    Args:
        con: The build, open for writing, with `raw` attached.
        needs_file: What each mart column needs, from the models' yml (JSON list
            of table, column, needs).
        as_of: The instant that the run reads (ISO 8601, UTC).
    """
    con.execute("create schema if not exists quality")
    loads.make(con)
    freshness.make(con, as_of)
    not_measured.make(con, needs_file)
    drift.make(con)
    refusals.make(con, as_of)
    con.execute(
        "create table if not exists quality.checks_by_month (source varchar, "
        "feed varchar, check_id varchar, month date, tested_count bigint, "
        "failed_count bigint)"
    )


def judge(
    con: duckdb.DuckDBPyConnection, entries: Iterable[Any], minimum: int, base: int
) -> None:
    """Write quality.check_catalogue, .usability and .usability_by_month.

    Args:
        con: The build, open for writing; its other reports are made, and
            quality.check_results is collected.
        entries: Every check of every stage.
        minimum: Smallest count of people that may be told; 1 hides nothing.
        base: Counts are rounded to a multiple of it before a share is told.
    """
    catalogue.make(con, entries)
    usability.make(con, minimum, base)
