"""The input contract, version 1: what a feed, a column and a row rule are.

The feeds themselves are in `feeds.py`. From them are made the landing checks,
the raw tables and docs/data_dictionary.md.
"""

import csv
from dataclasses import dataclass, replace
from functools import cache

from pipelines.settings import PROJECT_ROOT

CONTRACT_VERSION = 1
"""Part of every load_id: a new version loads every delivery again."""

MAXIMUM_ID_LENGTH = 64
"""Characters. Pseudonyms are short; longer text may be something else."""

INSTRUMENTS_SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "instruments.csv"
"""The one list of instruments and their ranges, each number with its source."""

SQL_TYPES = {
    "id": "varchar",
    "text": "varchar",
    "code": "varchar",
    "integer": "integer",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
}
"""DuckDB type of each kind of column."""


@dataclass(frozen=True)
class RowRule:
    """What must hold in every row; a row that breaks it is quarantined."""

    check_id: str
    """What must be true, as a snake_case sentence."""

    breaks: str
    """SQL condition, true for a row that breaks the rule; never null."""

    category: str
    """conformance, completeness or plausibility (Kahn's framework)."""

    why: str
    """What goes wrong downstream, in one sentence."""


@dataclass(frozen=True)
class Column:
    """One column of a feed."""

    name: str
    kind: str
    description: str
    is_required: bool = False
    codes: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    refers_to: str = ""
    """The feed whose key this column holds."""

    @property
    def sql_type(self) -> str:
        """DuckDB type in the raw warehouse."""
        return SQL_TYPES[self.kind]

    def sent_as(self, date_mode: str) -> str:
        """Name in a delivery: relative sources send `<x>_day` for a date."""
        if self.kind == "date" and date_mode == "relative":
            return self.name.removesuffix("_on") + "_day"
        return self.name


@dataclass(frozen=True)
class Feed:
    """One table that a source may send."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    rules: tuple[RowRule, ...] = ()
    is_required: bool = False

    @property
    def key(self) -> str:
        """Name of the key column: the first one."""
        return self.columns[0].name

    @property
    def row_rules(self) -> tuple[RowRule, ...]:
        """Rules that follow from the columns, then the feed's own.

        A row that retires a key (`is_deleted`) needs its key and nothing else.
        """
        made = (rule for column in self.columns for rule in _rules_of(column))
        return tuple(
            rule
            if rule.check_id == f"{self.key}_is_given"
            else replace(rule, breaks=f"not is_deleted and ({rule.breaks})")
            for rule in (*made, *self.rules)
        )


@cache
def _is_too_long(column: Column) -> str:
    """SQL; the namespace that is put before an id does not count."""
    too_long = f"length({column.name}) > {MAXIMUM_ID_LENGTH}"
    if column.kind != "id":
        return too_long
    sent = f"length({column.name}) - instr({column.name}, ':')"
    return f"{too_long} and {sent} > {MAXIMUM_ID_LENGTH}"


def instrument_ranges() -> dict[str, tuple[int, int]]:
    """Return the lowest and highest total of each instrument, in points."""
    with INSTRUMENTS_SEED.open(newline="", encoding="utf-8") as file:
        return {
            row["instrument"]: (int(row["min_points"]), int(row["max_points"]))
            for row in csv.DictReader(file)
        }


def _rules_of(column: Column) -> list[RowRule]:
    """Rules of one column, on its typed value and on its text (`<name>_text`)."""
    name, text = column.name, f"{column.name}_text"
    rules = []
    if column.is_required:
        rules.append(
            RowRule(
                f"{name}_is_given",
                f"{text} is null",
                "completeness",
                "The contract requires it; nothing can be counted without it.",
            )
        )
    if column.kind in ("integer", "number", "boolean", "date"):
        article = "an" if column.kind == "integer" else "a"
        rules.append(
            RowRule(
                f"{name}_is_{article}_{column.kind}",
                f"{text} is not null and {name} is null",
                "conformance",
                "It could not be read and would be lost.",
            )
        )
    if column.kind in ("id", "text"):
        rules.append(
            RowRule(
                f"{name}_is_short",
                f"coalesce({_is_too_long(column)}, false)",
                "conformance",
                f"Over {MAXIMUM_ID_LENGTH} characters it may not be a pseudonym.",
            )
        )
    if column.codes:
        listed = ", ".join(f"'{code}'" for code in column.codes)
        rules.append(
            RowRule(
                f"{name}_is_a_known_code",
                f"coalesce({name} not in ({listed}), false)",
                "conformance",
                "A code outside the list would fall out of every comparison.",
            )
        )
    if column.low is not None and column.high is not None:
        rules.append(
            RowRule(
                f"{name}_is_between_{column.low}_and_{column.high}",
                f"coalesce({name} not between {column.low} and {column.high}, false)",
                "plausibility",
                "It is outside what the quantity can be.",
            )
        )
    if column.refers_to == "patients":
        rules.append(
            RowRule(
                f"{name}_is_in_patients",
                f"coalesce({name} not in (select {name} from known_patients), false)",
                "conformance",
                "A row of an unknown patient belongs to no cohort.",
            )
        )
    return rules
