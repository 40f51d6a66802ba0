"""Whether two files hold the same marts, row for row."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.sql import quoted


@dataclass(frozen=True)
class Comparison:
    """One mart of the models beside the same mart of the bare SQL.

    Attributes:
        table: The mart.
        row_count: Its rows, as the models built it.
        only_in_models: Rows that only the models have, duplicates counted.
        only_in_bare: Rows that only the bare SQL has, duplicates counted.
        differing_types: Columns that one of them lacks or types otherwise.
    """

    table: str
    row_count: int
    only_in_models: int
    only_in_bare: int
    differing_types: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.only_in_models or self.only_in_bare or self.differing_types)


def compare(built_file: Path, bare_file: Path, raw_file: Path) -> list[Comparison]:
    """Compare every mart that the models built, by `except all` both ways."""
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        for name, path in (
            ("raw", raw_file),
            ("models", built_file),
            ("bare", bare_file),
        ):
            con.execute(f"attach {quoted(path)} as {name} (read_only)")
        return [_compare(con, table) for table in _marts(con)]


def _marts(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "select table_name from duckdb_tables() "
        "where database_name = 'models' and schema_name = 'marts' order by all"
    ).fetchall()
    return [name for (name,) in rows]


def _compare(con: duckdb.DuckDBPyConnection, table: str) -> Comparison:
    models, bare = (_columns(con, side, table) for side in ("models", "bare"))
    differing = sorted({name for name, _ in models ^ bare})
    both = sorted({name for name, _ in models} & {name for name, _ in bare})
    if not both:
        return Comparison(table, 0, 0, 0, tuple(differing))
    names = ", ".join(f'"{name}"' for name in both)
    rows = [f"select {names} from {side}.marts.{table}" for side in ("models", "bare")]
    return Comparison(
        table,
        _count(con, rows[0]),
        _count(con, f"{rows[0]} except all {rows[1]}"),
        _count(con, f"{rows[1]} except all {rows[0]}"),
        tuple(differing),
    )


def _columns(con: duckdb.DuckDBPyConnection, side: str, table: str) -> set[tuple]:
    return set(
        con.execute(
            "select column_name, data_type from duckdb_columns() where "
            "database_name = ? and schema_name = 'marts' and table_name = ?",
            [side, table],
        ).fetchall()
    )


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return con.execute(f"select count(*) from ({sql})").fetchone()[0]
