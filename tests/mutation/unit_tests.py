"""The first test that a mutant meets: its model's dbt unit tests, on fixtures.

The fixtures become tables of an in-memory DuckDB, once, so that one mutant costs
one short query per unit test and no dbt.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
from mutation.models import Model, UnitTest, rendered
from mutation.seeds import Cutoff
from mutation.warehouse import copy_seeds

Verdict = Literal["differs", "error", "survives"]
"""What became of a mutant: other rows than expected, no rows at all, or the same."""


@dataclass(frozen=True)
class Prepared:
    """One unit test with its fixtures as tables."""

    name: str
    text: str
    columns: str
    relations: dict[str, str]
    seeds: frozenset[str]
    expected: Counter


class UnitTests:
    """The unit tests of some models, ready to be run on any text of theirs."""

    def __init__(self, models: list[Model], built: Path) -> None:
        """Write the fixtures and see that every unit test passes unchanged.

        Args:
            models: Whose unit tests.
            built: A DuckDB file with the seeds, which some fixtures are drawn from.

        Raises:
            ValueError: A unit test fails before anything is changed.
        """
        self.con = duckdb.connect(config={"threads": 1})
        self.seeds = copy_seeds(self.con, built)
        self.of_model = {m.name: [self._prepare(t) for t in m.tests] for m in models}
        for model in models:
            verdict, name = self.verdict(model.name, model.text)
            if verdict != "survives":
                raise ValueError(f"{name} fails on the unchanged model")

    def verdict(self, model: str, text: str) -> tuple[Verdict, str]:
        """Run a model's unit tests on a text of it, up to the first that fails.

        Returns:
            What became of it, and the unit test that told.
        """
        for test in self.of_model[model]:
            verdict = self._verdict(test, text)
            if verdict != "survives":
                return verdict, test.name
        return "survives", ""

    def verdict_on_seed(self, cutoff: Cutoff) -> tuple[Verdict, str]:
        """Run every unit test that is given a seed, with one cut-off of it moved.

        A fixture that a unit test writes itself is not the seed and is left alone.
        """
        for tests in self.of_model.values():
            for test in tests:
                if cutoff.seed not in test.seeds:
                    continue
                self.con.execute("begin")
                self.con.execute(cutoff.statement(test.relations[cutoff.seed]))
                verdict = self._verdict(test, test.text)
                self.con.execute("rollback")
                if verdict != "survives":
                    return verdict, test.name
        return "survives", ""

    def _verdict(self, test: Prepared, text: str) -> Verdict:
        sql = f"select {test.columns} from ({rendered(text, test.relations)})"
        try:
            rows = Counter(self.con.execute(sql).fetchall())
        except duckdb.Error:
            return "error"
        return "survives" if rows == test.expected else "differs"

    def _prepare(self, test: UnitTest) -> Prepared:
        schema = f'"{test.name}"'
        self.con.execute(f"create schema {schema}")
        relations, seeds = {}, set()
        for name, query in test.fixtures.items():
            relations[name] = f'{schema}."{name}"'
            self.con.execute(f"create table {relations[name]} as {query}")
            if name in self.seeds and self._is_seed(name, query, relations[name]):
                seeds.add(name)
        expected = f"select {test.columns} from ({test.expected})"
        rows = Counter(self.con.execute(expected).fetchall())
        return Prepared(
            test.name, test.text, test.columns, relations, frozenset(seeds), rows
        )

    def _is_seed(self, name: str, query: str, relation: str) -> bool:
        """Whether a fixture is drawn from the seed, or is dbt's copy of all of it."""
        if f"seeds.{name}" in query:
            return True
        counts = {
            self.con.execute(f"select count(*) from {table}").fetchall()[0]
            for table in (relation, f"seeds.{name}")
        }
        return len(counts) == 1
