"""The words that other systems use for the contract's feeds, columns and codes.

A name is compared in its plain form: lower snake case without accents. What these
lists do not know is left out of a draft and counted, never guessed.
"""

import csv
import re
import unicodedata
from functools import cache

from pipelines.intake.contract import instrument_ranges
from pipelines.intake.draft.code_words import CODE_WORDS
from pipelines.intake.feeds import FEEDS, MODALITIES
from pipelines.settings import PROJECT_ROOT

INGREDIENTS_SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "ingredients.csv"
"""The one list of ingredients that the models know."""


LONGEST_NAME = 64
"""Characters of a name that may be shown; a longer one may be a sentence."""

SHORTEST_WORD = 3
"""Letters that one word of a shown name must have: M and F are codes."""

NUMBER_IN_A_NAME = re.compile(r"[0-9]{1,2}|20[0-9]{2}([01][0-9]([0-3][0-9])?)?")
"""Numbers that a shown name may hold: of an item or a month, and an extract's day."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


FILE_WORDS = {
    "patients": "patient patients person persons people member members demographics "
    "eligibility enrollment enrolment personen patienten stammdaten",
    "clinicians": "clinician clinicians provider providers therapist therapists staff "
    "practitioner practitioners therapeuten",
    "sites": "site sites clinic clinics facility facilities location locations "
    "standorte",
    "episodes": "episode episodes referral referrals pathway course program programme "
    "admissions behandlungen faelle",
    "sessions": "session sessions encounter encounters visit visits appointment "
    "appointments appts contacts attendances termine sitzungen kontakte",
    "assessments": "assessment assessments score scores questionnaire questionnaires "
    "outcome outcomes measure measures proms survey surveys screening fragebogen "
    "frageboegen",
    "medications": "medication medications rx fill fills pharmacy claim claims drug "
    "drugs dispensing dispensings prescription prescriptions verordnungen medikamente",
    "diagnoses": "diagnosis diagnoses dx problem problems condition conditions "
    "diagnosen",
}
"""Words of a file's name that say which feed it holds."""

