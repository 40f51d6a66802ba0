"""Reads the stories of tests/casebook/*.csv; `language.py` says what a cell means."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
COLUMNS = (
    "case",
    "story",
    "rules",
    "thresholds",
    "setting",
    "patient",
    "data_to",
    "episode",
    "sessions",
    "phq9",
    "gad7",
    "other_scores",
    "medication",
    "diagnoses",
    "expected",
)
REQUIRED = ("case", "story", "expected")
FORMULA = "=+-@"
ONLY_DIGITS = re.compile(r"[\d\s./-]+")


class BookError(Exception):
    """A cell of the case book that cannot be read; says where and why."""


@dataclass(frozen=True)
class Case:
    """One story: a row of one file."""

    topic: str
    line: int
    cells: dict[str, str]

    @property
    def name(self) -> str:
        return self.cells["case"]

    def error(self, what: str) -> BookError:
        """Return an error that says where it is."""
        return BookError(f"{self.topic}.csv, line {self.line} ({self.name}): {what}")

    def words(self, column: str) -> list[str]:
        return self.cells[column].split()

    def entries(self, column: str, separator: str = ",") -> list[str]:
        """Return the parts of a cell that stand between commas."""
        parts = (part.strip() for part in self.cells[column].split(separator))
        return [part for part in parts if part]


@cache
def read(folder: Path = FOLDER) -> list[Case]:
    """Read every story.

    Raises:
        BookError: A file lacks a column, or a story its name, sentence or flags;
            two stories share a name; or a spreadsheet would change a cell.
    """
    cases: list[Case] = []
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise BookError(
                    f"{path.name}: the columns must be {', '.join(COLUMNS)}"
                )
            for row in reader:
                if None in row or None in row.values():
                    raise BookError(
                        f"{path.name}, line {reader.line_num}: it has another number "
                        f"of cells than the first line, {len(COLUMNS)}"
                    )
                cells = {name: " ".join(text.split()) for name, text in row.items()}
                case = Case(path.stem, reader.line_num, cells)
                _check(case)
                if case.name in places:
                    raise case.error(f"{places[case.name]} has a case of that name")
                places[case.name] = f"{path.name}, line {reader.line_num},"
                cases.append(case)
    return cases


def _check(case: Case) -> None:
    for column in REQUIRED:
        if not case.cells[column]:
            raise case.error(f"{column} is empty")
    if not re.fullmatch("[a-z][a-z0-9_]*", case.name):
        raise case.error("a name is small letters, digits and underscores")
    for column, text in case.cells.items():
        if text.startswith(tuple(FORMULA)):
            raise case.error(
                f"{column} begins with {text[0]}: a spreadsheet takes it for a formula"
            )
        if ONLY_DIGITS.fullmatch(text) and not text.isdigit():
            raise case.error(
                f"{column}: a spreadsheet may take {text!r} for a date; "
                "write `days` before it"
            )
