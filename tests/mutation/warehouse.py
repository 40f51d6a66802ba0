"""A whole warehouse in memory, built from the models' texts, to try a mutant in.

The second test of a mutant: its model and what is built from it are made again in
a transaction that is rolled back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from mutation.models import STAGES, Model, rendered
from mutation.seeds import Cutoff

LONGEST_SECONDS = 60
"""A mutant that takes longer is stopped: joins without a key grow without end."""


class Warehouse:
    """Every table of one raw file, and the way to build any of them otherwise."""

    def __init__(self, models: list[Model], built: Path, raw_file: Path) -> None:
        """Build all models from their own texts.

        Args:
            models: All models, each after those it reads.
            built: A DuckDB file with the seeds.
            raw_file: The loads to build from.
        """
        self.models = {m.name: m for m in models}
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute(f"attach '{raw_file}' as raw (read_only)")
        self.relations = {m.name: f"{m.folder}.{m.name}" for m in self.models.values()}
        for name in copy_seeds(self.con, built):
            self.relations[name] = f"seeds.{name}"
        for stage in STAGES:
            self.con.execute(f"create schema {stage}")
        for model in self.models.values():
            self._build(model, model.text)

    @contextmanager
    def with_text(self, name: str, text: str) -> Iterator[set[str]]:
        """Build one model from another text, and what follows; then undo it.

        Yields:
            The models that hold other rows now.

        Raises:
            duckdb.Error: The text or a model after it cannot be built.
        """
        with self._undone():
            yield self._rebuilt({name: text})

    @contextmanager
    def with_seed(self, cutoff: Cutoff) -> Iterator[set[str]]:
        """Move one cut-off of a seed, and build what follows; then undo it."""
        with self._undone():
            self.con.execute(cutoff.statement(self.relations[cutoff.seed]))
            use = (
                f"threshold('{cutoff.row}')"
                if cutoff.seed == "thresholds"
                else f"ref('{cutoff.seed}')"
            )
            readers = {m.name: m.text for m in self.models.values() if use in m.text}
            yield self._rebuilt(readers)

    @contextmanager
    def _undone(self) -> Iterator[None]:
        stop = threading.Timer(LONGEST_SECONDS, self.con.interrupt)
        self.con.execute("begin")
        stop.start()
        try:
            yield
        finally:
            stop.cancel()
            self.con.execute("rollback")

    def _rebuilt(self, texts: dict[str, str]) -> set[str]:
        """Build these models from these texts, and those that read a changed one."""
        changed: set[str] = set()
        for model in self.models.values():
            if model.name in texts or changed & set(model.reads):
                before = self._fingerprint(model)
                self._build(model, texts.get(model.name, model.text))
                if self._fingerprint(model) != before:
                    changed.add(model.name)
        return changed

    def _build(self, model: Model, text: str) -> None:
        sql = rendered(text, self.relations)
        self.con.execute(
            f"create or replace table {self.relations[model.name]} as {sql}"
        )

    def _fingerprint(self, model: Model) -> tuple:
        """Return what tells two contents apart, whatever the order of their rows."""
        return self.con.execute(
            f"select count(*), sum(hash(rows_of_it)) from {self.relations[model.name]} "
            "as rows_of_it"
        ).fetchall()[0]


def copy_seeds(con: duckdb.DuckDBPyConnection, built: Path) -> list[str]:
    """Copy the seeds of a DuckDB file into the schema `seeds`; returns their names."""
    con.execute("create schema seeds")
    con.execute(f"attach '{built}' as built (read_only)")
    names = [
        name
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where database_name = 'built' "
            "and schema_name = 'seeds' order by table_name"
        ).fetchall()
    ]
    for name in names:
        con.execute(f"create table seeds.{name} as from built.seeds.{name}")
    con.execute("detach built")
    return names
