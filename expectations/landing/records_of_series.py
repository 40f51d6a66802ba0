"""Checks on questionnaires beside each other: of a day, of a person, of a site."""

from expectations.records import (
    CALENDAR,
    CLINICAL_LEAD,
    SOURCE_MANAGER,
    RecordCheck,
    Rows,
)

SAME_ANSWERS = 8
"""Forms of one person with the same answers, neither all the lowest nor all the highest.
Of 2,000 simulated people none had more than two; our convention."""

FAR_ABOVE = 2
"""Reliable changes by which a form stands above both its neighbours; with every answer
alike on top of it, no form of 2,000 simulated people did. Our convention."""

LONG_FORM = 9
"""Questions. On shorter forms the same answer throughout is common."""

LEAST_SCORES, LEAST_MONTHS = 30, 3
"""Scores and months of a site, without which the days of the month say nothing."""

ONE_DAY_SHARE = 0.5
"""Share (0-1) of scores on one day of the month; by chance it is about 1 in 30."""

LEAST_ITEM_9 = 100
"""Answers to item 9 of a site. Where one in ten has such thoughts, none of so many has
them by chance in 3 of 100,000 sites; of those treated for depression one in four has."""

ITEMS = ", ".join(f"item_{n}" for n in range(1, 22))

FORM_OF_A_DAY = "patient_id, instrument, completed_on, session_id"

SAME_DAY = Rows(
    f"""
    with repeated as materialized (
        select hash({FORM_OF_A_DAY}) as form from assessments
        group by 1 having count(*) > 1
    )
    select
        patient_id,
        instrument,
        completed_on,
        1 as scores_count,
        false as has_different_scores,
        is_judged
    from assessments
    where hash({FORM_OF_A_DAY}) not in (from repeated)
    union all
    select
        patient_id,
        instrument,
        completed_on,
        count(*) as scores_count,
        min(hash(total_points, {ITEMS})) <> max(hash(total_points, {ITEMS}))
            as has_different_scores,
        bool_or(is_judged) as is_judged
    from assessments
    where hash({FORM_OF_A_DAY}) in (from repeated)
    group by {FORM_OF_A_DAY}
    """,
    unit="patient_id || ' ' || instrument || ' ' || completed_on",
    on_day="completed_on",
)
"""Two sessions of one day may each have their score; without a session there is one.

Few forms have company, so these are found first, by a hash of eight bytes; whether two
share it by chance is sorted out where they are grouped."""

PEOPLE = Rows(
    f"""
    select
        patient_id,
        instrument,
        sum(forms_count) as forms_count,
        max(forms_count) filter (is_between) as most_alike_count,
        bool_or(is_judged) as is_judged
    from (
        select
            patient_id,
            instrument,
            hash({ITEMS}) as answers,
            count(*) as forms_count,
            bool_or(is_judged) as is_judged,
            bool_or(
                greatest({ITEMS}) > instruments.item_min_points
                and least({ITEMS}) < instruments.item_max_points
            ) as is_between
        from assessments
        inner join instruments using (instrument)
        where item_1 is not null and item_2 is not null
        group by all
    )
    group by patient_id, instrument
    """,
    unit="patient_id || ' ' || instrument",
    is_kept=True,
)
ALIKE = Rows(
    f"""
    select *
    from (
        select
            assessments.*,
            lag(total_points ignore nulls) over in_time as points_before,
            lead(total_points ignore nulls) over in_time as points_after,
            instruments.reliable_change_points,
            instruments.item_min_points,
            instruments.item_count,
            list_unique([{ITEMS}]) = 1 as is_all_alike
        from assessments
        semi join (
            select patient_id, instrument from judged
            where item_1 = item_2 and item_2 = item_3 and item_3 = item_4
                and item_4 = item_5 and item_5 = item_6 and item_6 = item_7
                and item_7 = item_8 and item_8 = item_9 and item_9 > 0
        ) as alike using (patient_id, instrument)
        inner join instruments using (instrument)
        window in_time as (
            partition by patient_id, instrument order by completed_on, assessment_id
        )
    )
    where is_judged and is_all_alike and item_1 > item_min_points
        and reliable_change_points is not null and item_count >= {LONG_FORM}
    """,
    unit="assessment_id",
    on_day="completed_on",
)
SITES = Rows(
    """
    select
        site_id,
        sum(scores_count) as scores_count,
        max(scores_count) as most_on_one_day,
        max(months_count) as months_count,
        sum(item_9_count) as item_9_count,
        sum(item_9_above_count) as item_9_above_count
    from (
        select
            episodes.site_id,
            day(judged.completed_on) as day_of_month,
            count(*) as scores_count,
            count(distinct date_trunc('month', judged.completed_on)) as months_count,
            count(*) filter (judged.instrument = 'phq9' and judged.item_9 is not null)
                as item_9_count,
            count(*) filter (judged.instrument = 'phq9' and judged.item_9 > 0)
                as item_9_above_count
        from judged
        inner join episodes on judged.episode_id = episodes.episode_id
        where episodes.site_id is not null
        group by all
    )
    group by site_id
    """,
    unit="site_id",
    is_kept=True,
)
SCORES = ("outcomes", "recovery", "relapse", "length", "therapy_and_medication")

