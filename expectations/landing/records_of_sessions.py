"""Checks on single sessions: their day, their course, what they name, who took part."""

from expectations.records import (
    CALENDAR,
    CLINICAL_LEAD,
    CLOCK,
    SOURCE_MANAGER,
    RecordCheck,
    Rows,
)

CLOCK_ZEROS = (
    "date '1970-01-01', date '1900-01-01', date '1899-12-30', date '1904-01-01', "
    "date '1960-01-01'"
)
"""Day 0 of Unix, SQL Server, Excel on Windows and on a Mac, and SAS."""

EARLIEST = "date '1980-01-01'"
"""Where a patient has no observed_from: the contract's first index year."""

DAYS_BEFORE, DAYS_AFTER = 7, 90
"""A session may lie so many days before the referral is entered and after the course was
closed: our convention. A follow-up session may come at any time after it."""

MOST_FOR_ONE, MOST_FOR_TWO = 2, 3
"""People in an individual and in a couple's session: an interpreter or a carer may sit in."""

SHORTEST, LONGEST = 10, 240
"""Minutes of a session that was held: our convention; a day's group lasts four hours."""

SESSIONS = Rows(
    f"""
    select
        *,
        case
            when held_on > extracted_on + 1 then 'future'
            when held_on in ({CLOCK_ZEROS}) then 'before observation'
            when is_calendar and year(held_on) < birth_year then 'before birth'
            when held_on < coalesce(observed_from, {EARLIEST})
                then 'before observation'
            when attendance = 'attended' and held_on > died_on then 'after death'
            when course_patient_id = patient_id and (
                held_on < first_on - {DAYS_BEFORE}
                or (
                    held_on > ended_on + {DAYS_AFTER}
                    and session_type is distinct from 'follow_up'
                )
            ) then 'outside its course'
        end as wrong_day
    from (
        select
            judged.*,
            delivery.extracted_on,
            delivery.is_calendar,
            case when patients.birth_year <= year(delivery.extracted_on)
                then patients.birth_year end as birth_year,
            patients.died_on,
            patients.observed_from,
            episodes.patient_id as course_patient_id,
            case
                when episodes.referred_on > episodes.started_on then null
                else least(episodes.referred_on, episodes.started_on)
            end as first_on,
            episodes.ended_on,
            judged.episode_id in (from keys_of_episodes) as is_course_sent,
            judged.clinician_id in (from keys_of_clinicians) as is_clinician_sent,
            judged.site_id in (from keys_of_sites) as is_site_sent
        from judged
        cross join delivery
        left join patients on judged.patient_id = patients.patient_id
        left join episodes on judged.episode_id = episodes.episode_id
    )
    """,
    unit="session_id",
    on_day="held_on",
)
"""A wrong day is told once, by what it is most surely; a wrong day of the patient or of
the course is told there and not of each session."""

CONTACTS = ("attendance", "courses", "length", "waiting")


def _named(what: str, column: str, feed: str, taints: tuple[str, ...]) -> RecordCheck:
    """Return the check that what a session names was sent."""
    return RecordCheck(
        f"{what}_of_the_session_was_sent",
        "sessions",
        "conformance",
        SOURCE_MANAGER,
        f"The session falls out of every figure by {what}; a whole extract may be cut.",
        taints,
        f"Send the {what} in the feed {feed}, or mend the session's {column}.",
        "session",
        SESSIONS,
        f"not is_{what}_sent",
        f"{column} is not null",
        (feed,),
    )


def _dated(
    check_id: str, reason: str, why: str, fix: str, among: str = "true", needs=()
) -> RecordCheck:
    """Return the check of one way in which a session's day can be wrong."""
    return RecordCheck(
        check_id,
        "sessions",
        "plausibility",
        SOURCE_MANAGER,
        why,
        CONTACTS,
        fix,
        "session",
        SESSIONS,
        f"wrong_day = '{reason}'",
        among,
        needs,
    )


