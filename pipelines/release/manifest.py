"""The manifest of a release: from what, with what and by what it was made."""

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import duckdb

from pipelines.intake.contract import CONTRACT_VERSION
from pipelines.release.disclosure import shown_count
from pipelines.runs import Run
from pipelines.settings import Disclosure

PACKAGES = (
    "therapy-outcomes",
    "duckdb",
    "dbt-core",
    "dbt-duckdb",
    "great-expectations",
    "polars",
    "statsmodels",
)
"""Packages whose version can move a number."""

COUNTED_SCHEMAS = (
    "staging",
    "intermediate",
    "marts",
    "estimates",
    "aggregates",
    "reports",
)


def describe(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    profile: str,
    disclosure: Disclosure,
    folder: Path,
) -> dict:
    """Return the manifest of a release folder that is otherwise complete.

    Args:
        con: The build, with `raw` attached.
        run: The run that made it.
        profile: Disclosure profile; unless public, row counts are coarse too.
        disclosure: Minimum and rounding base.
        folder: The release folder, with `public/` and `outcomes.duckdb`.
    """
    return {
        "release_id": run.run_id,
        "run_id": run.run_id,
        "as_of": run.as_of,
        "git_commit": run.git_commit,
        "settings_sha256": run.settings_sha256,
        "disclosure_profile": profile,
        "contract_version": CONTRACT_VERSION,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "inputs": _inputs(con),
        "rows": {
            stage: {
                table: shown_count(count, profile, disclosure)
                for table, count in counts.items()
            }
            for stage, counts in {
                "raw": _raw_rows(con),
                **{schema: _rows(con, schema) for schema in COUNTED_SCHEMAS},
            }.items()
        },
        "public_sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((folder / "public").iterdir())
        },
    }


def _inputs(con: duckdb.DuckDBPyConnection) -> list[dict]:
    rows = con.execute(
        "select load_id, source, delivery, strftime(accepted_at, '%Y-%m-%dT%H:%M:%S.%fZ') "
        "from staging.stg_loads order by source, extracted_at, load_id"
    ).fetchall()
    names = ("load_id", "source", "delivery", "accepted_at")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _raw_rows(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = con.execute(
        "select feed, sum(loaded_count)::bigint from quality.reconciliation "
        "group by feed order by feed"
    ).fetchall()
    return dict(rows)


def _rows(con: duckdb.DuckDBPyConnection, schema: str) -> dict[str, int]:
    tables = con.execute(
        "select table_name from information_schema.tables where table_schema = ? "
        "and table_catalog = current_database() order by table_name",
        [schema],
    ).fetchall()
    return {
        table: con.execute(f"select count(*) from {schema}.{table}").fetchone()[0]
        for (table,) in tables
    }
