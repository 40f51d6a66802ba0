"""Write a release: a new folder, finished before anyone can see it.

Only tables that a reader may have are copied into a new file. A copy of the build
would carry its views on raw and the bytes of tables that were dropped.
"""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.checks.results import now
from pipelines.release import manifest, model_docs
from pipelines.release.quality.freshness import NEVER_DAYS
from pipelines.reporting import site
from pipelines.reporting.passport import Passport
from pipelines.runs import Run
from pipelines.settings import Home, Settings
from pipelines.sql import STORAGE_VERSION, quoted

SCHEMAS = ("marts", "estimates", "reports", "quality")
"""What a release offers; nothing else of a build leaves it."""

UNFINISHED = ".unfinished-"


def publish(home: Home, settings: Settings, run: Run, profile: str) -> Path:
    """Publish a finished build as `releases/<run_id>` and make it current.

    Args:
        home: Where builds and releases are.
        settings: Threads, and how often a release is due.
        run: The run whose reports have passed their guard.
        profile: Disclosure profile of its reports.

    Returns:
        The release folder.
    """
    home.releases.mkdir(parents=True, exist_ok=True)
    for left_over in home.releases.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left_over)
    folder = home.releases / f"{UNFINISHED}{run.run_id}"
    folder.mkdir()
    _copy_tables(home.build_file(run.run_id), folder / "outcomes.duckdb")
    _export(folder / "outcomes.duckdb", folder / "public")
    model_docs.write(home, settings, run, folder / "docs")
    with duckdb.connect(str(folder / "outcomes.duckdb"), read_only=True) as con:
        passport = _passport(con, settings, run, profile)
        site.build(con, folder / "site", passport)
    with duckdb.connect(str(home.build_file(run.run_id)), read_only=True) as con:
        con.execute(f"attach {quoted(home.raw_file)} as raw (read_only)")
        described = manifest.describe(con, run, profile, settings.disclosure, folder)
    described["published_at"] = passport.built_at
    (folder / "manifest.json").write_text(
        json.dumps(described, indent=2) + "\n", encoding="utf-8"
    )
    released = home.releases / run.run_id
    folder.rename(released)
    make_current(home, run.run_id)
    return released


def make_current(home: Home, release_id: str) -> None:
    """Point `releases/current` and `current.json` at a release, atomically each."""
    link = home.releases / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.replace(home.releases / "current")
    named = home.releases / ".current.json"
    named.write_text(json.dumps({"release_id": release_id}) + "\n", encoding="utf-8")
    named.replace(home.releases / "current.json")


def _copy_tables(build_file: Path, release_file: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(build_file)} as build (read_only)")
        con.execute(
            f"attach {quoted(release_file)} as release "
            f"(storage_version '{STORAGE_VERSION}')"
        )
        listed = ", ".join(f"'{schema}'" for schema in SCHEMAS)
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() "
            f"where database_name = 'build' and schema_name in ({listed}) "
            "and not temporary order by schema_name, table_name"
        ).fetchall()
        for schema in SCHEMAS:
            con.execute(f"create schema release.{schema}")
        for schema, table in tables:
            con.execute(
                f"create table release.{schema}.{table} as from build.{schema}.{table}"
            )
        con.execute("detach release")


def _export(release_file: Path, public: Path) -> None:
    """Write each report as Parquet and CSV, its rows in a fixed order."""
    public.mkdir()
    with duckdb.connect(str(release_file), read_only=True) as con:
        tables = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'reports' "
            "order by table_name"
        ).fetchall()
        for (table,) in tables:
            rows = f"(select * from reports.{table} order by all)"
            for suffix, options in (("parquet", ""), ("csv", ", header")):
                target = quoted(public / f"{table}.{suffix}")
                con.execute(f"copy {rows} to {target} (format {suffix}{options})")


def _passport(
    con: duckdb.DuckDBPyConnection, settings: Settings, run: Run, profile: str
) -> Passport:
    (rhythm,) = con.execute(
        "select min(expected_every_days) from quality.loads"
    ).fetchone()
    (is_simulated,) = con.execute(
        "select coalesce(bool_or(is_simulated), false) from reports.rpt_sources"
    ).fetchone()
    every_days = max(settings.release_every_days, rhythm or 0)
    due = datetime.now(UTC) + timedelta(days=every_days)
    return Passport(
        release_id=run.run_id,
        run_id=run.run_id,
        as_of=run.as_of,
        built_at=now(),
        disclosure_profile=profile,
        next_release_due=None
        if every_days >= NEVER_DAYS
        else due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        git_commit=run.git_commit,
        is_simulated=is_simulated,
    )
