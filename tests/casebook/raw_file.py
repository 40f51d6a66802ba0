"""All stories as one raw.duckdb: a made-up service of its own for each.

So a story says by itself until when its data go and what its service sends. Each
service has a second person, who filled in both questionnaires: a measure that
nobody of a service uses is not measured there, which few stories are about.
"""

import csv
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb
from casebook import language
from casebook.book import Case
from casebook.language import Row, on

from pipelines.intake import raw
from pipelines.intake.feeds import FEEDS

SETTINGS = (
    "no_sessions",
    "no_medications",
    "no_diagnoses",
    "relative_dates",
    "phq9_alone",
    "gad7_alone",
)
NEVER_SENT = ("clinicians", "sites")
OTHER_PERSON = {"sessions": (-400, -390), "phq9": (12, 8), "gad7": (12, 7)}


def write(cases: Iterable[Case], raw_file: Path) -> None:
    """Write the stories as accepted loads, in raw's own tables, feed by feed."""
    raw.prepare(raw_file)
    rows: dict[str, list[Row]] = {feed: [] for feed in FEEDS}
    loads, feeds = [], []
    for case in cases:
        stamp = {"load_id": f"{case.name}_1", "source": case.name, "is_deleted": False}
        for found in (language.rows(case), _other_person(case)):
            for feed, some in found.items():
                rows[feed] += [{**stamp, **row} for row in some]
        loads.append(_load(case))
        feeds += [
            {
                "load_id": stamp["load_id"],
                "feed": feed,
                "is_supplied": sent,
                "yielded_count": 1,
                "loaded_count": 1,
                "quarantined_count": 0,
                "duplicate_count": 0,
            }
            for feed, sent in _sent(case).items()
        ]
    with duckdb.connect(str(raw_file)) as con, tempfile.TemporaryDirectory() as folder:
        for table, some in {**rows, "loads": loads, "load_feeds": feeds}.items():
            _insert(con, Path(folder), table, some)


def settings(case: Case) -> list[str]:
    """Return what is unusual about a story's service.

    Raises:
        BookError: The word is not known.
    """
    words = case.words("setting")
    for word in words:
        if word not in SETTINGS:
            raise case.error(f"setting: {word!r} is none of {', '.join(SETTINGS)}")
    return words


def _sent(case: Case) -> dict[str, bool]:
    words = settings(case)
    sent = {
        feed: feed not in NEVER_SENT and f"no_{feed}" not in words for feed in FEEDS
    }
    return {**sent, "episodes": bool(case.cells["episode"])}


def _load(case: Case) -> Row:
    is_relative = "relative_dates" in settings(case)
    return {
        "load_id": f"{case.name}_1",
        "source": case.name,
        "namespace": case.name,
        "kind": "full",
        "date_mode": "relative" if is_relative else "calendar",
        "disclosure_profile": "default",
        "extracted_at": "2026-01-02",
        "data_to": on(language.data_to(case)),
        "accepted_at": "2026-01-03",
    }


def _other_person(case: Case) -> dict[str, list[Row]]:
    words, sent = settings(case), _sent(case)
    if not sent["sessions"]:
        return {}
    patient_id, episode_id = f"{case.name}:other", f"{case.name}:other_episode"
    person = {"patient_id": patient_id}
    days = [on(day) for day in OTHER_PERSON["sessions"]]
    used = [
        name
        for name, other in (("phq9", "gad7"), ("gad7", "phq9"))
        if f"{other}_alone" not in words
    ]
    found = {
        "patients": [person],
        "sessions": [
            {
                **person,
                "session_id": f"{patient_id}_s{n}",
                "episode_id": episode_id if sent["episodes"] else None,
                "held_on": day,
                "attendance": "attended",
                "session_type": "treatment",
            }
            for n, day in enumerate(days)
        ],
        "assessments": [
            {
                **person,
                "assessment_id": f"{patient_id}_{name}_{n}",
                "instrument": name,
                "completed_on": day,
                "total_points": OTHER_PERSON[name][n],
            }
            for name in used
            for n, day in enumerate(days)
        ],
    }
    if sent["episodes"]:
        found["episodes"] = [
            {
                **person,
                "episode_id": episode_id,
                "started_on": days[0],
                "ended_on": days[-1],
            }
        ]
    return found


def _insert(
    con: duckdb.DuckDBPyConnection, folder: Path, table: str, rows: list[Row]
) -> None:
    if not rows:
        return
    path = folder / f"{table}.csv"
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    con.execute(
        f"insert into {table} by name select * from read_csv('{path}', header=true, "
        "all_varchar=true, delim=',', nullstr='')"
    )
