"""A block's people laid out in the feeds of the input contract, clean."""

import numpy as np
import polars as pl

from pipelines.simulate import contacts, episodes, questionnaires, service, streams
from pipelines.simulate.block import Block, happen
from pipelines.simulate.columns import blanked, codes, dates, frame, from_arrow, words
from pipelines.simulate.contacts import MONTH_DAYS
from pipelines.simulate.dispensing import INGREDIENTS
from pipelines.simulate.injuries import INJURIES, injury_days
from pipelines.simulate.naming import (
    clinician_ids,
    diagnosis_ids,
    medication_ids,
    patient_ids,
    site_ids,
)
from pipelines.simulate.parameters import BLOCK_PATIENTS, DAYS_PER_YEAR, Parameters
from pipelines.simulate.people import ETHNICITIES, PAYERS
from pipelines.simulate.service import REGIONS

CREDENTIALS = codes("clinicians", "credential")
OLDEST_SHOWN = 90
"""Years; a birth year at this age or over is blank."""


def clean_block(
    parameters: Parameters, seed: int, block: int, block_patients: int
) -> dict[str, pl.DataFrame]:
    """Return the feeds of one block: rows by patient, then by day.

    Args:
        parameters: Of the service.
        seed: Any whole number; the same one gives the same frames.
        block: Number of the block, from 0.
        block_patients: How many of its people are wanted: the first so many.

    Returns:
        patients, episodes, sessions, assessments, medications and diagnoses, with
        exactly the contract's columns.
    """
    happened = happen(parameters, seed, block)
    made = {
        "patients": _patients(happened),
        "episodes": episodes.episodes(happened),
        "sessions": contacts.sessions(happened),
        "assessments": questionnaires.assessments(happened),
        "medications": _medications(happened),
        "diagnoses": _diagnoses(happened),
    }
    if block_patients == BLOCK_PATIENTS:
        return made
    wanted = made["patients"].head(block_patients).select("patient_id")
    return {
        name: rows.join(wanted, on="patient_id", how="semi", maintain_order="left")
        for name, rows in made.items()
    }


def fixed_tables(parameters: Parameters, seed: int) -> dict[str, pl.DataFrame]:
    """Return the clinicians and sites of the service."""
    place = service.build(parameters, seed)
    clinicians = np.arange(parameters.clinicians_count)
    sites = np.arange(parameters.sites_count)
    regions = words(REGIONS, place.site_region)
    return {
        "clinicians": frame(
            "clinicians",
            {
                "clinician_id": from_arrow(clinician_ids(seed, clinicians)),
                "credential": words(CREDENTIALS, place.clinician_credential),
                "treats_resistant_depression": place.clinician_is_expert,
                "site_id": from_arrow(site_ids(seed, place.clinician_site)),
            },
        ),
        "sites": frame(
            "sites",
            {
                "site_id": from_arrow(site_ids(seed, sites)),
                "site_name": pl.Series([f"Simulated site {n + 1}" for n in sites]),
                "region": regions,
            },
        ),
    }


def _patients(block: Block) -> pl.DataFrame:
    who, person = block.people, np.arange(BLOCK_PATIENTS)
    first_on = block.parameters.calendar.first_on
    referred = who.referred_day
    first_year = int(first_on[:4])
    # ages in years and fractions, so that the year of birth follows
    born = np.floor(first_year + referred / DAYS_PER_YEAR - who.age)
    last_year = np.floor(first_year + block.parameters.data_days / DAYS_PER_YEAR)
    is_old = last_year - born >= OLDEST_SHOWN
    dead = block.endings.is_dead
    return frame(
        "patients",
        {
            "patient_id": from_arrow(patient_ids(block, person)),
            "birth_year": blanked(born.astype(np.int32), ~is_old),
            "is_aged_90_plus": is_old,
            "sex": words(("female", "male"), 1 - who.is_female),
            "ethnicity": words(ETHNICITIES, who.ethnicity),
            "region": words(REGIONS, block.service.site_region[who.site]),
            "deprivation_quintile": who.deprivation,
            "payer": words(PAYERS, who.payer),
            "index_year": _years(first_on, referred),
            "died_on": dates(first_on, np.where(dead, who.death_day, 0), dead),
            "observed_from": dates(first_on, who.known_from_day),
            "observed_to": dates(first_on, block.endings.gone_day - 1),
        },
    )