CHECKS = (
    RecordCheck(
        "one_score_of_an_instrument_a_day",
        "assessments",
        "plausibility",
        SOURCE_MANAGER,
        "Two different scores of one instrument, session and day: which one counts is "
        "decided by their keys.",
        SCORES,
        "Send the form that was completed; retire corrections' forerunners.",
        "patient, instrument and day",
        SAME_DAY,
        "scores_count > 1 and has_different_scores",
        "is_judged",
    ),
    RecordCheck(
        "score_is_sent_once",
        "assessments",
        "conformance",
        SOURCE_MANAGER,
        "One form under two keys counts twice where forms are counted.",
        ("outcomes",),
        "Send the system's own key, not one made per extract or per join.",
        "patient, instrument and day",
        SAME_DAY,
        "scores_count > 1 and not has_different_scores",
        "is_judged",
    ),
    RecordCheck(
        "answers_change_over_time",
        "assessments",
        "plausibility",
        CLINICAL_LEAD,
        f"The very same answers {SAME_ANSWERS} times or more: a form that is copied forward, "
        "so that neither change nor relapse can be seen. All answers the lowest, or all the "
        "highest, may be somebody well or very ill. The number is our convention.",
        SCORES,
        "Ask whether the system fills in the last form; send only forms completed anew.",
        "patient and instrument",
        PEOPLE,
        f"most_alike_count >= {SAME_ANSWERS}",
        f"is_judged and forms_count >= {SAME_ANSWERS}",
    ),
    RecordCheck(
        "answers_are_not_all_alike_and_out_of_line",
        "assessments",
        "plausibility",
        CLINICAL_LEAD,
        "Every answer the same, and the total two reliable changes or more above the score "
        "before and the one after: a form filled in without reading. The same answers alone "
        "may be somebody very ill. Forms of nine questions or more. Our convention.",
        SCORES,
        "Look at the form; where it was a click-through, retire it.",
        "questionnaire",
        ALIKE,
        f"total_points >= greatest(points_before, points_after) "
        f"+ {FAR_ABOVE} * reliable_change_points",
        "points_before is not null and points_after is not null",
    ),
    RecordCheck(
        "scores_fall_on_many_days_of_the_month",
        "assessments",
        "plausibility",
        CLINICAL_LEAD,
        f"More than half of {LEAST_SCORES} scores or more, of {LEAST_MONTHS} months or more, "
        "on one day of the month: days were rounded or made up, so windows, baselines and "
        "relapse are wrong by weeks. By chance it is about one in thirty.",
        (*SCORES, "sites"),
        "Ask the site for the day of each form, not the month.",
        "site",
        SITES,
        f"most_on_one_day > {ONE_DAY_SHARE} * scores_count",
        f"scores_count >= {LEAST_SCORES} and months_count >= {LEAST_MONTHS}",
        (CALENDAR, "episodes"),
    ),
    RecordCheck(
        "item_9_is_above_0_for_some",
        "assessments",
        "plausibility",
        CLINICAL_LEAD,
        f"Nobody of {LEAST_ITEM_9} answers or more reports thoughts of death: the item is "
        "not shown, or filled in for people. In treated depression one in four does; where "
        "one in ten does, chance makes this in 3 of 100,000 sites.",
        ("safety", "outcomes", "sites"),
        "Ask the site how the item is asked and what is stored when it is not.",
        "site",
        SITES,
        "item_9_above_count = 0",
        f"item_9_count >= {LEAST_ITEM_9}",
        ("episodes", "assessments.item_9"),
    ),
)
