"""The product's marts of one simulated service, in memory, without dbt and files.

dbt runs once, on a warehouse without a row: that gives the SQL of every model as it
would be run, the seeds, and the types that a contract asks for. Each cohort is then
loaded as ingest would load it, and the same SQL is run in the same order.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines import transform
from pipelines.compare.protocols import Protocol
from pipelines.errors import PipelineError
from pipelines.intake import raw
from pipelines.intake.feeds import FEEDS
from pipelines.settings import Home, Settings
from pipelines.simulate.deliveries import SOURCE, Frames, Sending
from pipelines.simulate.validation.comparisons import validated
from pipelines.sql import quoted

RUN, LOAD = "models", "cohort"
AS_OF = "2100-01-01T00:00:00.000000Z"
"""After every delivery that the simulator could write."""

READ_BESIDE_MARTS = ("int_episodes_followed_by_session", "int_units_started")
"""Models that are read although no comparison's mart needs them: weeks in therapy, and
day 0 of each unit, which tells first courses from later ones."""

MARTS_READ = ("dim_instruments",)
MEMORY = "3GB"


@dataclass(frozen=True)
class Model:
    """One model as dbt would run it."""

    schema: str
    name: str
    sql: str
    has_contract: bool

    @property
    def table(self) -> str:
        """Its name with the schema."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Compiled:
    """What dbt made of the models once.

    Attributes:
        built: DuckDB file with the seeds, and every model without a row.
        models: Those that the comparisons need, each after those it reads.
    """

    built: Path
    models: tuple[Model, ...]


def compile_models(
    folder: Path, compared: tuple[Protocol, ...] | None = None
) -> Compiled:
    """Let dbt build the models that are needed, by default without a row of data.

    Args:
        folder: For it. What has been ingested there is built too.
        compared: Whose marts are wanted; by default those that are validated.

    Raises:
        PipelineError: dbt ended with an error.
    """
    home = Home(folder)
    raw.prepare(home.raw_file)
    built = home.build_file(RUN)
    target = built.parent / "target"
    target.mkdir(parents=True)
    needed = needed_models(validated() if compared is None else compared)
    what = (
        *("build", "--select", "path:seeds", *(f"+{name}" for name in sorted(needed))),
        *("--exclude", "resource_type:test", "resource_type:unit_test"),
    )
    done = subprocess.run(
        transform.command(what, AS_OF, target, target / "not_there"),
        cwd=transform.DBT_PROJECT,
        env=transform.environment(home, RUN, Settings(threads=1, memory_limit=MEMORY)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PipelineError(f"dbt build failed: {transform.scrub(done.stdout)}")
    return Compiled(built, _read(target, needed))


@contextmanager
def build(
    compiled: Compiled, frames: Frames, sending: Sending, memory_limit: str = MEMORY
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Load a service's feeds as ingest does, run the models, and yield the build.

    Args:
        compiled: From `compile_models`.
        frames: Every feed of the service, whole.
        sending: Until when its data go.
        memory_limit: Of DuckDB.
    """
    config = {
        "threads": 1,
        "memory_limit": memory_limit,
        "temp_directory": str(compiled.built.parent / "spilled"),
    }
    with duckdb.connect(config=config) as con:
        con.execute("set enable_progress_bar = false")
        con.execute("attach ':memory:' as raw")
        con.execute("use raw")
        raw.make_tables(con)
        _load(con, frames, sending)
        con.execute("attach ':memory:' as outcomes")
        con.execute(f"attach {quoted(compiled.built)} as built (read_only)")
        con.execute("use outcomes")
        _copy_seeds(con)
        for schema in dict.fromkeys(model.schema for model in compiled.models):
            con.execute(f"create schema {schema}")
        for model in compiled.models:
            _run(con, model)
        con.execute("detach built")
        yield con


def _read(target: Path, needed: set[str]) -> tuple[Model, ...]:
    """Return the models that are needed, each after those it reads."""
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    ordered: dict[str, Model] = {}

    def add(key: str) -> None:
        if key not in nodes or key in ordered:
            return
        node = nodes[key]
        for earlier in sorted(node["depends_on"]["nodes"]):
            add(earlier)
        path = target / "compiled" / node["package_name"] / node["original_file_path"]
        ordered[key] = Model(
            node["schema"],
            node["name"],
            path.read_text("utf-8"),
            bool((node["config"].get("contract") or {}).get("enforced")),
        )

    for key in sorted(nodes):
        if nodes[key]["name"] in needed:
            add(key)
    return tuple(ordered.values())


def needed_models(compared: tuple[Protocol, ...]) -> set[str]:
    """Name the models that comparisons are read from."""
    marts = {protocol.mart for protocol in compared}
    return {*marts, *MARTS_READ, *READ_BESIDE_MARTS}


def _load(con: duckdb.DuckDBPyConnection, frames: Frames, sending: Sending) -> None:
    """Write one accepted full delivery into raw's own tables."""
    con.execute(
        "insert into loads by name select ? as load_id, ? as source, ? as namespace, "
        "'full' as kind, 'calendar' as date_mode, 'default' as disclosure_profile, "
        "?::timestamp as extracted_at, ?::date as data_to, ?::timestamp as accepted_at",
        [LOAD, SOURCE, SOURCE, *(sending.extracted_on, sending.data_to), "2026-01-01"],
    )
    for feed in FEEDS.values():
        rows = frames.get(feed.name)
        count = 0 if rows is None else rows.height
        con.execute(
            "insert into load_feeds values (?, ?, ?, ?, ?, 0, 0)",
            [LOAD, feed.name, rows is not None, count, count],
        )
        if rows is None:
            continue
        named = rows.with_columns(
            (pl.lit(f"{SOURCE}:") + pl.col(column.name)).alias(column.name)
            for column in feed.columns
            if column.kind == "id" and column.name in rows.columns
        )
        con.register("sent", named.to_arrow())
        con.execute(
            f"insert into {feed.name} by name select ? as load_id, ? as source, "
            "false as is_deleted, * from sent",
            [LOAD, SOURCE],
        )
        con.unregister("sent")


def _copy_seeds(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema seeds")
    names = con.execute(
        "select table_name from duckdb_tables() where database_name = 'built' "
        "and schema_name = 'seeds' order by table_name"
    ).fetchall()
    for (name,) in names:
        con.execute(f"create table seeds.{name} as from built.seeds.{name}")


def _run(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make one model's table; where it has a contract, with the types it asks for."""
    if not model.has_contract:
        con.execute(f"create table {model.table} as {model.sql}")
        return
    con.execute(f"create table {model.table} as from built.{model.table} limit 0")
    con.execute(f"insert into {model.table} by name {model.sql}")
