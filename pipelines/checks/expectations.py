"""Run suites of expectations on the tables of one DuckDB file and keep only counts."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.checks.results import CheckResult, now

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""How many rows failed, never their values: results reach logs and pages."""


class Guard:
    """Checks the tables of one DuckDB file, all on one connection.

    Making the library's context and connection takes as long as some thirty checks.
    """

    def __init__(self, datasource, run_id: str, stage: str) -> None:
        self._datasource = datasource
        self._where = {"run_id": run_id, "stage": stage}

    def check(
        self,
        table: str,
        suite: ExpectationSuite,
        *,
        query: str | None = None,
        source: str | None = None,
        load_id: str | None = None,
    ) -> list[CheckResult]:
        """Check one table, or one query's rows.

        Args:
            table: Name in the results and, without a query, `schema.table` to read.
            suite: What must hold.
            query: Rows to check instead of the whole table.
            source: The source the rows came from, if it is one.
            load_id: The load the rows belong to, if it is one.

        Returns:
            One result per expectation, in the suite's order. A check that could not
            be evaluated has status `error`, never `fail`.
        """
        rows = query or f"select * from {table}"
        batch = (
            self._datasource.add_query_asset(suite.name, query=rows)
            .add_batch_definition_whole_table("all")
            .get_batch()
        )
        outcome = batch.validate(suite, result_format=COUNTS_ONLY)
        found = {
            result.expectation_config.meta["check_id"]: result
            for result in outcome.results
        }
        row_count = self._datasource.count(rows)
        return [
            _as_result(
                found[check.meta["check_id"]],
                row_count,
                table_name=table,
                source=source,
                load_id=load_id,
                **self._where,
            )
            for check in suite.expectations
        ]


@contextmanager
def opened(
    database: Path,
    *,
    stage: str,
    run_id: str,
    config: dict[str, str | int] | None = None,
) -> Iterator[Guard]:
    """Open a DuckDB file, read-only, for its checks.

    Nobody else may hold the file open meanwhile.

    Args:
        database: The DuckDB file.
        stage: landing, raw, estimates or reports.
        run_id: The run whose guard this is.
        config: DuckDB's memory limit and threads (`Settings.duckdb_config`).
    """
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    datasource = context.data_sources.add_duckdb(
        name="guarded",
        connection_string=f"duckdb:///{database}",
        kwargs={"connect_args": {"read_only": True, "config": config or {}}},
    )
    try:
        yield Guard(datasource, run_id, stage)
    finally:
        datasource.close()


def _library():
    """Import Great Expectations, which takes seconds and so is not done on top.

    Nothing that it makes is garbage, and looking for some would take a fifth longer.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "False"  # before the first import
    gc.disable()
    try:
        import great_expectations as gx

        import pipelines.checks.duckdb_datasource  # noqa: F401 - registers `add_duckdb`
    finally:
        gc.enable()
    return gx


def run_suite(
    database: Path,
    table: str,
    suite: ExpectationSuite,
    *,
    stage: str,
    run_id: str,
    **which: str | None,
) -> list[CheckResult]:
    """Check one table of a DuckDB file; parameters as in `opened` and `Guard.check`."""
    with opened(database, stage=stage, run_id=run_id) as guard:
        return guard.check(table, suite, **which)


def _as_result(result, row_count: int, **where) -> CheckResult:
    config = result.expectation_config
    status = "pass" if result.success else "fail"
    if _has_raised(result.exception_info or {}):
        status = "error"
    failed = result.result.get("unexpected_count")
    if failed is None and config.type == "no_rows_expected":
        failed = result.result.get("observed_value")
    return CheckResult(
        check_id=config.meta["check_id"],
        tool="gx",
        category=config.meta["category"],
        severity=getattr(config.severity, "value", config.severity) or "critical",
        status=status,
        tested_count=result.result.get("element_count", row_count),
        failed_count=None if failed is None or status == "error" else int(failed),
        checked_at=now(),
        **where,
    )


def _has_raised(exception_info: dict) -> bool:
    """Say whether a check raised; the library nests this once per metric, or not."""
    nested = [info for info in exception_info.values() if isinstance(info, dict)]
    return any(info.get("raised_exception") for info in (exception_info, *nested))
