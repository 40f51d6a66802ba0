"""Faults of single questionnaires."""

import polars as pl

from pipelines.simulate.faults.planting import (
    Fault,
    Planter,
    changed,
    number,
    whole,
)

PHQ9 = pl.col("instrument") == "phq9"
HAS_TOTAL = pl.col("total_points").is_not_null()
HAS_ITEMS = pl.all_horizontal(pl.col(f"item_{n}").is_not_null() for n in range(1, 10))
MISSING_CODE = "99"
LOINC_PANEL = "44249-1"
"""The PHQ-9's panel: it groups answers and has no value of its own."""

NEIGHBOURS_AT_MOST = 12
"""Points of the score before and the one after, where every answer is 3 between them: 27
is then beyond what chance and illness make of it."""


def _alike_between_low_scores(planter: Planter, fault: Fault) -> None:
    """Give every answer as 3 in forms that stand between two low scores."""
    total = number("total_points")
    in_time = planter.frames["assessments"].filter(PHQ9, total.is_not_null())
    in_time = in_time.sort("patient_id", "completed_on", maintain_order=True)
    before, after = (total.shift(n).over("patient_id") for n in (1, -1))
    low = in_time.filter(
        before.is_not_null() & after.is_not_null(),
        pl.max_horizontal(before, after) <= NEIGHBOURS_AT_MOST,
    )
    planter.change(
        fault,
        planter.pick(
            fault,
            HAS_ITEMS & pl.col("assessment_id").is_in(low["assessment_id"].implode()),
        ),
        total_points="27",
        **{f"item_{n}": "3" for n in range(1, 10)},
    )


ASSESSMENT_FAULTS = (
    Fault(
        "panel_code_as_total",
        "assessments",
        "total_points",
        "The number of the PHQ-9's LOINC panel stands where its total should.",
        changed(PHQ9, total_points="44249"),
        "assessments.total_points_is_possible",
    ),
    Fault(
        "panel_loinc_as_value",
        "assessments",
        "total_points",
        "The PHQ-9's panel code itself is sent as a value.",
        changed(PHQ9, total_points=LOINC_PANEL),
        "assessments.total_points_is_an_integer",
    ),
    Fault(
        "total_unequal_to_items",
        "assessments",
        "total_points",
        "The recorded total is three points above the sum of the answers.",
        changed(
            PHQ9 & HAS_TOTAL & HAS_ITEMS & (number("total_points") <= 20),
            total_points=whole(number("total_points") + 3),
        ),
        "assessments.total_agrees_with_its_answers",
    ),
    Fault(
        "total_above_range",
        "assessments",
        "total_points",
        "A PHQ-9 total of 31, of at most 27.",
        changed(PHQ9, total_points="31"),
        "assessments.total_points_is_possible",
    ),
    Fault(
        "total_negative",
        "assessments",
        "total_points",
        "A total of -1, which some systems send for `not done`.",
        changed(PHQ9, total_points="-1"),
        "assessments.total_points_is_possible",
    ),
    Fault(
        "item_out_of_range",
        "assessments",
        "item_3",
        "An answer of 4 to an item scored 0 to 3; the total agrees with it.",
        changed(
            PHQ9 & HAS_TOTAL & HAS_ITEMS & (number("total_points") <= 22),
            total_points=whole(number("total_points") - number("item_3") + 4),
            item_3="4",
        ),
        "assessments.answers_are_in_their_items_range",
    ),
    Fault(
        "missing_code_in_item",
        "assessments",
        "item_5",
        "99, which some systems send for a missing answer.",
        changed(PHQ9 & HAS_ITEMS, item_5=MISSING_CODE),
        "assessments.no_code_for_missing_stands_as_an_answer",
    ),
    Fault(
        "items_without_variation",
        "assessments",
        "item_1",
        "Every answer is 3 between two low scores: a form filled in without reading it.",
        _alike_between_low_scores,
        "assessments.answers_are_not_all_alike_and_out_of_line",
    ),
    Fault(
        "instrument_mislabelled_bdi",
        "assessments",
        "instrument",
        "A BDI-II sent as a PHQ-9: 21 answers and a total above 27.",
        changed(
            PHQ9,
            total_points="42",
            **{f"item_{n}": "2" for n in range(1, 22)},
        ),
        "assessments.total_points_is_possible",
    ),
    Fault(
        "instrument_mislabelled_gad7",
        "assessments",
        "instrument",
        "A PHQ-9 sent as a GAD-7: nine answers to seven questions.",
        changed(
            PHQ9 & HAS_ITEMS & HAS_TOTAL & (number("total_points") <= 21),
            instrument="gad7",
        ),
        "assessments.answers_are_no_more_than_the_items",
    ),
    Fault(
        "unknown_instrument",
        "assessments",
        "instrument",
        "A spelling of the questionnaire that the contract does not know.",
        changed(PHQ9, instrument="PHQ-9"),
        "assessments.instrument_is_a_known_code",
    ),
    Fault(
        "no_answer_at_all",
        "assessments",
        "total_points",
        "A questionnaire with neither a total nor an answer.",
        changed(
            None,
            total_points=None,
            **{f"item_{n}": None for n in range(1, 22)},
        ),
        "assessments.a_total_or_an_item_is_given",
    ),
    Fault(
        "score_in_the_future",
        "assessments",
        "completed_on",
        "A questionnaire completed in 2090.",
        changed(None, completed_on="2090-01-01"),
        "assessments.completed_on_is_not_in_the_future",
    ),
    Fault(
        "unknown_session",
        "assessments",
        "session_id",
        "The session it names was never sent.",
        changed(pl.col("session_id").is_not_null(), session_id="nosuchsession"),
        "assessments.session_of_the_score_was_sent",
    ),
    Fault(
        "blank_key",
        "assessments",
        "assessment_id",
        "A row without its key.",
        changed(None, assessment_id=None),
        "assessments.assessment_id_is_given",
    ),
)
