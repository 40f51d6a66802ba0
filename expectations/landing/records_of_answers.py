"""Checks on the answers of a questionnaire, and on its total beside them."""

from expectations.records import CLINICAL_LEAD, SOURCE_MANAGER, RecordCheck, Rows

ITEMS = 21
"""Items that the contract has columns for."""

OWN_ITEMS = "item_count + case when instrument = 'phq9' then 1 else 0 end"
"""Items that may be answered: the PHQ-9's question on impairment may be sent as item 10;
it is never summed."""

CODES_FOR_MISSING = "-9, -8, -7, -2, -1, 77, 88, 98, 99, 777, 888, 998, 999"
"""Numbers that systems store for `not answered`, `refused` and the like; all lie outside
every instrument's items."""


def _items(expression: str, between: str) -> str:
    """Return an expression of every item, `{n}` its number, joined by an operator."""
    made = (expression.format(n=n) for n in range(1, ITEMS + 1))
    return "(" + between.join(f"({item})" for item in made) + ")"


ITEM_MAX = (
    "case when {n} > item_count then null "
    "when contains(' ' || short_items || ' ', ' {n} ') then short_item_max_points "
    "else item_max_points end"
)
"""Highest answer to an item; null beyond the instrument's own."""

MISSING_MAX = f"case when item_{{n}} is null then coalesce({ITEM_MAX}, 0) else 0 end"
"""The most that an answer that is not given could add."""

CODED = f"coalesce(item_{{n}} in ({CODES_FOR_MISSING}), false)"
IMPOSSIBLE = f"coalesce(item_{{n}} not between item_min_points and {ITEM_MAX}, false)"

QIDS = (
    "greatest(item_1, item_2, item_3, item_4) + item_5 "
    "+ greatest(item_6, item_7, item_8, item_9) + item_10 + item_11 + item_12 + item_13 "
    "+ item_14 + greatest(item_15, item_16)"
)
"""Rush 2003, Biol Psychiatry 54:573-583; of 6 to 9 those that were asked count."""

ALL = ", ".join(f"item_{n}" for n in range(1, ITEMS + 1))
LAST_GIVEN = " ".join(
    f"when item_{n} is not null then {n}" for n in range(ITEMS, 0, -1)
)

ANSWERS = Rows(
    f"""
    select
        *,
        case
            when is_plain then null
            when has_code_for_missing then 'code for missing'
            when last_given > {OWN_ITEMS} then 'beyond its items'
            when has_impossible_answer then 'out of range'
            when total_points is null or answered_count = 0 then null
            when total_rule = 'sum' then case
                when answered_count = item_count then
                    case when total_points <> answered_points then 'total' end
                when total_points not between
                    answered_points + (item_count - answered_count) * item_min_points
                    and answered_points + {_items(MISSING_MAX, " + ")} then 'total'
                when item_count - answered_count > coalesce(prorated_items_max, 0)
                    and total_points in (
                        answered_points,
                        round(item_count * answered_points * 1.0 / answered_count)
                    ) then 'too few'
            end
            when total_rule = 'percent' and answered_count = item_count and abs(
                total_points - (answered_points - item_count * item_min_points) * 100.0
                / (item_count * (item_max_points - item_min_points))
            ) >= 1 then 'total'
            when total_rule = 'item_3' and total_points <> item_3 then 'total'
            when total_rule = 'qids_domains' and total_points <> {QIDS} then 'total'
        end as wrong_answers
    from (
        select
            *,
            {_items("coalesce(item_{n}, 0)", " + ")}
            - case when instrument = 'phq9' then coalesce(item_10, 0) else 0 end
                as answered_points,
            {_items("if(item_{n} is null, 0, 1)", " + ")}
            - case when instrument = 'phq9' and item_10 is not null then 1 else 0 end
                as answered_count,
            total_rule = 'sum' and answered_count = item_count
            and total_points = answered_points and not is_out_of_line
            and last_given <= item_count as is_plain,
            case when is_out_of_line then {_items(CODED, " or ")} else false end
                as has_code_for_missing,
            case when is_out_of_line then {_items(IMPOSSIBLE, " or ")} else false end
                as has_impossible_answer
        from (
            select
                judged.*,
                instruments.* exclude (instrument),
                case {LAST_GIVEN} end as last_given,
                greatest({ALL}) > item_max_points or least({ALL}) < item_min_points
                or short_items is not null as is_out_of_line
            from judged
            inner join instruments on judged.instrument = instruments.instrument
        )
        where last_given is not null
    )
    """,
    unit="assessment_id",
    on_day="completed_on",
)
"""What is wrong with a form is told once, by what it is most surely. Most forms are plain:
answered whole, within range, and their total is the sum."""

