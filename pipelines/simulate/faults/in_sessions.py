"""Faults of single sessions."""

import polars as pl

from pipelines.simulate.faults.planting import (
    Fault,
    changed,
)

SESSION_FAULTS = (
    Fault(
        "unknown_patient",
        "sessions",
        "patient_id",
        "A session of somebody who is in no patients row.",
        changed(None, patient_id="nosuchpatient"),
    ),
    Fault(
        "unknown_clinician",
        "sessions",
        "clinician_id",
        "A session held by a clinician who was never sent.",
        changed(None, clinician_id="nosuchclinician"),
    ),
    Fault(
        "unknown_site",
        "sessions",
        "site_id",
        "A session at a site that was never sent.",
        changed(None, site_id="nosuchsite"),
    ),
    Fault(
        "unknown_episode",
        "sessions",
        "episode_id",
        "A session of a course of care that was never sent.",
        changed(pl.col("episode_id").is_not_null(), episode_id="nosuchepisode"),
        "stg_sessions.episode_exists",
    ),
    Fault(
        "swapped_ids",
        "sessions",
        "patient_id",
        "The patient's and the course's pseudonyms have changed places.",
        changed(
            pl.col("episode_id").is_not_null(),
            patient_id=pl.col("episode_id"),
            episode_id=pl.col("patient_id"),
        ),
    ),
    Fault(
        "unknown_attendance",
        "sessions",
        "attendance",
        "An attendance code that the contract does not know.",
        changed(None, attendance="dna"),
    ),
    Fault(
        "blank_required",
        "sessions",
        "attendance",
        "The required attendance is blank.",
        changed(None, attendance=None),
    ),
    Fault(
        "date_not_iso",
        "sessions",
        "held_on",
        "A day written 03/04/2024: the third of April or the fourth of March.",
        changed(None, held_on="03/04/2024"),
    ),
    Fault(
        "impossible_date",
        "sessions",
        "held_on",
        "The thirtieth of February.",
        changed(None, held_on="2024-02-30"),
    ),
    Fault(
        "session_in_the_future",
        "sessions",
        "held_on",
        "A session attended in 2090.",
        changed(pl.col("attendance") == "attended", held_on="2090-01-01"),
    ),
    Fault(
        "session_before_the_service",
        "sessions",
        "held_on",
        "A session on 1 January 1970, the zero of many clocks.",
        changed(pl.col("attendance") == "attended", held_on="1970-01-01"),
        "fct_episodes.referral_is_not_after_the_first_session",
    ),
    Fault(
        "decimal_comma",
        "sessions",
        "homework_completed_percent",
        "A decimal comma in a source that writes points.",
        changed(None, homework_completed_percent="62,5"),
    ),
    Fault(
        "share_as_percent",
        "sessions",
        "homework_completed_percent",
        "120 per cent of the homework done.",
        changed(None, homework_completed_percent="120"),
    ),
    Fault(
        "duration_in_seconds",
        "sessions",
        "duration_minutes",
        "A session of 3,000 minutes: seconds were sent.",
        changed(None, duration_minutes="3000"),
    ),
    Fault(
        "format_against_participants",
        "sessions",
        "participants_count",
        "Twelve people in an individual session.",
        changed(pl.col("format") == "individual", participants_count="12"),
    ),
)
