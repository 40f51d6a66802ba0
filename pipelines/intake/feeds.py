"""The eight feeds of the input contract, version 1."""

from pipelines.intake.contract import Column, Feed, RowRule, instrument_ranges

MODALITIES = (
    "cognitive",
    "behavioural",
    "cbt",
    "computerised_cbt",
    "interpersonal",
    "psychodynamic",
    "supportive",
    "usual_care",
    "other",
)
"""Kinds of therapy; usual care is one, so that a trial's control arm has a name."""

ITEMS_COUNT = 21
"""The longest questionnaire held (BDI-II) has 21 items."""


def _id(name: str, description: str, refers_to: str = "", required=False) -> Column:
    return Column(name, "id", description, required, refers_to=refers_to)


def _key(name: str, description: str) -> Column:
    return Column(name, "id", description, is_required=True)


def _patient() -> Column:
    return _id("patient_id", "Pseudonym of the patient.", "patients", required=True)


def _code(name: str, description: str, *codes: str, required=False) -> Column:
    return Column(name, "code", description, required, codes=codes)


def _whole(name: str, description: str, low: int, high: int) -> Column:
    return Column(name, "integer", description, low=low, high=high)


def _flag(name: str, description: str) -> Column:
    return Column(name, "boolean", description)


def _day(name: str, description: str, required: bool = False) -> Column:
    return Column(name, "date", description, required)


def _in_order(first: str, last: str) -> RowRule:
    return RowRule(
        f"{last}_is_not_before_{first}",
        f"coalesce({last} < {first}, false)",
        "plausibility",
        "An interval that ends before it starts has no length.",
    )


def _total_in_range() -> RowRule:
    outside = " or ".join(
        f"(instrument = '{instrument}' and total_points not between {low} and {high})"
        for instrument, (low, high) in instrument_ranges().items()
    )
    return RowRule(
        "total_points_is_possible",
        f"coalesce({outside}, false)",
        "plausibility",
        "The total lies outside the instrument's range (seeds/instruments.csv).",
    )


def _any_item_given() -> str:
    return " and ".join(f"item_{n} is null" for n in range(1, ITEMS_COUNT + 1))


PATIENTS = Feed(
    "patients",
    "One row per patient.",
    (
        _key("patient_id", "Random pseudonym of the patient."),
        _whole("birth_year", "Year of birth; blank if aged 90 or over.", 1900, 2100),
        _flag("is_aged_90_plus", "Aged 90 or over."),
        _code("sex", "Recorded sex.", "female", "male", "other", "unknown"),
        Column("ethnicity", "text", "Ethnic group in the service's own bands."),
        Column("region", "text", "Region, no smaller than a US state or NHS region."),
        _whole("deprivation_quintile", "1 most deprived to 5 least deprived.", 1, 5),
        Column("payer", "text", "Who pays for the care."),
        _whole("index_year", "Year of day 0, for relative dates.", 1980, 2100),
        _day("died_on", "Day of death."),
        _day("observed_from", "First day the service could have seen the patient."),
        _day("observed_to", "Last day the service could have seen the patient."),
    ),
    (
        _in_order("observed_from", "observed_to"),
        RowRule(
            "index_year_is_as_it_was_sent_before",
            "coalesce(index_year <> anchor_year, false)",
            "conformance",
            "Day 0 would move, and with it every date of the patient sent so far.",
        ),
        RowRule(
            "birth_year_is_blank_if_aged_90_plus",
            "coalesce(is_aged_90_plus and birth_year is not null, false)",
            "conformance",
            "A birth year at 90 or over identifies people (45 CFR 164.514).",
        ),
    ),
    is_required=True,
)

CLINICIANS = Feed(
    "clinicians",
    "One row per clinician.",
    (
        _key("clinician_id", "Random pseudonym of the clinician."),
        _code(
            "credential",
            "Professional credential.",
            "psychiatrist",
            "psychologist_phd",
            "psychologist_psyd",
            "clinical_social_worker",
            "nurse_practitioner",
            "counselor",
            "other",
        ),
        _flag("treats_resistant_depression", "Has that expertise on record."),
        _id("site_id", "Site where the clinician works.", "sites"),
    ),
)

SITES = Feed(
    "sites",
    "One row per site.",
    (
        _key("site_id", "Pseudonym of the site."),
        Column("site_name", "text", "Name for pages and packs."),
        Column("region", "text", "Region of the site."),
    ),
)

EPISODES = Feed(
    "episodes",
    "One row per course of care, usual care included.",
    (
        _key("episode_id", "Random pseudonym of the course of care."),
        _patient(),
        _id("site_id", "Site of the course of care.", "sites"),
        _day("referred_on", "Day of referral."),
        _day("started_on", "Day the course started; a trial's day of allocation."),
        _day("ended_on", "Day the course ended."),
        _code(
            "end_reason",
            "Why it ended.",
            "completed",
            "dropped_out",
            "declined",
            "transferred",
            "died",
            "ongoing",
        ),
        _code(
            "intended_length",
            "Length agreed at the start.",
            "short_term",
            "long_term",
            "open_ended",
        ),
        _code("modality", "Kind of therapy, usual care included.", *MODALITIES),
        _whole("depression_onset_months", "Months since first onset.", 0, 1200),
        _whole("current_episode_months", "Months of the current episode.", 0, 1200),
        _code(
            "depression_duration_band",
            "Length of the current episode, where only a band is known.",
            "up_to_6_months",
            "over_6_months",
            "over_24_months",
        ),
        _whole("adequate_medication_trials", "Adequate trials so far.", 0, 50),
        _flag("is_treatment_resistant", "Recorded as treatment resistant."),
        _whole("prior_therapy_episodes", "Earlier courses of therapy.", 0, 100),
        _code("allocated_arm", "Arm of a trial, as a modality.", *MODALITIES),
        _flag("is_randomised", "The arm was allocated at random."),
    ),
    (_in_order("started_on", "ended_on"),),
)

