"""Random patients as a raw.duckdb, in raw's own tables."""

import csv
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb
from oracles.random_patients import SERVICES, Population
from oracles.records import Assessment, Session, Supply

from pipelines.intake import raw
from pipelines.intake.feeds import FEEDS


def write(population: Population, raw_file: Path) -> None:
    """Write the records as two accepted loads, in raw's own tables."""
    raw.prepare(raw_file)
    rows = {
        "patients": (
            ("patient_id", "birth_year", "died_on"),
            ((p.patient_id, p.birth_year, p.died_on) for p in population.patients),
        ),
        "sessions": (Session.__slots__, map(_values, population.sessions)),
        "medications": (Supply.__slots__, map(_values, population.supplies)),
        "assessments": (
            (*Assessment.__slots__[:-1], *(f"item_{n}" for n in range(1, 10))),
            (
                (*_values(a)[:-1], *a.items, *[None] * (9 - len(a.items)))
                for a in population.assessments
            ),
        ),
    }
    with duckdb.connect(str(raw_file)) as con, tempfile.TemporaryDirectory() as folder:
        for feed, (columns, values) in rows.items():
            path = Path(folder) / f"{feed}.csv"
            _write_csv(path, columns, values)
            con.execute(
                f"insert into {feed} by name select "
                "if(patient_id like 'a:%', 'north_1', 'south_1') as load_id, "
                "if(patient_id like 'a:%', 'north', 'south') as source, "
                f"false as is_deleted, * from read_csv('{path}', "
                "header=true, all_varchar=true, delim=',', nullstr='')"
            )
        for source, (space, data_to) in SERVICES.items():
            con.execute(
                "insert into loads by name select ? as load_id, ? as source, "
                "? as namespace, 'full' as kind, 'calendar' as date_mode, "
                "'default' as disclosure_profile, timestamp '2026-01-02' as "
                "extracted_at, ?::date as data_to, "
                "timestamp '2026-01-03' as accepted_at",
                [f"{source}_1", source, space, data_to],
            )
            con.executemany(
                "insert into load_feeds values (?, ?, ?, 1, 1, 0, 0)",
                [(f"{source}_1", feed, feed in rows) for feed in FEEDS],
            )


def _values(record: Session | Supply | Assessment) -> tuple:
    return tuple(getattr(record, name) for name in record.__slots__)


def _write_csv(path: Path, columns: Iterable[str], values: Iterable[tuple]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(values)
