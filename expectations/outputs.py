"""The outputs that a reader opens, under the names that checks use for them.

A check says which of them its rows taint; `quality.usability` turns that into an answer
to "can I trust this month" for each one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Output:
    """What a reader opens: some reports and comparisons under one title."""

    title: str
    reports: tuple[str, ...] = ()
    """Names of tables in the schema `reports`."""

    comparisons: tuple[str, ...] = ()
    """Names of protocols; one with several arms gives a comparison for each pair."""

    measures: tuple[str, ...] = ()
    """measure_ids, where only these of the reports are meant."""


OUTPUTS: Mapping[str, Output] = MappingProxyType(
    {
        "patients": Output("Numbers of people, and who they are", ("rpt_sources",)),
        "outcomes": Output(
            "Response, remission and reliable change",
            ("rpt_measures", "rpt_measures_by_month", "rpt_measures_by_severity_band"),
            measures=(
                "paired_score_completeness",
                "reliable_improvement",
                "reliable_deterioration",
                "reliable_improvement_phq",
                "reliable_deterioration_phq",
                "follow_up_6mo",
                "remission_6mo",
                "response_6mo",
                "follow_up_12mo",
                "remission_12mo",
                "response_12mo",
            ),
        ),
        "recovery": Output(
            "Recovery as NHS Talking Therapies counts it",
            ("rpt_measures", "rpt_measures_by_month"),
            measures=(
                "recovery",
                "reliable_recovery",
                "recovery_phq",
                "reliable_recovery_phq",
            ),
        ),
        "relapse": Output(
            "Relapse after remission",
            comparisons=("continued_vs_stopped_after_remission",),
        ),
        "waiting": Output(
            "Waiting times",
            ("rpt_measures", "rpt_measures_by_month"),
            measures=(
                "wait_to_first_6_weeks",
                "wait_to_first_18_weeks",
                "wait_to_second_90_days",
            ),
        ),
        "attendance": Output(
            "Attendance and missed sessions",
            ("rpt_measures", "rpt_measures_by_month"),
            measures=("attendance", "non_attendance"),
        ),
        "courses": Output(
            "Courses of care: number, length, dose and end",
            ("rpt_measures", "rpt_measures_by_exclusion_reason"),
            measures=(
                "ended_before_treatment",
                "treated_once",
                "dropout",
                "left_before_improvement",
                "dosage_8_sessions",
            ),
        ),
        "medication": Output(
            "Time on antidepressants",
            ("rpt_measures", "rpt_measures_by_month"),
            measures=(
                "antidepressant_persistence_84_days",
                "antidepressant_persistence_180_days",
            ),
        ),
        "sites": Output("Sites beside each other", ("rpt_measures_by_site",)),
        "groups": Output(
            "Groups of people beside each other",
            (
                "rpt_measures_by_age_band",
                "rpt_measures_by_sex",
                "rpt_measures_by_ethnicity",
                "rpt_measures_by_deprivation",
            ),
        ),
        "safety": Output("Thoughts of self-harm, as item 9 of the PHQ-9 asks"),
        "modality": Output(
            "Kinds of therapy",
            ("rpt_measures_by_modality",),
            ("modality",),
        ),
        "format": Output(
            "Individual, group, couple and family therapy",
            ("rpt_measures_by_format",),
            ("format",),
        ),
        "length": Output(
            "Long-term and short-term therapy",
            comparisons=(
                "long_vs_short_term",
                "long_vs_short_term_by_contract",
                "long_vs_short_term_fixed_52_weeks",
                "long_vs_short_term_from_week_26",
            ),
        ),
        "therapy_and_medication": Output(
            "Therapy, medication, or both",
            comparisons=(
                "therapy_plus_medication_vs_therapy",
                "therapy_plus_medication_vs_medication",
            ),
        ),
        "trial": Output(
            "Randomised comparisons",
            (
                "rpt_scores_by_arm_and_follow_up",
                "rpt_outcomes_by_arm_and_follow_up",
                "rpt_patient_flow_by_arm",
            ),
            (
                "therapy_vs_usual_care",
                "trial_therapy_plus_medication_vs_therapy",
                "trial_therapy_plus_medication_vs_medication",
            ),
        ),
        "quality": Output(
            "What is said of the data themselves",
            (
                "rpt_data_quality_by_check",
                "rpt_data_quality_by_stage",
                "rpt_reconciliation_by_feed",
                "rpt_not_measured",
            ),
        ),
        "privacy": Output("Whether a release may be shown at all"),
    }
)
"""Outputs by id."""

SCORES = ("outcomes", "recovery", "relapse", "length", "therapy_and_medication")
"""Outputs that are made of questionnaires."""

CONTACTS = ("attendance", "waiting", "courses", "length", "relapse")
"""Outputs that are made of sessions."""

DRUGS = ("medication", "therapy_and_medication")
"""Outputs that are made of what was dispensed."""

BY_FEED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "patients": ("patients", "groups"),
        "clinicians": ("sites",),
        "sites": ("sites",),
        "episodes": ("courses", "waiting", "length", "sites"),
        "sessions": CONTACTS,
        "assessments": SCORES,
        "medications": DRUGS,
        "diagnoses": ("patients", "length", "therapy_and_medication"),
    }
)
"""What a feed's rows are used for, where a check does not say it more closely."""

BY_COLUMN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "modality": ("modality",),
        "format": ("format",),
        "participants_count": ("format",),
        "attendance": ("attendance", "courses"),
        "referred_on": ("waiting",),
        "site_id": ("sites",),
        "sex": ("groups",),
        "ethnicity": ("groups",),
        "deprivation_quintile": ("groups",),
        "birth_year": ("groups", "privacy"),
        "allocated_arm": ("trial",),
        "is_randomised": ("trial",),
        "item_9": ("safety", "outcomes"),
        "died_on": ("courses", "outcomes"),
    }
)
"""What a column is used for, of whichever feed."""
