"""The records that the oracles read: the input contract's rows, as few as needed."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Session:
    """One planned contact."""

    session_id: str
    patient_id: str
    held_on: date
    attendance: str = "attended"
    session_type: str | None = "treatment"
    clinician_id: str | None = None
    site_id: str | None = None
    modality: str | None = None
    format: str | None = None
    delivery_mode: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """One completed questionnaire, as sent."""

    assessment_id: str
    patient_id: str
    instrument: str
    completed_on: date
    total_points: int | None = None
    collection_reason: str | None = None
    items: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Supply:
    """One dispensing, prescription or report of an antidepressant."""

    medication_id: str
    patient_id: str
    ingredient: str
    record_type: str = "dispensed"
    started_on: date | None = None
    days_supply: int | None = None
    ended_on: date | None = None
    daily_dose_mg: float | None = None
    is_in_use_at_index: bool | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient and the source that sent the records."""

    patient_id: str
    source: str
    data_to: date
    died_on: date | None = None
    birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One usable total of one instrument on one day."""

    assessment_id: str
    instrument: str
    points: int
    completed_on: date
    collection_reason: str | None = None
