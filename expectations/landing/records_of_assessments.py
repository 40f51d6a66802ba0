"""Checks on single questionnaires: their day, their session, their course."""

from expectations.records import CALENDAR, CLOCK, SOURCE_MANAGER, RecordCheck, Rows

LATE_DAYS = 7
"""Days after its session at which a first score still passes for a baseline (METHODS
part 1); what is dated later than that is another matter."""

ASSESSMENTS = Rows(
    """
    select
        *,
        case
            when completed_on > extracted_on + 1 then 'future'
            when is_calendar and year(completed_on) < birth_year then 'before birth'
            when completed_on < observed_from then 'before observation'
            when completed_on > died_on then 'after death'
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
            sessions.patient_id as session_patient_id,
            episodes.patient_id as course_patient_id,
            judged.session_id in (from keys_of_sessions) as is_session_sent,
            judged.episode_id in (from keys_of_episodes) as is_course_sent
        from judged
        cross join delivery
        left join patients on judged.patient_id = patients.patient_id
        left join sessions on judged.session_id = sessions.session_id
        left join episodes on judged.episode_id = episodes.episode_id
    )
    """,
    unit="assessment_id",
    on_day="completed_on",
)
FIRST_SCORES = Rows(
    f"""
    select
        judged.*,
        judged.completed_on > sessions.held_on
        and judged.completed_on <= sessions.held_on + {LATE_DAYS} as is_late,
        first_scores.completed_on as first_on
    from judged
    inner join sessions on judged.session_id = sessions.session_id
    inner join (
        select episode_id, instrument, min(completed_on) as completed_on
        from assessments
        where episode_id is not null
        group by episode_id, instrument
    ) as first_scores
        on judged.episode_id = first_scores.episode_id
        and judged.instrument = first_scores.instrument
        and judged.completed_on = first_scores.completed_on
    where sessions.attendance = 'attended'
    """,
    unit="assessment_id",
    on_day="completed_on",
)
SCORES = ("outcomes", "recovery", "relapse", "length", "therapy_and_medication")


def _check(
    check_id: str,
    category: str,
    why: str,
    fix: str,
    fails: str,
    among: str = "true",
    needs: tuple[str, ...] = (),
) -> RecordCheck:
    return RecordCheck(
        check_id,
        "assessments",
        category,
        SOURCE_MANAGER,
        why,
        SCORES,
        fix,
        "questionnaire",
        ASSESSMENTS,
        fails,
        among,
        needs,
    )


CHECKS = (
    _check(
        "completed_on_is_not_in_the_future",
        "plausibility",
        "A score that is not given yet would be the last one of its course.",
        "Look for the day a form is due, sent in place of the day it was completed.",
        "wrong_day = 'future'",
        needs=(CLOCK,),
    ),
    _check(
        "completed_on_is_not_before_birth",
        "plausibility",
        "A score before birth is another person's, or one of the two years is wrong.",
        "Compare the year of birth and the score's day with the record.",
        "wrong_day = 'before birth'",
        "birth_year is not null",
        (CALENDAR,),
    ),
    _check(
        "completed_on_is_not_before_observation",
        "plausibility",
        "A score before the service could have seen the patient would be the baseline of "
        "a course it has nothing to do with.",
        "Find blank days that the export fills in; correct observed_from if it is wrong.",
        "wrong_day = 'before observation'",
        "observed_from is not null",
    ),
    _check(
        "completed_on_is_not_after_death",
        "plausibility",
        "A score after death: the day of death or the score is another's.",
        "Compare both with the register; look for the day of data entry.",
        "wrong_day = 'after death'",
        "died_on is not null",
    ),
    _check(
        "session_of_the_score_was_sent",
        "conformance",
        "The score cannot be placed at its session, so alerts and session charts leave it "
        "out.",
        "Send the session, or mend the score's session_id.",
        "not is_session_sent",
        "session_id is not null",
        ("sessions",),
    ),
    _check(
        "course_of_the_score_was_sent",
        "conformance",
        "The score is placed by its day, which may be another course's.",
        "Send the course, or mend the score's episode_id.",
        "not is_course_sent",
        "episode_id is not null",
        ("episodes",),
    ),
    _check(
        "session_of_the_score_is_its_patients",
        "conformance",
        "Two people's records are mixed: the score is one's, the session the other's.",
        "Mend the session_id or the patient_id.",
        "session_patient_id <> patient_id",
        "session_patient_id is not null",
        ("sessions",),
    ),
    _check(
        "course_of_the_score_is_its_patients",
        "conformance",
        "A stranger's score in the course: its change and its recovery are not its "
        "patient's.",
        "Mend the episode_id or the patient_id.",
        "course_patient_id <> patient_id",
        "course_patient_id is not null",
        ("episodes",),
    ),
    RecordCheck(
        "first_score_is_not_dated_after_its_session",
        "assessments",
        "plausibility",
        SOURCE_MANAGER,
        "The first score of a course counts as the one before treatment. Dated up to "
        f"{LATE_DAYS} days after its own session it lies after treatment began, and the "
        "course has a flagged baseline or none.",
        ("outcomes", "recovery", "length", "therapy_and_medication"),
        "Send the day the form was completed, not the day it was entered.",
        "questionnaire",
        FIRST_SCORES,
        "is_late",
        needs=("sessions", "episodes"),
    ),
)
