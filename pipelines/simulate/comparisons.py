"""What is compared, and among whom; and which questions have no truth here."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipelines.simulate.indication import (
    FORMATS,
    LONG_TERM,
    MODALITIES,
    SHORT_TERM,
    Choices,
)
from pipelines.simulate.people import People
from pipelines.simulate.strategies import Strategy

LENGTH = "long_vs_short_term"
DECISION = "long_vs_short_term_from_week_26"
ADD_MEDICATION = "therapy_plus_medication_vs_therapy"
ADD_THERAPY = "therapy_plus_medication_vs_medication"
USUAL_CARE = "therapy_vs_usual_care"

COUPLE = FORMATS.index("couple")
"""Couple therapy needs a partner; no other format does, family therapy neither."""

WITHOUT_TRUTH = (
    (
        "Q5: do people who start medication take it longer when they also have therapy?",
        "Supplies are simulated, but the share of days covered under each strategy is "
        "not worked out.",
    ),
    (
        "Q6: do people with side effects stop medication less often when they have "
        "therapy?",
        "Side effects are simulated, but who stops because of them under each strategy "
        "is not worked out.",
    ),
    (
        "Q13: do people who recovered relapse less when therapy continues?",
        "No strategy begins at the remission and goes on with therapy or ends it.",
    ),
    (
        "Q18: do people who did not improve do better in a second course, with the same "
        "or another clinician?",
        "Second courses come by chance; no strategy sets one, or who holds it.",
    ),
    (
        "Q20: do people who have not improved by the fourth session gain from going on?",
        "No strategy begins at the fourth session.",
    ),
    (
        "Q15, among people with at least four sessions: does long-term therapy help more "
        "than a short course of four sessions or more?",
        "Short-term therapy is simulated for everybody who starts, and the number of "
        "sessions differs between strategies.",
    ),
    (
        "Q15, at 36 months: does long-term therapy help more than short-term therapy?",
        "Potential outcomes end 24 months after day 0.",
    ),
)
"""Questions of the protocols whose truth is not simulated, each with the reason."""


@dataclass(frozen=True)
class Comparison:
    """Two strategies, and among whom they are compared."""

    comparison_id: str
    exposed: Strategy
    comparator: Strategy
    among: str
    """`starters`, `partnered_starters`, `new_users`, `medicated` or `assessed`."""


def comparisons() -> tuple[Comparison, ...]:
    """Return every comparison whose truth is known."""
    made = [
        Comparison(
            LENGTH, Strategy(length="dynamic"), Strategy(length="short"), "starters"
        ),
        Comparison(
            DECISION, Strategy(length="stay"), Strategy(length="stop"), "starters"
        ),
        Comparison(
            "long_vs_short_term_by_contract",
            Strategy(contract=LONG_TERM),
            Strategy(contract=SHORT_TERM),
            "starters",
        ),
        Comparison(
            "long_vs_short_term_fixed_52_weeks",
            Strategy(length="fixed"),
            Strategy(length="short"),
            "starters",
        ),
        Comparison(
            ADD_MEDICATION,
            Strategy(starts_medication=True),
            Strategy(starts_medication=False),
            "new_users",
        ),
        Comparison(
            ADD_THERAPY,
            Strategy(starts_therapy=True),
            Strategy(starts_therapy=False),
            "medicated",
        ),
        Comparison(
            USUAL_CARE,
            Strategy(starts_therapy=True),
            Strategy(starts_therapy=False),
            "assessed",
        ),
    ]
    return (*made, *_pairs("modality", MODALITIES), *_pairs("format", FORMATS))


def among(kind: str, people: People, choices: Choices) -> np.ndarray:
    """Return who belongs to those among whom something is compared.

    Args:
        kind: As in `Comparison.among`.
        people: The people.
        choices: What they choose by themselves, in the same order.

    Returns:
        True or False for each person.
    """
    new = choices.is_started & ~choices.on_medication
    return {
        "starters": choices.is_started,
        "partnered_starters": choices.is_started & people.has_partner,
        "new_users": new & ~people.is_resistant,
        "medicated": choices.is_seen & choices.on_medication,
        "assessed": choices.is_seen,
    }[kind]


def _pairs(kind: str, codes: tuple[str, ...]) -> list[Comparison]:
    """Compare each modality or format with each that stands before it.

    Where one of the two is couple therapy, it is among people who have a partner:
    nobody else could get it.
    """
    return [
        Comparison(
            f"{kind}_{codes[second]}_vs_{codes[first]}",
            Strategy(**{kind: second}),
            Strategy(**{kind: first}),
            "partnered_starters"
            if kind == "format" and COUPLE in (first, second)
            else "starters",
        )
        for first, second in combinations(range(len(codes)), 2)
    ]
