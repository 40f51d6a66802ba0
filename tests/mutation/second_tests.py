"""What a mutant meets that no unit test kills: the case book, then the oracles.

Both look at a whole warehouse: the stories that clinicians read, and random
patients whose marts are computed a second time in plain Python.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
from casebook import answers, book
from casebook import raw_file as casebook_file
from mutation.models import Model
from mutation.seeds import Cutoff
from mutation.warehouse import Warehouse
from oracles import random_patients
from oracles import raw_file as oracle_file
from oracles.agreement import Expected, differences
from oracles.test_oracles_agree import KEYS, found

PATIENTS = 2000
"""As many random patients as the oracles' own test draws."""

BROKEN = (duckdb.Error, AssertionError, LookupError, book.BookError)
"""A mutant's tables that cannot be built or read fail the test, as they should."""

Test = tuple[str, Warehouse, Callable[[], bool]]


class SecondTests:
    """The case book and the oracles, each with a warehouse of its own."""

    def __init__(self, models: list[Model], built: Path, folder: Path) -> None:
        """Build both warehouses and see that nothing fails unchanged.

        Args:
            models: All models, each after those it reads.
            built: A DuckDB file with the seeds.
            folder: Where the two raw files may be written.

        Raises:
            ValueError: A story or an oracle fails before anything is changed.
        """
        self.cases = book.read()
        stories = folder / "casebook.duckdb"
        casebook_file.write(self.cases, stories)
        self.stories = Warehouse(models, built, stories)
        if wrong := self._wrong_stories():
            raise ValueError(f"stories fail on the unchanged models: {wrong}")
        population = random_patients.make(PATIENTS)
        patients = folder / "oracles.duckdb"
        oracle_file.write(population, patients)
        self.patients = Warehouse(models, built, patients)
        self.expected = Expected(population)
        if self._disagrees():
            raise ValueError("the oracles disagree with the unchanged models")

    def killer(self, model: str, text: str) -> str:
        """Return which test another text of a model fails: a word, or nothing."""
        return self._killer(lambda w: w.with_text(model, text))

    def killer_of_seed(self, cutoff: Cutoff) -> str:
        """Return which test a moved cut-off fails: a word, or nothing."""
        return self._killer(lambda w: w.with_seed(cutoff))

    def _killer(
        self, changed_in: Callable[[Warehouse], AbstractContextManager[set[str]]]
    ) -> str:
        tests: list[Test] = [
            ("case book", self.stories, lambda: bool(self._wrong_stories())),
            ("oracles", self.patients, self._disagrees),
        ]
        for name, warehouse, fails in tests:
            try:
                with changed_in(warehouse) as changed:
                    if changed and fails():
                        return name
            except BROKEN:
                return name
        return ""

    def _wrong_stories(self) -> list[str]:
        """Return the names of the stories with a flag that is not as expected."""
        said = answers.Answers(self.stories.con)
        return [
            case.name
            for case in self.cases
            if any(
                said.found(case, flag.path) != flag.value
                for flag in answers.expectations(case)
            )
        ]

    def _disagrees(self) -> bool:
        """Whether any mart differs from its oracle."""
        return any(
            differences(getattr(self.expected, table), found(self.patients.con, table))
            for table in KEYS
        )
