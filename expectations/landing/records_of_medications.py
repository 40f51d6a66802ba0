"""Checks on medications: what was given, how much, when, and the same one twice."""

from expectations.records import (
    CALENDAR,
    CLOCK,
    PHARMACY_MANAGER,
    RecordCheck,
    Rows,
)

MOST_IN_HAND = 180
"""Days' supply in hand before a fill. Pharmacies fill a month or a quarter ahead; half a
year is two quarters beyond need. Our convention."""

LEAST_PART, MOST_TIMES = 50, 10
"""Of the WHO's defined daily dose. Real doses lie between a thirtieth (doxepin for sleep)
and six times of it (tranylcypromine); a unit mistaken is a factor of a thousand. Our
convention."""

MEDICATIONS = Rows(
    """
    select
        judged.*,
        case
            when judged.started_on > delivery.extracted_on + 1 then 'future'
            when delivery.is_calendar
                and year(judged.started_on) < patients.birth_year
                and patients.birth_year <= year(delivery.extracted_on) then 'before birth'
            when judged.started_on > patients.died_on then 'after death'
        end as wrong_day,
        patients.birth_year,
        patients.died_on,
        ingredients.ingredient is not null as is_known,
        ingredients.atc_code as right_atc_code,
        defined_daily_doses.defined_daily_dose_mg
    from judged
    cross join delivery
    left join patients on judged.patient_id = patients.patient_id
    left join ingredients on judged.ingredient = ingredients.ingredient
    left join defined_daily_doses
        on judged.ingredient = defined_daily_doses.ingredient
    """,
    unit="medication_id",
    on_day="started_on",
)
REPEATED = Rows(
    """
    select judged.medication_id, judged.started_on, coalesce(twins.nth, 1) as nth
    from judged
    left join (
        select
            medication_id,
            row_number() over (
                partition by
                    patient_id, ingredient, atc_code, started_on, days_supply, ended_on,
                    daily_dose_mg, record_type
                order by is_judged, medication_id
            ) as nth
        from medications
        where (patient_id, started_on) in (
            select (patient_id, started_on) from medications
            group by patient_id, started_on having count(*) > 1
        )
    ) as twins using (medication_id)
    where judged.started_on is not null
    """,
    unit="medication_id",
    on_day="started_on",
)
FILLS = Rows(
    """
    select
        *,
        ahead_days - min(least(ahead_days, 0)) over (
            partition by patient_id, ingredient, daily_dose_mg
            order by started_on, medication_id
            rows unbounded preceding
        ) as in_hand_days
    from (
        select
            medication_id,
            patient_id,
            ingredient,
            daily_dose_mg,
            started_on,
            is_judged,
            coalesce(
                sum(days_supply) over (
                    in_time rows between unbounded preceding and 1 preceding
                ),
                0
            ) - date_diff('day', first_value(started_on) over in_time, started_on)
                as ahead_days
        from medications
        where record_type = 'dispensed'
            and started_on is not null and days_supply is not null
        window in_time as (
            partition by patient_id, ingredient, daily_dose_mg
            order by started_on, medication_id
        )
    )
    """,
    unit="medication_id",
    on_day="started_on",
)
"""Of one ingredient and dose: two strengths given together are two streams."""

DRUGS = ("medication", "therapy_and_medication")
ATC_FORM = "[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?"
"""One to seven characters, level by level (WHO Collaborating Centre, ATC index)."""


def _check(
    check_id: str,
    category: str,
    why: str,
    fix: str,
    fails: str,
    among: str = "true",
    needs: tuple[str, ...] = (),
    rows: Rows = MEDICATIONS,
    **tolerated,
) -> RecordCheck:
    return RecordCheck(
        check_id,
        "medications",
        category,
        PHARMACY_MANAGER,
        why,
        DRUGS,
        fix,
        "medication",
        rows,
        fails,
        among,
        needs,
        **tolerated,
    )