CHECKS = (
    _dated(
        "held_on_is_not_in_the_future",
        "future",
        "What is still to come was neither attended nor missed.",
        "Leave appointments to come out of the extract; look for mistyped years.",
        "attendance in ('attended', 'did_not_attend')",
        (CLOCK,),
    ),
    _dated(
        "held_on_is_not_before_observation",
        "before observation",
        "Before the service could have seen the patient, or on the zero of a clock (1 "
        "January 1970 and the like): it becomes the first session, and moves day 0.",
        "Find blank days that the export fills in; correct observed_from if it is wrong.",
    ),
    _dated(
        "held_on_is_not_before_birth",
        "before birth",
        "A session before birth is another person's, or one of the two years is wrong.",
        "Compare the year of birth and the session's day with the record.",
        "birth_year is not null",
        (CALENDAR,),
    ),
    _dated(
        "nobody_attends_after_death",
        "after death",
        "An attended session after death: the day of death or the session is another's.",
        "Compare both with the register.",
        "attendance = 'attended' and died_on is not null",
    ),
    _dated(
        "session_lies_within_its_course",
        "outside its course",
        f"More than {DAYS_BEFORE} days before the referral or {DAYS_AFTER} after the end: "
        "it lengthens the course, or belongs to another one. Our convention.",
        "Book it under the course it belongs to; see whether the course was closed early.",
        "course_patient_id = patient_id",
        ("episodes",),
    ),
    RecordCheck(
        "course_of_the_session_is_its_patients",
        "sessions",
        "conformance",
        SOURCE_MANAGER,
        "It is counted in a stranger's course: length, dose and end of both are wrong.",
        (*CONTACTS, "outcomes"),
        "Book the session under a course of its own patient.",
        "session",
        SESSIONS,
        "course_patient_id <> patient_id",
        "course_patient_id is not null",
        ("episodes",),
    ),
    _named("course", "episode_id", "episodes", CONTACTS),
    _named("clinician", "clinician_id", "clinicians", ("sites", "length")),
    _named("site", "site_id", "sites", ("sites",)),
    RecordCheck(
        "session_is_booked_under_a_course",
        "sessions",
        "completeness",
        SOURCE_MANAGER,
        "Sessions under no course are placed by their day, which may be another course's.",
        ("courses", "length", "waiting"),
        "Send episode_id with every session.",
        "session",
        SESSIONS,
        "episode_id is null",
        needs=("episodes", "sessions.episode_id"),
        tolerated_share=0.1,
        tolerated_why="First contacts come before a course is opened; our convention, one "
        "in ten.",
    ),
    RecordCheck(
        "clinician_is_given",
        "sessions",
        "completeness",
        SOURCE_MANAGER,
        "Intervals allow for patients of one clinician being alike; they cannot where "
        "nobody is named.",
        ("length", "modality", "format"),
        "Send clinician_id with every attended session.",
        "session",
        SESSIONS,
        "clinician_id is null",
        "attendance = 'attended'",
        ("sessions.clinician_id",),
        tolerated_share=0.1,
        tolerated_why="Programmes done online may have nobody to name; our convention, one "
        "in ten.",
    ),
    RecordCheck(
        "participants_fit_the_format",
        "sessions",
        "plausibility",
        CLINICAL_LEAD,
        f"More than {MOST_FOR_ONE} people in an individual session or {MOST_FOR_TWO} in a "
        "couple's: it is a group, and the comparison of formats takes it for none. One "
        "more than the format says may be an interpreter.",
        ("format",),
        "Correct the format, or the number of people.",
        "session",
        SESSIONS,
        f"participants_count > case format when 'individual' then {MOST_FOR_ONE} "
        f"else {MOST_FOR_TWO} end",
        "format in ('individual', 'couple') and participants_count is not null",
    ),
    RecordCheck(
        "duration_is_that_of_a_session",
        "sessions",
        "plausibility",
        SOURCE_MANAGER,
        f"Under {SHORTEST} or over {LONGEST} minutes it is no session of therapy, or the "
        "unit is hours. Our convention.",
        ("courses",),
        "Look for hours in place of minutes, and for phone calls about appointments.",
        "session",
        SESSIONS,
        f"duration_minutes not between {SHORTEST} and {LONGEST}",
        "attendance = 'attended' and duration_minutes is not null",
        tolerated_share=0.02,
        tolerated_why="A session may break off, a crisis may take an evening; our "
        "convention, one in fifty.",
    ),
)
