"""Which figures and questions a delivery leaves `not measured`."""

import csv
from dataclasses import dataclass
from functools import cache

import yaml

from pipelines.settings import PROJECT_ROOT

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
QUESTIONS_SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "questions.csv"


@dataclass(frozen=True)
class QuestionGap:
    """A question of the article that these data cannot answer."""

    question_id: str
    question: str
    missing: tuple[str, ...]
    """Feeds, or `instrument.<code>` (several with | between them)."""


@dataclass(frozen=True)
class ColumnGap:
    """A column of a mart that would have no value."""

    table_name: str
    column_name: str
    missing: tuple[str, ...]
    """Feeds, or `<feed>.<column>`."""


@dataclass(frozen=True)
class Gaps:
    """What would be `not measured`, were this delivery all there is."""

    questions: tuple[QuestionGap, ...]
    columns: tuple[ColumnGap, ...]
    questions_count: int
    """Questions that can be answered at all."""


def find_gaps(supplied: set[str]) -> Gaps:
    """Return what would be `not measured`.

    Args:
        supplied: What the delivery sends: `<feed>`, `<feed>.<column>` and
            `instrument.<code>`.
    """
    columns = tuple(
        ColumnGap(table, column, missing)
        for table, column, needs in column_needs()
        if (missing := tuple(need for need in needs if need not in supplied))
    )
    questions = _questions()
    return Gaps(
        tuple(
            QuestionGap(row["question_id"], row["question"], missing)
            for row in questions
            if (
                missing := tuple(
                    need
                    for need in row["needs"].split()
                    if not supplied & set(need.split("|"))
                )
            )
        ),
        columns,
        len(questions),
    )


@cache
def column_needs() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return table, column and needs of each mart column, from the models' yml."""
    found = []
    for path in sorted(MARTS.glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            for column in model.get("columns") or ():
                meta = (column.get("config") or {}).get("meta") or {}
                if meta.get("needs"):
                    needs = tuple(meta["needs"])
                    found.append((model["name"], column["name"], needs))
    return tuple(sorted(found, key=lambda entry: entry[0]))


def _questions() -> list[dict[str, str]]:
    with QUESTIONS_SEED.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["is_answerable"] == "true"]
