"""A small raw.duckdb, written row by row, and builds of it.

The clinic, the pharmacy and the counselling service are made up.
"""

import csv
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines import transform
from pipelines.checks.results import CheckResult
from pipelines.intake.feeds import FEEDS
from pipelines.settings import PROJECT_ROOT, Home, Settings

AS_OF = "2026-06-01T00:00:00.000000Z"
FIGURES = PROJECT_ROOT / "examples/beat_the_blues/delivery/2003-02-01/BtheB.csv"
STAGES = ("staging", "intermediate", "marts", "aggregates")


@dataclass
class Raw:
    """Loads to write into a raw.duckdb; unnamed columns stay null."""

    loads: list[dict[str, Any]] = field(default_factory=list)
    feeds: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def load(
        self, load_id: str, source: str, kind: str = "full", **values: Any
    ) -> "RawLoad":
        self.loads.append(
            {
                "load_id": load_id,
                "files_id": load_id,
                "source": source,
                "namespace": "n",
                "kind": kind,
                "date_mode": "calendar",
                "disclosure_profile": "default",
                "extracted_at": "2026-01-01",
                "accepted_at": "2026-01-02",
                "data_to": "2026-01-01",
                **values,
            }
        )
        return RawLoad(self, load_id, source)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as con:
            con.execute(
                "create table loads (load_id varchar, run_id varchar, "
                "files_id varchar, source varchar, "
                "delivery varchar, owner varchar, contact varchar, "
                "namespace varchar, kind varchar, date_mode varchar, "
                "disclosure_profile varchar, expected_every_days integer, "
                "contract_version integer, extracted_at timestamp, data_to date, "
                "accepted_at timestamp, content_id varchar, "
                "withdrawn_at timestamp, purged_at timestamp)"
            )
            con.execute(
                "create table load_feeds (load_id varchar, feed varchar, "
                "is_supplied boolean, yielded_count bigint, loaded_count bigint, "
                "quarantined_count bigint, duplicate_count bigint)"
            )
            con.execute(
                "create table load_columns (load_id varchar, feed varchar, "
                "column_name varchar, is_supplied boolean)"
            )
            for feed in FEEDS.values():
                columns = ", ".join(f"{c.name} {c.sql_type}" for c in feed.columns)
                con.execute(
                    f"create table {feed.name} (load_id varchar, source varchar, "
                    f"is_deleted boolean, {columns})"
                )
                _insert(con, feed.name, self.feeds.get(feed.name, []))
            _insert(con, "loads", self.loads)
            for load in self.loads:
                for feed in FEEDS.values():
                    rows = [
                        row
                        for row in self.feeds.get(feed.name, [])
                        if row["load_id"] == load["load_id"]
                    ]
                    n = len(rows)
                    con.execute(
                        "insert into load_feeds values (?, ?, ?, ?, ?, 0, 0)",
                        [load["load_id"], feed.name, n > 0, n, n],
                    )


@dataclass
class RawLoad:
    """One load that rows are added to."""

    raw: Raw
    load_id: str
    source: str

    def add(self, feed: str, *rows: dict[str, Any]) -> "RawLoad":
        stamp = {
            "load_id": self.load_id,
            "source": self.source,
            "is_deleted": False,
        }
        self.raw.feeds.setdefault(feed, []).extend({**stamp, **row} for row in rows)
        return self


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict]) -> None:
    for row in rows:
        marks = ", ".join("?" for _ in row)
        con.execute(
            f"insert into {table} ({', '.join(row)}) values ({marks})",
            list(row.values()),
        )


def add_trial(raw: Raw) -> None:
    """Add the Beat the Blues figures as feeds, from the wide file of the example."""
    load = raw.load(
        "trial_1",
        "beat_the_blues",
        namespace="btb",
        date_mode="relative",
        disclosure_profile="public_data",
        data_to=None,
    )
    days = {"bdi.pre": 0, "bdi.2m": 61, "bdi.4m": 91, "bdi.6m": 152, "bdi.8m": 244}
    with FIGURES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            patient, episode = f"btb:p{row['rownames']}", f"btb:e{row['rownames']}"
            arm = "computerised_cbt" if row["treatment"] == "BtheB" else "usual_care"
            is_long = row["length"] == ">6m"
            load.add("patients", {"patient_id": patient})
            load.add(
                "episodes",
                {
                    "episode_id": episode,
                    "patient_id": patient,
                    "started_on": date(2000, 1, 1),
                    "modality": arm,
                    "allocated_arm": arm,
                    "is_randomised": True,
                    "depression_duration_band": "over_6_months"
                    if is_long
                    else "up_to_6_months",
                },
            )
            load.add(
                "assessments",
                *(
                    {
                        "assessment_id": f"{episode}_{day}",
                        "patient_id": patient,
                        "episode_id": episode,
                        "instrument": "bdi_ii",
                        "completed_on": date(2000, 1, 1) + timedelta(days=day),
                        "collection_reason": "scheduled_follow_up" if day else None,
                        "total_points": int(row[column]),
                    }
                    for column, day in days.items()
                    if row[column]
                ),
            )
            if row["drug"] == "Yes":
                load.add(
                    "medications",
                    {
                        "medication_id": f"btb:m{row['rownames']}",
                        "patient_id": patient,
                        "ingredient": "antidepressant_unspecified",
                        "is_in_use_at_index": True,
                        "record_type": "reported",
                    },
                )


