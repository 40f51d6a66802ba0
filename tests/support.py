"""What tests share: a clinic that does not exist, its deliveries, and the command."""

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines.intake import adapters, earlier, landing
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import comparing
from pipelines.intake.landing import LandedFeed
from pipelines.intake.sources import Source, load_source
from pipelines.settings import PROJECT_ROOT, Home

TRIAL = PROJECT_ROOT / "examples" / "beat_the_blues"

# Searched for in every log, error, check result and page: it must never be there.
MARKER = "SECRET4242"

SOURCE_YML = """
source: clinic
owner: A clinic that does not exist (made-up data)
contact: data@clinic.invalid
namespace: clinic
kind: {kind}
date_mode: calendar
expected_every_days: 1
"""

FEEDS = {
    "patients": [
        {"patient_id": "p1", "birth_year": "1980", "sex": "female"},
        {"patient_id": "p2", "birth_year": "1970", "sex": "male"},
    ],
    "episodes": [
        {"episode_id": "e1", "patient_id": "p1", "started_on": "2026-01-05"},
        {"episode_id": "e2", "patient_id": "p2", "started_on": "2026-02-02"},
    ],
    "assessments": [
        {
            "assessment_id": f"a{n}",
            "patient_id": "p1" if n < 5 else "p2",
            "instrument": "phq9",
            "completed_on": f"2026-01-{n:02}",
            "total_points": str(n),
        }
        for n in range(1, 9)
    ],
}


def lay_out(
    delivery: Delivery, landing_file: Path, raw_file: Path, memory: str = "1GB"
) -> dict[str, LandedFeed]:
    """Lay a delivery out as ingest does, without a guard; returns what landed."""
    landing_file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=landing_file.parent) as name:
        scratch = Path(name)
        already = earlier.read(raw_file, delivery, scratch)
        with adapters.delivery_connection(delivery, scratch, memory) as con:
            sent = adapters.collect_feeds(con, delivery, scratch)
            landed = landing.land(con, delivery, sent, already)
        (scratch / adapters.LANDING_DATABASE).replace(landing_file)
        return landed


def compare_with_nothing(landing_file: Path) -> None:
    """Make, empty, the tables in which ingest notes how a delivery differs."""
    with duckdb.connect(str(landing_file)) as con:
        con.execute(comparing.DRIFT)
        con.execute(
            "create table profile (feed varchar, measure varchar, grain varchar, "
            "part varchar, counted bigint, tested bigint)"
        )
        con.execute(
            "create table file_columns (file_position integer, file_name varchar, "
            "column_position integer, name varchar, kind varchar)"
        )


def write_delivery(folder: Path, feeds: dict, manifest: dict | None = None) -> Path:
    """Write feeds as CSV files; a feed is a list of dicts with the same keys."""
    folder.mkdir(parents=True)
    for feed, rows in feeds.items():
        with (folder / f"{feed}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    if manifest is not None:
        (folder / "delivery.json").write_text(json.dumps(manifest))
    return folder


def change(feed: str, position: int, **values: str) -> dict:
    """Return FEEDS with one row of one feed changed (0 is the first)."""
    rows = [dict(row) for row in FEEDS[feed]]
    rows[position].update(values)
    return {**FEEDS, feed: rows}


def add_clinic(home: Home, kind: str) -> Source:
    folder = home.sources / "clinic"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(SOURCE_YML.format(kind=kind))
    return load_source(folder)


def add_trial(home: Home) -> None:
    """Copy the trial into a home without the command."""
    shutil.copytree(TRIAL / "source", home.sources / "beat_the_blues")
    shutil.copytree(TRIAL / "delivery", home.landing / "beat_the_blues")


OUTCOMES = Path(sys.executable).parent / "outcomes"


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    code: int
    text: str


def run_outcomes(home: Home, *arguments: str, threads: int = 2) -> Finished:
    """Run the command as a person would, in a process of its own."""
    done = subprocess.run(
        [str(OUTCOMES), *arguments, "--home", str(home.root)],
        capture_output=True,
        text=True,
        env={
            "PATH": f"{OUTCOMES.parent}:/usr/bin:/bin",
            "OUTCOMES_THREADS": str(threads),
            "COLUMNS": "200",
        },
        check=False,
    )
    return Finished(done.returncode, done.stdout + done.stderr)


def sent(value: str, patients: tuple[str, ...] = ("p1", "p2")) -> dict:
    """Return a small delivery whose patients' rows and one score hold a value."""
    score = {
        "assessment_id": "a1",
        "patient_id": patients[0],
        "instrument": "phq9",
        "completed_on": "2026-01-05",
        "total_points": "9",
    }
    return {
        "patients": [{"patient_id": p, "region": value} for p in patients],
        "assessments": [score],
    }
