"""Names that the table of rules may use: models, seeds, tests. Reads files only."""

import csv
import re
from functools import cache
from pathlib import Path

import yaml

from pipelines.checks.rules import CASE_BOOK

ROOT = Path(__file__).parents[2]
DBT = ROOT / "dbt_project"
SEEDS_NAMED = {
    "thresholds": "threshold",
    "outcome_windows": "outcome_window",
    "instruments": "instrument",
    "measures": "measure_id",
}
"""Seeds whose every row belongs to a rule, with their key."""


@cache
def documents() -> tuple[dict, ...]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(
        yaml.load(path.read_text("utf-8"), loader) or {}
        for folder in ("models", "seeds")
        for path in sorted((DBT / folder).rglob("*.yml"))
    )


@cache
def unit_tests() -> frozenset[str]:
    return frozenset(
        test["name"] for found in documents() for test in found.get("unit_tests", [])
    )


@cache
def data_tests() -> frozenset[str]:
    """Names of data tests, and of the generic tests that are used without one."""
    return frozenset(
        name
        for found in documents()
        for table in (*found.get("models", []), *found.get("seeds", []))
        for holder in (table, *table.get("columns", []))
        for test in holder.get("data_tests", [])
        for name in names_of(test)
    )


def names_of(test: str | dict) -> list[str]:
    """Return what a data test is called: its kind, and its own name if it has one."""
    if isinstance(test, str):
        return [test]
    settings = next((value for value in test.values() if isinstance(value, dict)), {})
    return [*test, *([settings["name"]] if "name" in settings else [])]


@cache
def places() -> frozenset[str]:
    """Names of models, macros and seeds."""
    sql = [*(DBT / "models").rglob("*.sql"), *(DBT / "macros").glob("*.sql")]
    return frozenset(path.stem for path in (*sql, *(DBT / "seeds").glob("*.csv")))


@cache
def seed_rows() -> frozenset[str]:
    found = set()
    for seed, key in SEEDS_NAMED.items():
        with (DBT / "seeds" / f"{seed}.csv").open(encoding="utf-8") as file:
            found |= {f"{seed}.{row[key]}" for row in csv.DictReader(file)}
    return frozenset(found)


@cache
def functions_of(path: str) -> frozenset[str]:
    text = (ROOT / path).read_text("utf-8")
    return frozenset(re.findall(r"^def (test_\w+)", text, re.MULTILINE))


def is_known_proof(proof: str) -> bool:
    if proof == CASE_BOOK:
        return True
    if proof.startswith("tests/"):
        path, _, function = proof.partition("::")
        return (ROOT / path).is_file() and (
            not function or function in functions_of(path)
        )
    return proof in unit_tests() | data_tests()
