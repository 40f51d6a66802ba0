"""Checks on patients: ages, days of birth and death, what is known of them."""

from expectations.records import (
    CALENDAR,
    CLINICAL_LEAD,
    CLOCK,
    SOURCE_MANAGER,
    RecordCheck,
    Rows,
)

YOUNGEST = 16
"""Years. Adult services see 16- and 17-year-olds in places, younger ones hardly ever: our
convention. Years of birth are whole, so one less is under 16 for certain."""

OLDEST_TOLD = 90
"""Years by the years alone, so that 89 or 90 is still possible; beyond it the person is
aged 90 or over for certain (45 CFR 164.514(b)(2)(i)(C))."""

PATIENTS = Rows(
    f"""
    select
        judged.*,
        case
            when year(delivery.extracted_on) < judged.birth_year then 'unborn'
            when year(delivery.extracted_on) >= judged.birth_year
                and year(least(delivery.extracted_on, judged.died_on))
                - judged.birth_year > {OLDEST_TOLD}
                and not coalesce(judged.is_aged_90_plus, false) then 'over 89'
            when year(courses.first_on) < judged.birth_year then 'after first course'
            when year(courses.first_on) - judged.birth_year < {YOUNGEST} then 'child'
        end as wrong_age,
        courses.first_on,
        delivery.extracted_on
    from judged
    cross join delivery
    left join (
        select patient_id, min(coalesce(started_on, referred_on)) as first_on
        from episodes
        group by patient_id
    ) as courses using (patient_id)
    """,
    unit="patient_id",
)
"""A wrong year of birth is told once, by what it is most surely."""

BORN = "birth_year is not null"

MISSING = ("NULL", "NA", "N/A", "N.A.", "#N/A", "NAN", "NIL", "-", "--", "?", ".")
"""What programs and people write where nothing is known, in capitals; a drafted adapter
makes blanks of them. Not `none`: somebody without insurance has that payer. Nor
`unknown`: a code list may have it, and it is said of a person."""

WORDED = " or ".join(
    f"coalesce(upper({column}) in {MISSING}, false)"
    for column in ("ethnicity", "region", "payer")
)

CHECKS = (
    RecordCheck(
        "birth_year_is_not_in_the_future",
        "patients",
        "plausibility",
        SOURCE_MANAGER,
        "Nobody is born after the extract was made; the age would be negative.",
        ("groups", "patients"),
        "Look for a mistyped century, or another column mapped to birth_year.",
        "patient",
        PATIENTS,
        "wrong_age = 'unborn'",
        BORN,
        (CLOCK,),
    ),
    RecordCheck(
        "age_over_89_is_marked",
        "patients",
        "conformance",
        SOURCE_MANAGER,
        "A year of birth at 90 or over identifies people (45 CFR 164.514). By years alone "
        "89 or 90 is possible at a difference of 90; one more is over 89 for certain.",
        ("privacy", "groups"),
        "Leave birth_year blank and set is_aged_90_plus in the extract.",
        "patient",
        PATIENTS,
        "wrong_age = 'over 89'",
        BORN,
        (CLOCK,),
    ),
    RecordCheck(
        "birth_year_is_not_after_the_first_course",
        "patients",
        "plausibility",
        SOURCE_MANAGER,
        "A course of care before birth: another person's year, or another's course.",
        ("groups", "courses"),
        "Compare the patient's year of birth with the register; look for merged records.",
        "patient",
        PATIENTS,
        "wrong_age = 'after first course'",
        f"{BORN} and first_on is not null",
        (CALENDAR, "episodes"),
    ),
    RecordCheck(
        "patients_are_old_enough_for_the_service",
        "patients",
        "plausibility",
        CLINICAL_LEAD,
        f"Under {YOUNGEST} at the first course. Comparisons are of adults; the "
        "questionnaires are made for adults.",
        ("groups", "outcomes", "length"),
        "A mistyped year of birth, or a children's service in the extract: leave it out.",
        "patient",
        PATIENTS,
        "wrong_age = 'child'",
        f"{BORN} and first_on is not null",
        (CALENDAR, "episodes"),
    ),
    RecordCheck(
        "died_on_is_not_in_the_future",
        "patients",
        "plausibility",
        SOURCE_MANAGER,
        "A day of death after the extract was made cannot be known.",
        ("courses", "outcomes", "length"),
        "Look for 2099 and the like, which some systems store for `not dead`.",
        "patient",
        PATIENTS,
        "died_on > extracted_on + 1",
        "died_on is not null",
        (CLOCK,),
    ),
    RecordCheck(
        "died_on_is_not_before_birth",
        "patients",
        "plausibility",
        SOURCE_MANAGER,
        "Death before birth: one of the two belongs to somebody else.",
        ("courses", "groups"),
        "Compare both with the register; look for merged records.",
        "patient",
        PATIENTS,
        "year(died_on) < birth_year",
        f"died_on is not null and {BORN}",
        (CALENDAR,),
    ),
    RecordCheck(
        "birth_year_is_given",
        "patients",
        "completeness",
        SOURCE_MANAGER,
        "Without it no age group and no check that the person is an adult.",
        ("groups", "length", "therapy_and_medication"),
        "Ask why the extract leaves it out; blank is right only with is_aged_90_plus.",
        "patient",
        PATIENTS,
        "birth_year is null and not coalesce(is_aged_90_plus, false)",
        needs=("patients.birth_year",),
        tolerated_share=0.05,
        tolerated_why="Some people do not tell it; our convention, one in twenty.",
    ),
    RecordCheck(
        "sex_is_given",
        "patients",
        "completeness",
        SOURCE_MANAGER,
        "A group that is not known is in no comparison by sex, and comparisons adjust "
        "for it.",
        ("groups",),
        "Ask why the extract leaves it out or sends `unknown`.",
        "patient",
        PATIENTS,
        "coalesce(sex, 'unknown') = 'unknown'",
        needs=("patients.sex",),
        tolerated_share=0.05,
        tolerated_why="Some people do not tell it; our convention, one in twenty.",
    ),
    RecordCheck(
        "groups_are_not_words_for_missing",
        "patients",
        "conformance",
        SOURCE_MANAGER,
        "`NULL` or `N/A` as an ethnicity, a region or a payer stands in the reports as a "
        "group of people.",
        ("groups",),
        "Send a blank, or make it one in the adapter (docs/writing_an_adapter.md).",
        "patient",
        PATIENTS,
        WORDED,
        "coalesce(ethnicity, region, payer) is not null",
    ),
)
