"""Great Expectations on a DuckDB file, with one connection kept open.

Its own SQL engine closes the connection before it fetches, which DuckDB answers
with an empty result; that reads as a failed check. A subclass that keeps the
connection for as long as the guard runs gives true results.
"""

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Run every query of a guard on the same connection."""

    @contextmanager
    def get_connection(self) -> Iterator:
        """Yield the one connection of this guard."""
        if not self._connection:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file as a datasource. Close it, or the file stays locked."""

    type: Literal["duckdb"] = "duckdb"

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine that keeps its connection."""
        return DuckDBExecutionEngine

    def _save_context_project_config(self) -> None:
        """Save nothing: the context lives as long as one guard, and ends with it."""

    def add_batch_definition(
        self, batch_definition: BatchDefinition
    ) -> BatchDefinition:
        """Return it as it is, for the same reason."""
        return batch_definition

    def count(self, query: str) -> int:
        """Return how many rows a query has."""
        with self.get_execution_engine().get_connection() as connection:
            counted = connection.exec_driver_sql(f"select count(*) from ({query})")
            return counted.scalar_one()

    def close(self) -> None:
        """Release the file."""
        engine = self.get_execution_engine()
        if engine._connection is not None:
            engine._connection.close()
            engine._connection = None
        engine.engine.dispose()
        self.get_engine().dispose()