SESSIONS = Feed(
    "sessions",
    "One row per planned contact.",
    (
        _key("session_id", "Random pseudonym of the session."),
        _patient(),
        _id("episode_id", "Course of care it belongs to.", "episodes"),
        _id("clinician_id", "Clinician who held it.", "clinicians"),
        _id("site_id", "Site where it was held.", "sites"),
        _day("held_on", "Day it was held or planned for.", required=True),
        _code(
            "attendance",
            "What happened.",
            "attended",
            "did_not_attend",
            "cancelled_late_by_patient",
            "cancelled_by_patient",
            "cancelled_by_service",
            required=True,
        ),
        _code("session_type", "Purpose.", "assessment", "treatment", "follow_up"),
        _code("modality", "Kind of therapy at this session.", *MODALITIES),
        _code("format", "Who takes part.", "individual", "couple", "family", "group"),
        _code(
            "delivery_mode", "How it was held.", "in_person", "video", "phone", "online"
        ),
        _whole("duration_minutes", "Length in minutes.", 1, 600),
        _whole("participants_count", "People taking part.", 1, 100),
        _flag("is_homework_assigned", "Homework was agreed."),
        Column(
            "homework_completed_percent",
            "number",
            "Share of the last homework done, per cent.",
            low=0,
            high=100,
        ),
        _flag("is_goal_set", "A goal was set or reviewed."),
    ),
)

ASSESSMENTS = Feed(
    "assessments",
    "One row per completed questionnaire.",
    (
        _key("assessment_id", "Random pseudonym of the questionnaire."),
        _patient(),
        _id("episode_id", "Course of care it belongs to.", "episodes"),
        _id("session_id", "Session it was completed at.", "sessions"),
        _code("instrument", "The questionnaire.", *instrument_ranges(), required=True),
        _day("completed_on", "Day it was completed.", required=True),
        _code(
            "collection_reason",
            "Why it was completed then.",
            "session",
            "scheduled_follow_up",
            "return",
        ),
        Column("total_points", "integer", "Recorded total, in instrument points."),
        *(
            Column(f"item_{n}", "integer", f"Answer to item {n}, in points.")
            for n in range(1, ITEMS_COUNT + 1)
        ),
    ),
    (
        _total_in_range(),
        RowRule(
            "a_total_or_an_item_is_given",
            f"total_points is null and {_any_item_given()}",
            "completeness",
            "A questionnaire with no answer measures nothing.",
        ),
    ),
    is_required=True,
)

MEDICATIONS = Feed(
    "medications",
    "One row per dispensing, prescription or report of an antidepressant.",
    (
        _key("medication_id", "Random pseudonym of the record."),
        _patient(),
        Column(
            "ingredient",
            "text",
            "INN in lower snake case, or antidepressant_unspecified.",
            is_required=True,
        ),
        Column("atc_code", "text", "ATC code of the ingredient."),
        _day("started_on", "Day dispensed, prescribed or reported from."),
        _whole("days_supply", "Days the supply lasts.", 1, 400),
        _day("ended_on", "Last day of use, where it is known."),
        Column(
            "daily_dose_mg", "number", "Daily dose in milligrams.", low=0, high=10000
        ),
        _flag("is_in_use_at_index", "In use at the start of the episode."),
        _code(
            "record_type",
            "Where the record comes from.",
            "dispensed",
            "prescribed",
            "reported",
            required=True,
        ),
    ),
    (
        _in_order("started_on", "ended_on"),
        RowRule(
            "a_start_or_use_at_index_is_given",
            "started_on is null and is_in_use_at_index is null",
            "completeness",
            "Without either it is not known when the medication was taken.",
        ),
        RowRule(
            "ingredient_is_lower_snake_case",
            "coalesce(not regexp_full_match(ingredient, '[a-z][a-z0-9_]*'), false)",
            "conformance",
            "Two spellings of one ingredient would count as a switch.",
        ),
    ),
)

DIAGNOSES = Feed(
    "diagnoses",
    "One row per recorded diagnosis.",
    (
        _key("diagnosis_id", "Random pseudonym of the record."),
        _patient(),
        Column("code", "text", "ICD-10 code.", is_required=True),
        _day("recorded_on", "Day it was recorded.", required=True),
        _flag("is_active", "Active at that time."),
    ),
    (
        RowRule(
            "code_is_icd10",
            "coalesce(not regexp_full_match(code, '[A-Z][0-9][0-9A-Z](\\.?[0-9A-Z]{1,4})?'), false)",
            "conformance",
            "A code in another system would not be found by its group.",
        ),
    ),
)

FEEDS = {
    feed.name: feed
    for feed in (
        PATIENTS,
        CLINICIANS,
        SITES,
        EPISODES,
        SESSIONS,
        ASSESSMENTS,
        MEDICATIONS,
        DIAGNOSES,
    )
}
"""The feeds of the contract, in the order in which they are loaded."""
