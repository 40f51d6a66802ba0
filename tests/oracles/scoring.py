"""Totals from answers (METHODS 2), and which episode a score belongs to.

METHODS 2, "PHQ-9 rules":

- "(a) items ∈{0,1,2,3}"; the generator sends nothing else.
- "(b) ≤2 of 9 missing → total=round(9·mean answered) [...]; ≥3 missing → null";
  METHODS 9: "Proration rounds half up."
- "(d) recorded≠Σitems → quarantine; keep both": the score is not used.

Choices that METHODS leaves:

- S1 A recorded total with incomplete answers is used as recorded, if the missing ones
  can make it; but not one that is only the sum of too few. A prorated total is never
  held against a recorded one.
- S2 GAD-7: no missing-item rule is given, so only complete answers make a total.
- S3 An answer sheet with no answer at all and no total is no score.
- S4 Which episode a score belongs to where the source does not say. METHODS 1
  counts scores from "[T0−30 d, T0]", so a score belongs to the latest episode whose
  day 0 is at most 30 days after it, however long ago that episode ended.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from oracles.records import Assessment, Score

ITEM_COUNTS = {"phq9": 9, "gad7": 7}
MISSING_ALLOWED = {"phq9": 2, "gad7": 0}
DAYS_BEFORE = 30
HIGHEST_ANSWER = 3


def score(assessment: Assessment) -> Score | None:
    """Return the usable total of a questionnaire, or None."""
    count = ITEM_COUNTS[assessment.instrument]
    answers = [a for a in assessment.items if a is not None]
    missing = count - len(answers)
    recorded = assessment.total_points
    if recorded is not None:
        if not sum(answers) <= recorded <= sum(answers) + HIGHEST_ANSWER * missing:
            return None
        allowed = MISSING_ALLOWED[assessment.instrument]
        if answers and missing > allowed and recorded == sum(answers):
            return None
        points = recorded
    elif missing == 0:
        points = sum(answers)
    elif answers and missing <= MISSING_ALLOWED[assessment.instrument]:
        # round half up in whole numbers: (2·count·sum + n) // (2·n)
        points = (2 * count * sum(answers) + len(answers)) // (2 * len(answers))
    else:
        return None
    return Score(
        assessment.assessment_id,
        assessment.instrument,
        points,
        assessment.completed_on,
        assessment.collection_reason,
    )


def scores_of(assessments: Sequence[Assessment]) -> list[Score]:
    """Return the usable totals, by day and key."""
    usable = (score(a) for a in assessments)
    return sorted(
        (s for s in usable if s is not None),
        key=lambda s: (s.completed_on, s.assessment_id),
    )


def episode_of(day: date, index_days: Sequence[date]) -> int | None:
    """Return the position of the episode that a day belongs to (S4).

    Args:
        day: The day of the score.
        index_days: Day 0 of each episode, in order.
    """
    near = [
        n
        for n, index_on in enumerate(index_days)
        if index_on <= day + timedelta(days=DAYS_BEFORE)
    ]
    return near[-1] if near else None


def split_by_episode(
    scores: Sequence[Score], index_days: Sequence[date]
) -> dict[int, list[Score]]:
    """Return each episode's scores, by the episode's position."""
    split: dict[int, list[Score]] = {n: [] for n in range(len(index_days))}
    for one in scores:
        position = episode_of(one.completed_on, index_days)
        if position is not None:
            split[position].append(one)
    return split
