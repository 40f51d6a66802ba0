"""The mutants of one model, or of the seeds, and what became of each."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mutation.changes import SEED, Change, changes, line_of
from mutation.models import Model
from mutation.second_tests import SecondTests
from mutation.seeds import Cutoff
from mutation.unit_tests import UnitTests

UNIT_TEST = "unit test"
_JINJA = re.compile(r"{{-?\s*(.*?)\s*-?}}")


@dataclass(frozen=True)
class Mutant:
    """One change and the first test that failed of it; `killer` is empty if none.

    Attributes:
        place: The model, or the file of a seed.
        number: The line in the source; 0 where it comes from a macro.
        line: What that line says, macros expanded.
        is_error: The changed SQL did not run, which fails every test.
    """

    kind: str
    place: str
    number: int
    line: str
    change: str
    killer: str
    is_error: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells a survivor apart, wherever its line moves to."""
        return self.place, self.line, self.change


def of_model(
    model: Model, steps: dict[str, str], built: Path
) -> list[tuple[Mutant, str]]:
    """Try every change of one model on its unit tests.

    Returns:
        Each mutant with its text, which is empty if a unit test failed.
    """
    tests = UnitTests([model], built)
    found = []
    for change in changes(model.text, steps, model.source):
        text = change.made_in(model.text)
        verdict, _ = tests.verdict(model.name, text)
        survives = verdict == "survives"
        mutant = Mutant(
            kind=change.kind,
            place=model.name,
            number=_number(model, change),
            line=line_of(model.text, change.start),
            change=f"{change.old} → {change.new}",
            killer="" if survives else UNIT_TEST,
            is_error=verdict == "error",
        )
        found.append((mutant, text if survives else ""))
    return found


def of_seeds(cutoffs: list[Cutoff], tests: UnitTests) -> list[tuple[Mutant, Cutoff]]:
    """Try every moved cut-off of the seeds on the unit tests that are given it."""
    found = []
    for cutoff in cutoffs:
        verdict, _ = tests.verdict_on_seed(cutoff)
        mutant = Mutant(
            kind=SEED,
            place=f"seeds/{cutoff.seed}.csv",
            number=0,
            line=cutoff.row,
            change=f"{cutoff.column} {cutoff.amount} → {cutoff.amount} {cutoff.step}",
            killer="" if verdict == "survives" else UNIT_TEST,
            is_error=verdict == "error",
        )
        found.append((mutant, cutoff))
    return found


def tried_again(
    mutant: Mutant, what: str | Cutoff, second: Callable[[], SecondTests]
) -> Mutant:
    """Try a survivor of the unit tests on the case book and the oracles."""
    if mutant.killer:
        return mutant
    if isinstance(what, Cutoff):
        return replace(mutant, killer=second().killer_of_seed(what))
    return replace(mutant, killer=second().killer(mutant.place, what))


def _number(model: Model, change: Change) -> int:
    """Return the line of the source that a changed line of the text comes from."""
    line = line_of(model.text, change.start)
    written = defaultdict(list)
    for number, text in enumerate(model.source.splitlines(), start=1):
        written[_JINJA.sub(r"\1", text).strip()].append(number)
    numbers = written.get(line, [0])
    begin = model.text.rfind("\n", 0, change.start) + 1
    earlier = [t.strip() for t in model.text[:begin].splitlines()].count(line)
    return numbers[min(earlier, len(numbers) - 1)]