CHECKS = (
    _check(
        "ingredient_is_known",
        "conformance",
        "An ingredient that is not listed (seeds/ingredients.csv) counts as an "
        "antidepressant of unknown dose; a misspelt one counts as a switch.",
        "Send the international name in lower snake case; ask for a new one to be listed.",
        "not is_known",
    ),
    _check(
        "atc_code_has_its_form",
        "conformance",
        "A code in another form belongs to no class.",
        "Send one to seven characters of the ATC code, without dots or spaces.",
        f"not regexp_full_match(atc_code, '{ATC_FORM}')",
        "atc_code is not null",
    ),
    _check(
        "atc_code_is_the_ingredients",
        "conformance",
        "Code and ingredient name two drugs: one of them counts where it was never given.",
        "Make both from the same record; look for a shifted column.",
        f"regexp_full_match(atc_code, '{ATC_FORM}') "
        "and not starts_with(right_atc_code, atc_code) "
        "and not starts_with(atc_code, right_atc_code)",
        "atc_code is not null and right_atc_code is not null",
    ),
    _check(
        "daily_dose_is_plausible",
        "plausibility",
        "Under a fiftieth or over ten times the WHO's defined daily dose (seeds/"
        "defined_daily_doses.csv) it is in another unit, or the dose of a pack. Real doses "
        "lie between a thirtieth and six times of it; our convention.",
        "Look for grams and micrograms; send milligrams a day.",
        f"daily_dose_mg not between defined_daily_dose_mg / {LEAST_PART} "
        f"and defined_daily_dose_mg * {MOST_TIMES}",
        "daily_dose_mg > 0 and defined_daily_dose_mg is not null",
    ),
    _check(
        "days_supply_is_given",
        "completeness",
        "How long a fill lasts is not known, so time on medication cannot be counted.",
        "Send the days' supply of every fill.",
        "days_supply is null",
        "record_type = 'dispensed'",
        ("medications.days_supply",),
        tolerated_share=0.1,
        tolerated_why="Liquids and drops have no fixed days' supply; our convention, one in "
        "ten.",
    ),
    _check(
        "started_on_is_not_in_the_future",
        "plausibility",
        "What is to be dispensed later was not taken yet.",
        "Leave repeats to come out of the extract; look for mistyped years.",
        "wrong_day = 'future'",
        "started_on is not null",
        (CLOCK,),
    ),
    _check(
        "started_on_is_not_before_birth",
        "plausibility",
        "A medication before birth is another person's, or one of the two years is wrong.",
        "Compare the year of birth and the medication's day with the record.",
        "wrong_day = 'before birth'",
        "started_on is not null and birth_year is not null",
        (CALENDAR,),
    ),
    _check(
        "started_on_is_not_after_death",
        "plausibility",
        "Nobody is given a medication after death: the day of death or the record is "
        "another's.",
        "Compare both with the register; look for repeats that nobody stopped.",
        "wrong_day = 'after death'",
        "started_on is not null and died_on is not null",
    ),
    _check(
        "medication_is_sent_once",
        "conformance",
        "One fill under two keys counts twice: people seem to have more than they had.",
        "Send the system's own key, not one made per extract or per join.",
        "nth > 1",
        rows=REPEATED,
    ),
    _check(
        "supply_is_not_piled_up",
        "plausibility",
        f"More than {MOST_IN_HAND} days' supply in hand before a fill, far beyond filling "
        "ahead: the days' supply is too long or fills are sent again, and time on "
        "medication is too long. Our convention.",
        "Look for tablets in place of days, for returns that are not sent, and for fills "
        "sent twice.",
        f"in_hand_days > {MOST_IN_HAND}",
        "is_judged",
        rows=FILLS,
        tolerated_share=0.02,
        tolerated_why="Supplies for a long journey, and doses raised without a new record, "
        "pile up in sound care; our convention, one in fifty.",
    ),
)
