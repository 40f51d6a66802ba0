"""Small marts with made-up scores; nobody in them is real."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

MART = """
    comparison_id varchar, source varchar, episode_id varchar, patient_id varchar,
    cluster_id varchar, arm varchar, instrument varchar, baseline_points integer,
    follow_up_month integer, points integer, is_exposed boolean,
    is_randomised boolean, is_on_medication_at_start boolean,
    is_current_episode_over_6_months boolean, is_response_eligible boolean,
    is_response boolean, is_remission boolean
"""

ARMS = {
    "therapy_vs_usual_care": ("therapy", "usual_care"),
    "trial_therapy_plus_medication_vs_therapy": ("therapy_plus_medication", "therapy"),
    "trial_therapy_plus_medication_vs_medication": (
        "therapy_plus_medication",
        "medication",
    ),
}

MONTHS = (2, 3, 5, 8)


def made_up_rows(comparison_id, exposed=30, comparator=30, seen=None, swap=False):
    """One row per person and month; `seen` maps (arm position, month) to a count.

    With `swap` the same people carry the other arm's name.
    """
    rows = []
    for position, people in enumerate((exposed, comparator)):
        arm = ARMS[comparison_id][1 - position if swap else position]
        for person in range(people):
            name = f"syn:{position}_{person:03d}"
            baseline = 14 + (person * 7 + position) % 25
            for month in MONTHS:
                limit = (seen or {}).get((position, month), people)
                noise = (person * 13 + month * 5 + position * 3) % 11
                points = max(0, baseline - month - noise - (6 if position == 0 else 2))
                points = points if person < limit else None
                rows.append(
                    {
                        "comparison_id": comparison_id,
                        "source": "synthetic",
                        "episode_id": name,
                        "patient_id": name,
                        "cluster_id": name,
                        "arm": arm,
                        "instrument": "bdi_ii",
                        "baseline_points": baseline,
                        "follow_up_month": month,
                        "points": points,
                        "is_exposed": arm == ARMS[comparison_id][0],
                        "is_randomised": not comparison_id.endswith("vs_therapy"),
                        "is_on_medication_at_start": person % 3 == 0,
                        "is_current_episode_over_6_months": person % 2 == 0,
                        "is_response_eligible": True,
                        "is_response": None
                        if points is None
                        else 2 * points <= baseline,
                        "is_remission": None if points is None else points < 10,
                    }
                )
    return rows


@dataclass
class Build:
    """A build file whose marts a test fills."""

    path: Path

    def write(self, comparison_id, rows):
        with duckdb.connect(self.path) as con:
            con.execute("create schema if not exists marts")
            con.execute(f"create or replace table marts.cmp_{comparison_id} ({MART})")
            if rows:
                places = ", ".join("?" * len(rows[0]))
                con.executemany(
                    f"insert into marts.cmp_{comparison_id} values ({places})",
                    [list(row.values()) for row in rows],
                )

    def execute(self, query):
        with duckdb.connect(self.path) as con:
            con.execute(query)

    def all(self, query):
        with duckdb.connect(self.path, read_only=True) as con:
            found = con.execute(query)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="session")
def open_build():
    return Build


@pytest.fixture
def build(tmp_path):
    made = Build(tmp_path / "outcomes.duckdb")
    made.execute("create schema marts")
    return made


@pytest.fixture(scope="session")
def rows():
    return made_up_rows
