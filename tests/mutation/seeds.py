"""Every cut-off of the seeds, one step up and one step down."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from mutation.changes import THRESHOLD, changes
from mutation.models import CHANGED, Model

KEYS = {
    "instruments": "instrument",
    "thresholds": "threshold",
    "outcome_windows": "outcome_window",
}
"""The seeds that hold the rules' numbers, and what names a row.

The doses of ingredients.csv are a list of facts, not rules: no test repeats them.
"""

SHARE_STEP = "0.01"


@dataclass(frozen=True)
class Cutoff:
    """One number of one row of a seed, and the step that it is moved by."""

    seed: str
    row: str
    column: str
    amount: str
    step: str

    def statement(self, relation: str) -> str:
        """Return the statement that moves it in a table."""
        return (
            f"update {relation} set {self.column} = {self.column} {self.step} "
            f"where {KEYS[self.seed]} = '{self.row}'"
        )


def steps(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the seeds' numeric columns, each with the step that it is moved by."""
    found = con.execute(
        "select distinct column_name from duckdb_columns() where schema_name = 'seeds' "
        "and table_name <> 'thresholds' and data_type not in ('VARCHAR', 'BOOLEAN')"
    ).fetchall()
    return {c: SHARE_STEP if c.endswith("_share") else "1" for (c,) in found}


def cutoffs(built: Path, models: Iterable[Model]) -> list[Cutoff]:
    """Return every number that the changed SQL uses, moved up and moved down."""
    changed = [model for model in models if model.folder in CHANGED]
    with duckdb.connect(str(built), read_only=True) as con:
        by_column = steps(con)
        used = {
            change.old.rpartition(".")[2]
            for model in changed
            for change in changes(model.text, by_column, model.source)
            if change.kind == THRESHOLD
        }
        return [
            Cutoff(seed, row, column, f"{amount:g}", f"{sign} 1")
            for seed, key in KEYS.items()
            for column in _columns(con, seed)
            for row, amount in con.execute(
                f"select {key}, {column} from seeds.{seed} "
                f"where {column} is not null order by {key}"
            ).fetchall()
            if column in used or f"threshold('{row}')" in used
            for sign in "+-"
        ]


def _columns(con: duckdb.DuckDBPyConnection, seed: str) -> list[str]:
    """Return a seed's numeric columns in their order."""
    found = con.execute(
        "select column_name from duckdb_columns() where schema_name = 'seeds' "
        "and table_name = ? and data_type not in ('VARCHAR', 'BOOLEAN') "
        "order by column_index",
        [seed],
    ).fetchall()
    return [column for (column,) in found]
