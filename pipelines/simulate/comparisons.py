"""What is compared: two strategies, and among whom."""

from dataclasses import dataclass
from itertools import combinations

from pipelines.simulate.indication import (
    FORMATS,
    LONG_TERM,
    MODALITIES,
    SHORT_TERM,
)
from pipelines.simulate.strategies import Strategy

LENGTH = "long_vs_short_term"
DECISION = "long_vs_short_term_from_week_26"
ADD_MEDICATION = "therapy_plus_medication_vs_therapy"
ADD_THERAPY = "therapy_plus_medication_vs_medication"
USUAL_CARE = "therapy_vs_usual_care"


@dataclass(frozen=True)
class Comparison:
    """Two strategies, and among whom they are compared."""

    comparison_id: str
    exposed: Strategy
    comparator: Strategy
    among: str
    """`starters`, `new_users`, `medicated` or `assessed`."""


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


def _pairs(kind: str, codes: tuple[str, ...]) -> list[Comparison]:
    """Compare each modality or format with each that stands before it."""
    return [
        Comparison(
            f"{kind}_{codes[second]}_vs_{codes[first]}",
            Strategy(**{kind: second}),
            Strategy(**{kind: first}),
            "starters",
        )
        for first, second in combinations(range(len(codes)), 2)
    ]