COLUMN_WORDS = {
    "patient_id": "patient patient_key patient_no pat_id pat_nr pid person_id "
    "person_key member_id member_key enrollee_id subject_id client_id pseudonym "
    "patient_pseudonym patienten_id patient_nr patid research_id study_id subject_key "
    "client_key patkey patientkod",
    "clinician_id": "provider_id therapist_id practitioner_id staff_id clinician "
    "provider_key rendering_provider_id therapeut_id behandler_id prescriber_id prov_id",
    "site_id": "clinic_id facility_id location_id dept_id department_id site "
    "clinic_code site_code team_id standort standort_id practice_id",
    "episode_id": "referral_id pathway_id course_id program_id case_id fall_id "
    "fall_nr admission_id episode_no episode_key referral_key pathway_key case_key",
    "session_id": "encounter_id visit_id appointment_id appt_id contact_id event_id "
    "csn termin_id sitzung_id kontakt_id enc_id enc_key encounter_key encounter_no "
    "visit_key visit_no contact_key contact_no session_key appointment_key appt_key "
    "besoks_id besoeks_id besoksid",
    "assessment_id": "score_id questionnaire_id response_id survey_id "
    "observation_id fragebogen_id response_key score_key survey_key assessment_key "
    "questionnaire_key",
    "medication_id": "fill_id claim_id rx_id rx_number prescription_id "
    "dispensing_id order_id verordnung_id rezept_id fill_key claim_key rx_key "
    "prescription_key dispensing_key order_key",
    "diagnosis_id": "dx_id problem_id condition_id diagnose_id dx_key diagnosis_key problem_key",
    "birth_year": "year_of_birth yob birthyear birth_yr geburtsjahr foedelsear fodelsear",
    "is_aged_90_plus": "aged_90_plus is_90_plus age_90_plus over_89",
    "sex": "gender sex_code gender_code geschlecht sex_at_birth koen kon",
    "ethnicity": "ethnic_group race race_ethnicity",
    "region": "state province bundesland us_state",
    "deprivation_quintile": "imd_quintile deprivation imd",
    "payer": "payor insurance plan_type line_of_business coverage kostentraeger",
    "died_on": "death_date date_of_death deceased_date dod",
    "observed_from": "enrolled_from enrollment_start coverage_start eligible_from "
    "enroll_start elig_start",
    "observed_to": "enrolled_to enrollment_end coverage_end eligible_to enroll_end "
    "elig_end",
    "credential": "credentials provider_type license licence_type profession "
    "clinician_type discipline prov_type",
    "site_name": "clinic_name facility_name location_name",
    "referred_on": "referral_date date_of_referral ref_date",
    "started_on": "start_date episode_start course_start program_start "
    "admission_date beginn",
    "ended_on": "end_date episode_end course_end discharge_date program_end "
    "closed_date ende",
    "end_reason": "discharge_reason closure_reason end_status outcome_of_care",
    "held_on": "visit_date encounter_date appointment_date appt_date session_date "
    "contact_date date_of_service service_date dos termin termindatum sitzungsdatum "
    "visit_dt encounter_dt appt_dt enc_date enc_dt besoeksdatum besoksdatum",
    "attendance": "visit_status appointment_status appt_status encounter_status "
    "attendance_status attended show_status termin_status enc_status",
    "session_type": "visit_type appointment_type appt_type encounter_type enc_type "
    "terminart",
    "modality": "therapy_type therapy_model treatment_model intervention "
    "therapy_modality verfahren therapieverfahren",
    "format": "session_format group_or_individual setting behandlungsform",
    "delivery_mode": "visit_mode delivery consultation_medium medium "
    "telehealth_mode channel contact_mode",
    "duration_minutes": "duration duration_min minutes length_minutes length_min "
    "visit_minutes "
    "dauer dauer_minuten dauer_min",
    "participants_count": "participants attendees group_size teilnehmer",
    "is_homework_assigned": "homework_assigned homework_set hausaufgaben",
    "homework_completed_percent": "homework_percent homework_pct homework_completed "
    "homework_done_percent hausaufgaben_prozent",
    "is_goal_set": "goal_set goals_set goal_reviewed",
    "instrument": "questionnaire scale measure_name instrument_name form_name "
    "assessment_name tool fragebogen test_name",
    "completed_on": "completion_date assessment_date score_date questionnaire_date "
    "date_completed administered_on administration_date survey_date ausgefuellt_am",
    "collection_reason": "timepoint_reason collection_type",
    "total_points": "total score total_score sum_score raw_score score_total "
    "summe punkte gesamtwert summenwert",
    "ingredient": "drug drug_name medication medication_name generic_name "
    "active_ingredient substance inn wirkstoff ingredient_name product_name med_name",
    "atc_code": "atc",
    "days_supply": "day_supply days_sup supply_days dayssupply reichweite_tage",
    "daily_dose_mg": "daily_dose dose_per_day mg_per_day tagesdosis tagesdosis_mg",
    "code": "icd icd10 icd_10 icd_code icd10_code dx_code diagnosis_code",
    "recorded_on": "dx_date diagnosis_date date_recorded recorded_date noted_date",
    "is_active": "active active_flag",
}
"""Other names of each column of the contract, whichever feed it stands in."""

FEED_COLUMN_WORDS = {
    ("medications", "started_on"): "fill_date filled_on dispensed_on dispense_date "
    "date_filled fill_dt service_date date_of_service prescribed_on "
    "prescription_date order_date rx_date abgabedatum verordnet_am",
    ("medications", "ended_on"): "stop_date stopped_on",
    ("medications", "is_in_use_at_index"): "on_antidepressant",
}
"""Names that mean another column in another feed."""