def _years(first_on: str, day: np.ndarray) -> np.ndarray:
    dates_of = np.datetime64(first_on, "D") + day
    return dates_of.astype("datetime64[Y]").astype(np.int32) + 1970


def _medications(block: Block) -> pl.DataFrame:
    f, who = block.fills, block.people
    kept = (f.day >= who.known_from_day[f.person]) & (
        f.day < block.endings.gone_day[f.person]
    )
    person, day, drug = f.person[kept], f.day[kept], f.ingredient[kept]
    starts = np.searchsorted(person, person, "left")
    place = np.arange(len(person)) - starts
    c = block.parameters.calendar
    is_dose_known = day >= c.dose_recorded_from_month * MONTH_DAYS
    return frame(
        "medications",
        {
            "medication_id": from_arrow(medication_ids(block, person, place)),
            "patient_id": from_arrow(patient_ids(block, person)),
            "ingredient": words([name for name, _, _ in INGREDIENTS], drug),
            "atc_code": words([code for _, code, _ in INGREDIENTS], drug),
            "started_on": dates(c.first_on, day),
            "days_supply": f.days_supply[kept],
            "daily_dose_mg": blanked(f.dose[kept], is_dose_known),
            "record_type": words(("dispensed",), np.zeros(len(person), np.int64)),
        },
    )


def _diagnoses(block: Block) -> pl.DataFrame:
    p, who, gone = block.parameters.diagnoses, block.people, block.endings.gone_day
    draw = streams.stream(block.seed, "diagnoses", block.number)
    u = draw.random((6, BLOCK_PATIENTS))
    seen = block.choices.is_seen & (who.assessed_day < gone)
    severe = np.where(who.severity > 0.8, 2, np.where(who.severity > -0.5, 1, 0))
    again = who.prior_courses + (who.onset_months > who.episode_months + 24) > 0
    codes = ("F32.0", "F32.1", "F32.2", "F33.0", "F33.1", "F33.2")
    others = ("F41.1", "F31.9", "F20.0")
    listed = (*codes, *others, *INJURIES)
    depression = np.where(again, 3, 0) + severe
    rows = [
        (seen & (u[0] < p.coded_share), who.assessed_day, depression),
        (seen & (u[1] < p.anxiety_share), who.assessed_day, len(codes)),
        (seen & (u[2] < p.bipolar_share), who.assessed_day, len(codes) + 1),
        (seen & (u[3] < p.psychosis_share), who.assessed_day, len(codes) + 2),
    ]
    for day, kind in injury_days(block.parameters, block.seed, who):
        rows.append((day < gone, day, len(codes) + len(others) + kind))
    person, days, code, place = [], [], [], []
    for number, (has, day, kind) in enumerate(rows):
        found = np.flatnonzero(has & (day >= who.known_from_day))
        person.append(found)
        days.append(day[found])
        code.append(np.broadcast_to(kind, BLOCK_PATIENTS)[found])
        place.append(np.full(len(found), number))
    person, days, code, place = map(np.concatenate, (person, days, code, place))
    order = np.lexsort((place, days, person))
    person, days, code, place = (part[order] for part in (person, days, code, place))
    return frame(
        "diagnoses",
        {
            "diagnosis_id": from_arrow(diagnosis_ids(block, person, place)),
            "patient_id": from_arrow(patient_ids(block, person)),
            "code": words(listed, code),
            "recorded_on": dates(block.parameters.calendar.first_on, days),
            "is_active": np.ones(len(person), bool),
        },
    )
