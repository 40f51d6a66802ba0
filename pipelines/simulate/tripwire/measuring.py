"""Show the tripwire the corpus, and count what it refuses."""

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.compare.unadjusted import wilson_interval
from pipelines.intake.adapters import view_of
from pipelines.intake.identifiers import Finding, tripwire
from pipelines.intake.identifiers.finding import Place
from pipelines.simulate.tripwire import clean
from pipelines.simulate.tripwire.corpus import (
    PLAIN_HEADERS,
    Column,
    clean_columns,
    planted_columns,
)

logger = logging.getLogger(__name__)

MEASURED = Path(__file__).with_name("measured.json")
"""What was measured last; docs/tripwire.md is made from it."""

FILE = "corpus.parquet"
COLUMNS_PER_FILE = 250
RECALL_GOAL, FALSE_GOAL = 0.99, 0.01
"""Least share of planted columns found, most of clean ones refused (0-1)."""


@dataclass(frozen=True)
class Row:
    """What the tripwire said of one kind, or of one group of clean columns."""

    part: str
    """`planted`, `beyond` or `clean`."""

    subject: str
    """Kind of identifier, or group of clean columns."""

    shown: int
    refused: int
    named: int
    """Refused as the kind that was planted; 0 for clean columns."""

    low: float
    high: float
    """Wilson's interval (95 %) of refused over shown."""


@dataclass(frozen=True)
class Detail:
    """One form that is missed, or one sort of clean column that is refused, at all."""

    part: str
    subject: str
    form: str
    planted: str
    shown: int
    refused: int


def measure(seed: int, each: int) -> dict:
    """Make the corpus of a seed and count what is refused.

    Args:
        seed: Same seed, same corpus.
        each: Columns of every form and way of planting, and of every clean sort.

    Returns:
        What `write` keeps: seed, each, rows and details.
    """
    shown, refused, named = Counter(), Counter(), Counter()
    for columns in (planted_columns(seed, each), clean_columns(seed, each)):
        for number, file in enumerate(_files(columns)):
            if number % 20 == 0:
                logger.info("looking through file %d of seed %d", number + 1, seed)
            for column, kinds in zip(file, _kinds(file), strict=True):
                key = _key(column)
                shown[key] += 1
                refused[key] += bool(kinds)
                named[key] += column.kind in kinds
    return {
        "seed": seed,
        "each": each,
        "rows": [asdict(row) for row in _rows(shown, refused, named)],
        "details": [asdict(row) for row in _details(shown, refused)],
    }


def _key(column: Column) -> tuple[str, str, str, str]:
    part = "planted" if column.is_promised else "beyond"
    if not column.kind:
        return "clean", column.form, column.planted, ""
    return part, column.kind, column.form, column.planted


def _rows(shown: Counter, refused: Counter, named: Counter) -> Iterator[Row]:
    subjects = defaultdict(list)
    for key in shown:
        subjects[key[:2]].append(key)
    for (part, subject), keys in subjects.items():
        total = sum(shown[key] for key in keys)
        found = sum(refused[key] for key in keys)
        low, high = wilson_interval(found, total)
        yield Row(
            part, subject, total, found, sum(named[key] for key in keys), low, high
        )


def _details(shown: Counter, refused: Counter) -> Iterator[Detail]:
    for key, count in shown.items():
        is_wrong = refused[key] > 0 if key[0] == "clean" else refused[key] < count
        if is_wrong or key[0] == "beyond":
            yield Detail(*key, count, refused[key])


def total(measured: dict, part: str) -> Row:
    """Return one part's figures over all its kinds."""
    rows = [row for row in measured["rows"] if row["part"] == part]
    shown, refused = (sum(row[name] for row in rows) for name in ("shown", "refused"))
    low, high = wilson_interval(refused, shown)
    return Row(part, "all", shown, refused, sum(r["named"] for r in rows), low, high)


def _files(columns: Iterable[Column]) -> Iterator[list[Column]]:
    """Put columns into files in which no two have one header."""
    waiting: list[dict[str, Column]] = []
    for column in columns:
        header = column.header.lower()
        for file in waiting:
            name = f"{header}_{len(file)}" if column.header in PLAIN_HEADERS else header
            if name not in file:
                file[name] = column
                break
        else:
            file = {header: column}
            waiting.append(file)
        if len(file) >= COLUMNS_PER_FILE:
            waiting.remove(file)
            yield list(file.values())
    yield from (list(file.values()) for file in waiting)


def _kinds(columns: list[Column]) -> list[set[str]]:
    """Return for each column of a file the kinds that its cells are refused for."""
    findings = look_through(columns)
    kinds = [set() for _ in columns]
    for finding in findings:
        if finding.place is not Place.file_name:
            kinds[finding.column_position - 1].add(finding.kind)
    return kinds


def look_through(columns: list[Column], file: str = FILE) -> list[Finding]:
    """Return what the tripwire says of one file with these columns."""
    longest = max(len(column.values) for column in columns)
    taken: set[str] = set()
    data = {}
    for position, column in enumerate(columns):
        header = column.header
        if header.lower() in taken or column.header in PLAIN_HEADERS:
            header = f"{header}_{position}"
        taken.add(header.lower())
        data[header] = [*column.values, *[None] * (longest - len(column.values))]
    frame = pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)).to_arrow()
    con = duckdb.connect(config={"threads": 1})
    try:
        con.register("made", frame)
        con.execute(f"create table {view_of(file)} as select * from made")
        return tripwire.look_through(con, [file], clean.LATEST.year)
    finally:
        con.close()


def write(measured: list[dict]) -> None:
    """Keep what was measured for docs/tripwire.md."""
    text = json.dumps(measured, indent=2, ensure_ascii=False) + "\n"
    MEASURED.write_text(text, encoding="utf-8")


def read() -> list[dict]:
    """Return what was measured last, seed by seed."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))