GENERIC_WORDS = {
    "sessions": {
        "held_on": "date datum day",
        "attendance": "status",
        "session_type": "type",
        "session_id": "id",
    },
    "assessments": {
        "completed_on": "date datum day",
        "assessment_id": "id",
        "total_points": "value wert",
    },
    "medications": {"started_on": "date datum", "medication_id": "id"},
    "diagnoses": {"recorded_on": "date datum", "diagnosis_id": "id"},
    "episodes": {"end_reason": "status", "episode_id": "id"},
    "patients": {"patient_id": "id key"},
    "clinicians": {"clinician_id": "id key"},
    "sites": {"site_id": "id key", "site_name": "name"},
}
"""Names that mean a column only in a file that is named after its feed."""

YES = ("1", "y", "yes", "t", "true", "ja", "j")
NO = ("0", "n", "no", "f", "false", "nein")
"""Words of a flag, in the form of `plain`."""

COMMON_WORDS = words(
    "id key no nr number date day dt year code name type status flag value total sum "
    "score points item q question item at on of the by per from to in is has start "
    "end index baseline intake followup follow up week month months wk mo m w t v "
    "visit strength quantity qty dose mg unit units extract export data table list "
    "all csv txt gz parquet file part datei"
)
"""Words that say nothing about a person and stand in many names."""


def plain(text: str) -> str:
    """Return a name in lower snake case, without accents.

    Examples:
        >>> plain("PHQ-9 Total"), plain("visitDate"), plain("Geschätzt")
        ('phq_9_total', 'visit_date', 'geschaetzt')
    """
    umlauts = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower().translate(umlauts)
    bare = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def synonyms(feed: str, column: str) -> tuple[str, ...]:
    """Return the other names of a contract column, in plain form."""
    own = FEED_COLUMN_WORDS.get((feed, column), "")
    words = (*own.split(), *COLUMN_WORDS.get(column, "").split())
    if column in FEED_ONLY:
        words = tuple(own.split()) or words
    return tuple(dict.fromkeys(words))


FEED_ONLY = frozenset(column for _, column in FEED_COLUMN_WORDS)
"""Columns whose other names depend on the feed."""


@cache
def ingredients() -> tuple[str, ...]:
    """Return the ingredients that the models know, the longest name first."""
    with INGREDIENTS_SEED.open(newline="", encoding="utf-8") as file:
        names = [row["ingredient"] for row in csv.DictReader(file)]
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


@cache
def code_of(column: str) -> dict[str, str]:
    """Return the code of each word that is known for a column."""
    found = {
        word: code
        for code, words in CODE_WORDS.get(column, {}).items()
        for word in (*words.split(), code)
    }
    for code in MODALITIES if column == "allocated_arm" else ():
        found |= {code: code}
    return found


@cache
def _ours() -> frozenset[str]:
    """Every single word that this vocabulary and the contract use."""
    names = [
        *FILE_WORDS.values(),
        *COLUMN_WORDS.values(),
        *FEED_COLUMN_WORDS.values(),
        *CODE_WORDS["instrument"].values(),
        *instrument_ranges(),
        *FEEDS,
        *(column.name for feed in FEEDS.values() for column in feed.columns),
    ]
    return COMMON_WORDS | {
        word for name in names for whole in name.split() for word in whole.split("_")
    }


def is_all_ours(name: str) -> bool:
    """Tell whether every word of a name is one of ours, so that it may be shown.

    A header may be the first row of a file without one, and a file may be named
    after a person: a name with another word or with a long number is given by its
    position, and so is one of single letters, which may be a code.

    Examples:
        >>> is_all_ours("Visit_Date_2"), is_all_ours("Jane Doe"), is_all_ours("M")
        (True, False, False)
    """
    parts = [part for part in re.split(r"[^a-z0-9]+", plain(name)) if part]
    said = [word for part in parts for word in re.findall(r"[a-z]+", part)]
    numbers = [number for part in parts for number in re.findall(r"[0-9]+", part)]
    return (
        len(name) <= LONGEST_NAME
        and any(len(word) >= SHORTEST_WORD for word in said)
        and all(word in _ours() for word in said)
        and all(NUMBER_IN_A_NAME.fullmatch(number) for number in numbers)
    )
