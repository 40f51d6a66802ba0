"""A made-up service of a few dozen people, for tests that need no realistic one."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.intake.feeds import FEEDS
from pipelines.simulate.columns import POLARS_TYPES

DATA_FROM = date(2023, 1, 1)
DATA_TO = date(2024, 12, 31)
SITES = 8
CLINICIANS = 24


def frame_of(feed: str, rows: list[dict]) -> pl.DataFrame:
    schema = {c.name: POLARS_TYPES[c.kind] for c in FEEDS[feed].columns}
    return pl.DataFrame(
        [{name: row.get(name) for name in schema} for row in rows], schema=schema
    )


def fixed_tables() -> dict[str, pl.DataFrame]:
    sites = [
        {"site_id": f"s{n}", "site_name": f"Site {n}", "region": "North"}
        for n in range(SITES)
    ]
    clinicians = [
        {
            "clinician_id": f"c{n}",
            "credential": "counselor",
            "treats_resistant_depression": n % 3 == 0,
            "site_id": f"s{n % SITES}",
        }
        for n in range(CLINICIANS)
    ]
    return {
        "sites": frame_of("sites", sites),
        "clinicians": frame_of("clinicians", clinicians),
    }


def make_block(block: int, patients: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """One block: each person has one course of care with weekly scores."""
    rng = np.random.default_rng([seed, block])
    rows: dict[str, list[dict]] = {
        feed: [] for feed in FEEDS if feed not in ("sites", "clinicians")
    }
    for number in range(patients):
        _add_person(rows, f"{seed}{block:03}{number:04}", number, rng)
    return {feed: frame_of(feed, content) for feed, content in rows.items()}


def _add_person(rows: dict, name: str, number: int, rng: np.random.Generator) -> None:
    site = int(rng.integers(SITES))
    who = {"patient_id": f"p{name}"}
    started = DATA_FROM + timedelta(days=int(rng.integers(60, 500)))
    weeks = int(rng.integers(3, 15))
    ended = started + timedelta(days=7 * (weeks - 1))
    has_died = number % 15 == 14
    rows["patients"].append(
        {
            **who,
            "birth_year": int(rng.integers(1950, 2000)),
            "is_aged_90_plus": False,
            "sex": "female" if rng.random() < 0.7 else "male",
            "ethnicity": "white",
            "region": "North",
            "deprivation_quintile": int(rng.integers(1, 6)),
            "payer": "public",
            "died_on": ended + timedelta(days=60) if has_died else None,
            "observed_from": DATA_FROM,
            "observed_to": ended + timedelta(days=60) if has_died else DATA_TO,
        }
    )
    rows["episodes"].append(
        {
            **who,
            "episode_id": f"e{name}",
            "site_id": f"s{site}",
            "referred_on": started - timedelta(days=14),
            "started_on": started,
            "ended_on": ended,
            "end_reason": "completed",
            "intended_length": "short_term",
            "modality": "cbt",
            "current_episode_months": int(rng.integers(1, 40)),
            "prior_therapy_episodes": 0,
            "is_treatment_resistant": False,
        }
    )
    rows["diagnoses"].append(
        {
            **who,
            "diagnosis_id": f"d{name}",
            "code": "F32.1",
            "recorded_on": started - timedelta(days=20),
            "is_active": True,
        }
    )
    for fill in range(4):
        rows["medications"].append(
            {
                **who,
                "medication_id": f"m{name}{fill}",
                "ingredient": "sertraline",
                "atc_code": "N06AB06",
                "started_on": started + timedelta(days=30 * fill),
                "days_supply": 30,
                "daily_dose_mg": 50.0,
                "record_type": "dispensed",
            }
        )
    for week in range(weeks):
        _add_session(rows, name, week, site, started, rng)


def _add_session(rows, name, week, site, started, rng) -> None:
    held = started + timedelta(days=7 * week)
    links = {"patient_id": f"p{name}", "episode_id": f"e{name}"}
    rows["sessions"].append(
        {
            **links,
            "session_id": f"n{name}{week:02}",
            "clinician_id": f"c{site + SITES * int(rng.integers(3))}",
            "site_id": f"s{site}",
            "held_on": held,
            "attendance": "attended" if rng.random() < 0.9 else "did_not_attend",
            "session_type": "treatment",
            "modality": "cbt",
            "format": "individual",
            "delivery_mode": "in_person",
            "duration_minutes": 50,
            "participants_count": 1,
            "is_homework_assigned": True,
            "homework_completed_percent": float(rng.integers(0, 101)),
            "is_goal_set": week == 0,
        }
    )
    answers = rng.integers(0, 4, 9)
    rows["assessments"].append(
        {
            **links,
            "assessment_id": f"a{name}{week:02}",
            "session_id": f"n{name}{week:02}",
            "instrument": "phq9",
            "completed_on": held,
            "collection_reason": "session",
            "total_points": int(answers.sum()),
            **{f"item_{n}": int(value) for n, value in enumerate(answers, start=1)},
        }
    )


def numbered(block: int, patients: int) -> tuple[int, int]:
    """Say of a block what it was asked for; another process can import it here."""
    return block, patients