ANSWERED = "answered_count > 0"
SCORES = ("outcomes", "recovery", "relapse", "length", "therapy_and_medication")

CHECKS = (
    RecordCheck(
        "no_code_for_missing_stands_as_an_answer",
        "assessments",
        "conformance",
        SOURCE_MANAGER,
        "99 and the like mean `not answered`; summed, they would make the worst score there "
        "is. The form is not used.",
        SCORES,
        "Send blanks for answers that were not given.",
        "questionnaire",
        ANSWERS,
        "wrong_answers = 'code for missing'",
    ),
    RecordCheck(
        "answers_are_no_more_than_the_items",
        "assessments",
        "conformance",
        SOURCE_MANAGER,
        "More answers than the instrument has questions: another instrument was sent under "
        "its name, and its score means something else.",
        SCORES,
        "Look for a PHQ-9 sent as a GAD-7 and the like; correct `instrument`.",
        "questionnaire",
        ANSWERS,
        "wrong_answers = 'beyond its items'",
    ),
    RecordCheck(
        "answers_are_in_their_items_range",
        "assessments",
        "conformance",
        SOURCE_MANAGER,
        "An answer outside its item's range (seeds/instruments.csv) makes no total; the "
        "form is not used.",
        SCORES,
        "Look for answers coded from 1 in place of 0, and for another instrument's.",
        "questionnaire",
        ANSWERS,
        "wrong_answers = 'out of range'",
    ),
    RecordCheck(
        "total_agrees_with_its_answers",
        "assessments",
        "plausibility",
        SOURCE_MANAGER,
        "The recorded total is not one that the answers can make. Neither is used: nobody "
        "can say which holds.",
        SCORES,
        "Look for totals typed by hand, of another day, or a panel's code in their place.",
        "questionnaire",
        ANSWERS,
        "wrong_answers = 'total'",
        f"{ANSWERED} and total_points is not null and total_rule is not null",
    ),
    RecordCheck(
        "total_is_not_made_of_too_few_answers",
        "assessments",
        "completeness",
        SOURCE_MANAGER,
        "A total that is the sum, or the prorated sum, of fewer answers than the "
        "instrument's rule takes (PHQ-9: at most two of nine missing) is too low or a "
        "guess.",
        SCORES,
        "Leave the total blank where more answers are missing than the rule allows.",
        "questionnaire",
        ANSWERS,
        "wrong_answers = 'too few'",
        f"{ANSWERED} and total_points is not null and total_rule = 'sum' "
        "and answered_count < item_count",
    ),
    RecordCheck(
        "item_9_is_answered",
        "assessments",
        "completeness",
        CLINICAL_LEAD,
        "A missing answer about thoughts of death is its own state, never `not at all`; "
        "where many are missing, the share of people with such thoughts is not known.",
        ("safety",),
        "Ask whether the item is shown to everybody, and exported.",
        "questionnaire",
        ANSWERS,
        "item_9 is null",
        f"instrument = 'phq9' and {ANSWERED}",
        ("assessments.item_9",),
        tolerated_share=0.1,
        tolerated_why="People skip it about twice as often as other items (we assume "
        "2 to 4 in 100); our convention, one in ten.",
    ),
)
