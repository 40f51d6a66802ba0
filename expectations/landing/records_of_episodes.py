"""Checks on courses of care: their days, their end, their patient's other courses."""

from expectations.records import (
    CLINICAL_LEAD,
    CLOCK,
    SOURCE_MANAGER,
    RecordCheck,
    Rows,
)

EPISODES = Rows(
    """
    select
        judged.*,
        patients.died_on,
        judged.site_id in (from keys_of_sites) as is_site_sent,
        delivery.extracted_on
    from judged
    cross join delivery
    left join patients using (patient_id)
    """,
    unit="episode_id",
    on_day="coalesce(started_on, referred_on)",
)
IN_ORDER = Rows(
    """
    select
        *,
        max(ended_on) over (
            partition by patient_id
            order by started_on, episode_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_ended_on
    from episodes
    where started_on is not null
    """,
    unit="episode_id",
    on_day="started_on",
)
BAND_AGAINST_MONTHS = """case depression_duration_band
    when 'up_to_6_months' then current_episode_months > 6
    when 'over_6_months' then current_episode_months < 6
    when 'over_24_months' then current_episode_months < 24 end"""
"""Whole months are rounded, so the month of the border itself agrees with both."""

CHECKS = (
    RecordCheck(
        "referral_is_not_after_the_start",
        "episodes",
        "plausibility",
        SOURCE_MANAGER,
        "The wait would be negative; such courses fall out of the waiting times.",
        ("waiting",),
        "Look for the day of a later referral, or of the referral letter's scan.",
        "course of care",
        EPISODES,
        "referred_on > started_on",
        "referred_on is not null and started_on is not null",
    ),
    RecordCheck(
        "course_does_not_start_in_the_future",
        "episodes",
        "plausibility",
        SOURCE_MANAGER,
        "What has not begun cannot have been offered, nor compared.",
        ("courses", "waiting"),
        "Look for planned starts: leave started_on blank until the course has begun.",
        "course of care",
        EPISODES,
        "started_on > extracted_on + 1",
        "started_on is not null",
        (CLOCK,),
    ),
    RecordCheck(
        "course_does_not_end_in_the_future",
        "episodes",
        "plausibility",
        SOURCE_MANAGER,
        "A planned end counts the course as ended, with the scores so far as its last.",
        ("courses", "outcomes", "recovery"),
        "Leave ended_on blank until the course has ended.",
        "course of care",
        EPISODES,
        "ended_on > extracted_on + 1",
        "ended_on is not null",
        (CLOCK,),
    ),
    RecordCheck(
        "course_does_not_start_after_death",
        "episodes",
        "plausibility",
        SOURCE_MANAGER,
        "A course of somebody who had died is another person's.",
        ("courses", "patients"),
        "Compare the day of death and the course with the register.",
        "course of care",
        EPISODES,
        "started_on > died_on",
        "started_on is not null and died_on is not null",
    ),
    RecordCheck(
        "illness_is_not_shorter_than_its_episode",
        "episodes",
        "plausibility",
        CLINICAL_LEAD,
        "The current episode cannot be longer than the time since the first onset; who is "
        "chronic would be told wrongly.",
        ("length", "groups"),
        "Look for years and months mixed up, or the two columns swapped.",
        "course of care",
        EPISODES,
        "current_episode_months > depression_onset_months",
        "current_episode_months is not null and depression_onset_months is not null",
    ),
    RecordCheck(
        "duration_band_agrees_with_its_months",
        "episodes",
        "conformance",
        CLINICAL_LEAD,
        "Who is chronic is read from either; where they differ the answer depends on which.",
        ("length", "groups"),
        "Make the band from the months in the extract.",
        "course of care",
        EPISODES,
        BAND_AGAINST_MONTHS,
        "depression_duration_band is not null and current_episode_months is not null",
    ),
    RecordCheck(
        "ongoing_courses_have_no_end",
        "episodes",
        "conformance",
        SOURCE_MANAGER,
        "It counts as ended by its day and as going on by its reason.",
        ("courses", "recovery", "outcomes"),
        "Send the reason with the end, or neither.",
        "course of care",
        EPISODES,
        "ended_on is not null",
        "end_reason = 'ongoing'",
    ),
    RecordCheck(
        "ended_courses_have_a_reason",
        "episodes",
        "completeness",
        CLINICAL_LEAD,
        "Without a reason nobody knows who dropped out, and who was done.",
        ("courses",),
        "Ask the site to record the reason when it closes a course.",
        "course of care",
        EPISODES,
        "end_reason is null",
        "ended_on is not null",
        ("episodes.end_reason",),
        tolerated_share=0.1,
        tolerated_why="Some courses end without anybody closing them; our convention, one "
        "in ten.",
    ),
    RecordCheck(
        "ended_courses_have_a_day",
        "episodes",
        "completeness",
        SOURCE_MANAGER,
        "A reason to end without a day: the course seems to go on for ever.",
        ("courses", "length"),
        "Send the day with the reason.",
        "course of care",
        EPISODES,
        "ended_on is null",
        "end_reason not in ('ongoing')",
        ("episodes.ended_on",),
        tolerated_share=0.05,
        tolerated_why="Referrals declined before a course began need no end; our "
        "convention, one in twenty.",
    ),
    RecordCheck(
        "courses_ended_by_death_have_its_day",
        "episodes",
        "completeness",
        SOURCE_MANAGER,
        "Death competes with relapse and with every follow-up; without its day the person "
        "counts as lost.",
        ("relapse", "length", "courses"),
        "Send died_on with the patient.",
        "course of care",
        EPISODES,
        "died_on is null",
        "end_reason = 'died'",
        ("patients",),
    ),
    RecordCheck(
        "site_of_the_course_was_sent",
        "episodes",
        "conformance",
        SOURCE_MANAGER,
        "A course at no known site is in no figure by site.",
        ("sites",),
        "Send the site, or mend the course's site_id.",
        "course of care",
        EPISODES,
        "not is_site_sent",
        "site_id is not null",
        ("sites",),
    ),
    RecordCheck(
        "courses_of_a_patient_do_not_overlap",
        "episodes",
        "plausibility",
        SOURCE_MANAGER,
        "Sessions and scores of one course are counted for both, and a second course "
        "seems to begin before the first has ended.",
        ("courses", "length", "outcomes", "waiting"),
        "Look for one course opened twice, or a referral passed on without closing it.",
        "course of care",
        IN_ORDER,
        "started_on < earlier_ended_on",
        "is_judged",
    ),
)