def add_service(raw: Raw, people: int = 60) -> None:
    """Add a made-up clinic, its pharmacy, and a service that sends no episodes.

    Days and scores come from a seeded generator and repeat often, so that many
    choices are ties.
    """
    draw = random.Random(20260101)
    clinic = raw.load("clinic_1", "clinic", data_to=date(2026, 1, 1))
    pharmacy = raw.load("pharmacy_1", "pharmacy", extracted_at="2026-01-05")
    other = raw.load("other_1", "counselling", namespace="o")
    start = date(2024, 1, 1)
    for n in range(people):
        load, space = (other, "o") if n % 5 == 0 else (clinic, "n")
        patient = f"{space}:p{n}"
        load.add(
            "patients",
            {"patient_id": patient, "sex": "female", "birth_year": 1940 + n},
        )
        begin = start + timedelta(days=draw.randrange(60))
        episode = f"{space}:e{n}" if load is clinic else None
        if episode:
            pharmacy.add("patients", {"patient_id": patient, "payer": "public"})
            load.add(
                "episodes",
                {
                    "episode_id": episode,
                    "patient_id": patient,
                    "started_on": begin,
                    "modality": draw.choice(["cbt", "usual_care"]),
                    "current_episode_months": draw.randrange(36),
                },
            )
        for s in range(draw.randrange(1, 12)):
            day = begin + timedelta(days=7 * s + (130 if s > 8 else 0))
            load.add(
                "sessions",
                {
                    "session_id": f"{space}:s{n}_{s}",
                    "patient_id": patient,
                    "episode_id": episode,
                    "clinician_id": f"{space}:c{draw.randrange(3)}",
                    "held_on": day,
                    "attendance": draw.choice(["attended"] * 4 + ["did_not_attend"]),
                    "session_type": draw.choice(["treatment", None]),
                    "format": draw.choice(["individual", "group"]),
                },
            )
        for s in range(draw.randrange(2, 14)):
            day = begin + timedelta(days=draw.randrange(-4, 80) * 5)
            load.add(
                "assessments",
                {
                    "assessment_id": f"{space}:a{n}_{s}",
                    "patient_id": patient,
                    "instrument": draw.choice(["phq9", "gad7"]),
                    "completed_on": day,
                    "collection_reason": draw.choice(
                        ["session", "scheduled_follow_up"]
                    ),
                    "total_points": draw.randrange(22),
                },
            )
        for s in range(draw.randrange(4)) if episode else ():
            pharmacy.add(
                "medications",
                {
                    "medication_id": f"n:m{n}_{s}",
                    "patient_id": patient,
                    "ingredient": draw.choice(["sertraline", "citalopram"]),
                    "record_type": "dispensed",
                    "started_on": begin + timedelta(days=30 * draw.randrange(-4, 6)),
                    "days_supply": draw.choice([28, 30, 90]),
                },
            )
        if n % 20 == 1:
            load.add(
                "diagnoses",
                {
                    "diagnosis_id": f"{space}:d{n}",
                    "patient_id": patient,
                    "code": "F31.1",
                    "recorded_on": start,
                },
            )


def build(
    raw: Raw,
    root: Path,
    stages: tuple[str, ...] = STAGES,
    as_of: str = AS_OF,
    threads: int = 1,
) -> tuple[Home, list[CheckResult]]:
    """Write the loads and build the stages; returns the home and every result."""
    home = Home(root)
    raw.write(home.raw_file)
    settings = Settings(threads=threads, memory_limit="2GB")
    results = []
    for stage in stages:
        results += transform.build_stage(home, "run_1", stage, as_of, settings)
    return home, results


def query(home: Home, sql: str) -> list[tuple]:
    """Read the build, with raw attached as its views need it."""
    with duckdb.connect(str(home.build_file("run_1")), read_only=True) as con:
        con.execute(f"attach '{home.raw_file}' as raw (read_only)")
        return con.execute(sql).fetchall()


def by_name(results: list[CheckResult]) -> dict[str, CheckResult]:
    """Results by `table.check`."""
    return {f"{r.table_name}.{r.check_id}": r for r in results}
