"""docs/mutation.md, written from one whole run."""

from collections import Counter
from collections.abc import Callable, Iterable

from mutation.changes import ASKED_FOR, CLASSES, EXPLAINED
from mutation.mutants import UNIT_TEST, Mutant
from mutation.survivors import Reasons

KILLERS = (UNIT_TEST, "case book", "oracles")

INTRODUCTION = """\
# Mutation test of the clinical SQL

<!-- Written by `make mutation`; do not edit. Reasons: tests/mutation/survivors.csv -->

A test that cannot fail proves nothing. `make mutation` changes the SQL of
`dbt_project/models/intermediate` and `dbt_project/models/marts` in one place, in a
copy, and asks whether a test notices; then it takes the next place. All data are
made up: the unit tests' rows, the stories of the case book, random patients.

What is changed is the SQL with its macros expanded, so a rule in a macro counts for
each model that uses it. Lines that a loop writes are one place and change together.

- **Comparison operator**: each `=`, `!=`, `in`, `like` becomes its opposite; each
  `<`, `<=`, `>`, `>=` is moved by one step and turned; each bound of a `between` is
  left out. A join's `a.key = b.key` is counted apart.
- **Threshold**: each use of `threshold('…')` or of a seed's numeric column, and each
  number that is compared with something, plus 1 and minus 1.
- **Cut-off of a seed**: each number of `instruments.csv`, `thresholds.csv` and
  `outcome_windows.csv` that this SQL uses, plus 1 and minus 1. The doses of
  `ingredients.csv` are a list of facts that no test repeats; they are not counted.
- The other classes were not asked for. `and` becomes `or`, `is null` its opposite,
  `inner join` becomes `left join`, `max` becomes `min`, and so on.

A mutant meets its model's unit tests first; who survives them meets the case book,
then the oracles (2,000 random patients). It is counted where it failed first. SQL
that no longer runs fails as well; how often that is so is told.
"""


def page(mutants: list[Mutant], reasons: Reasons) -> str:
    """Return the page as Markdown."""
    asked = [m for m in mutants if m.kind in ASKED_FOR]
    kinds = [k for k in CLASSES if any(m.kind == k for m in mutants)]
    places = sorted({m.place for m in mutants})
    silent = Counter(m.kind for m in _survivors(mutants) if m.kind not in EXPLAINED)
    parts = [
        INTRODUCTION,
        f"Comparison operators and thresholds: {_sentence(asked)}",
        "## By class",
        _table("Class", kinds, lambda kind: [m for m in mutants if m.kind == kind]),
        "## By model",
        "Comparison operators, thresholds and join keys; for a seed its cut-offs.",
        _table(
            "Model",
            places,
            lambda p: [m for m in mutants if m.place == p and m.kind in EXPLAINED],
        ),
        "## Survivors, and why",
        _reasons_table(_survivors(mutants), reasons),
        "## Survivors of the other classes",
        "Not asked for and not explained one by one; "
        f"{sum(silent.values())} in all. `python -m mutation.run --list` names them.",
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def share(mutants: Iterable[Mutant]) -> float:
    """Return which share of some mutants failed a test; 1 if there are none."""
    killed = [bool(m.killer) for m in mutants]
    return sum(killed) / len(killed) if killed else 1.0


def _survivors(mutants: Iterable[Mutant]) -> list[Mutant]:
    return [m for m in mutants if not m.killer]


def _sentence(mutants: list[Mutant]) -> str:
    errors = sum(m.is_error for m in mutants)
    killed = len(mutants) - len(_survivors(mutants))
    return (
        f"**{killed:,} of {len(mutants):,} mutants fail a test "
        f"({100 * share(mutants):.1f} %)**; {errors:,} of them because the SQL does "
        "not run."
    )


def _table(
    head: str, names: Iterable[str], mutants_of: Callable[[str], list[Mutant]]
) -> str:
    rows = [
        f"| {head} | Mutants | Unit tests | of these by an error | Case book "
        "| Oracles | Survivors | Failed a test |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name in names:
        found = mutants_of(name)
        if not found:
            continue
        by = Counter(m.killer for m in found)
        errors = sum(m.is_error for m in found)
        rows.append(
            f"| {name} | {len(found):,} | {by[UNIT_TEST]:,} | {errors:,} "
            f"| {by['case book']:,} | {by['oracles']:,} | {by['']:,} "
            f"| {100 * share(found):.1f} % |"
        )
    return "\n".join(rows)


def _reasons_table(survivors: list[Mutant], reasons: Reasons) -> str:
    rows = [
        "| Where | Line | Change | Why no test can tell |",
        "| --- | --- | --- | --- |",
    ]
    explained = sorted(
        (m for m in survivors if m.kind in EXPLAINED),
        key=lambda m: (m.place, m.number, m.change),
    )
    for m in explained:
        where = f"{m.place}, line {m.number}" if m.number else m.place
        why = reasons.get(m.key, "")
        rows.append(f"| {where} | {_code(m.line)} | {_code(m.change)} | {why} |")
    return "\n".join(rows) if explained else "None."


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"
