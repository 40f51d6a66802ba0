"""Checks on diagnoses: their days, and the same one twice."""

from expectations.records import CALENDAR, CLOCK, SOURCE_MANAGER, RecordCheck, Rows

LATEST_AFTER_DEATH = 90
"""Days. A cause of death is coded within weeks: our convention, a quarter of a year."""

DIAGNOSES = Rows(
    f"""
    select
        judged.*,
        case
            when judged.recorded_on > delivery.extracted_on + 1 then 'future'
            when delivery.is_calendar
                and year(judged.recorded_on) < patients.birth_year
                and patients.birth_year <= year(delivery.extracted_on) then 'before birth'
            when judged.recorded_on > patients.died_on + {LATEST_AFTER_DEATH}
                then 'after death'
        end as wrong_day,
        patients.birth_year,
        patients.died_on
    from judged
    cross join delivery
    left join patients using (patient_id)
    """,
    unit="diagnosis_id",
    on_day="recorded_on",
)
REPEATED = Rows(
    """
    select
        diagnosis_id,
        recorded_on,
        is_judged,
        row_number() over (
            partition by patient_id, code, recorded_on, is_active
            order by is_judged, diagnosis_id
        ) as nth
    from diagnoses
    """,
    unit="diagnosis_id",
    on_day="recorded_on",
)
TAINTS = ("patients", "length", "therapy_and_medication")

CHECKS = (
    RecordCheck(
        "recorded_on_is_not_in_the_future",
        "diagnoses",
        "plausibility",
        SOURCE_MANAGER,
        "A diagnosis that is not made yet excludes nobody and includes nobody.",
        TAINTS,
        "Look for the end of a validity period sent in place of the day it was recorded.",
        "diagnosis",
        DIAGNOSES,
        "wrong_day = 'future'",
        needs=(CLOCK,),
    ),
    RecordCheck(
        "recorded_on_is_not_before_birth",
        "diagnoses",
        "plausibility",
        SOURCE_MANAGER,
        "A diagnosis before birth is another person's, or its day is the zero of a clock.",
        TAINTS,
        "Compare the day with the record; look for merged patients.",
        "diagnosis",
        DIAGNOSES,
        "wrong_day = 'before birth'",
        "birth_year is not null",
        (CALENDAR,),
    ),
    RecordCheck(
        "recorded_on_is_not_long_after_death",
        "diagnoses",
        "plausibility",
        SOURCE_MANAGER,
        f"More than {LATEST_AFTER_DEATH} days after death it is somebody else's. A cause "
        "of death is coded within weeks: our convention.",
        TAINTS,
        "Compare the day of death and the diagnosis with the register.",
        "diagnosis",
        DIAGNOSES,
        "wrong_day = 'after death'",
        "died_on is not null",
    ),
    RecordCheck(
        "diagnosis_is_sent_once",
        "diagnoses",
        "conformance",
        SOURCE_MANAGER,
        "One diagnosis under two keys counts twice where diagnoses are counted.",
        ("patients",),
        "Send the system's own key, not one made per extract.",
        "diagnosis",
        REPEATED,
        "nth > 1",
        "is_judged",
    ),
)
