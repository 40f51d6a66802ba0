"""The figures of the Beat the Blues trial, as they were delivered."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

DELIVERIES = Path(__file__).parents[2] / "examples" / "beat_the_blues" / "delivery"

FOLLOW_UPS = {"bdi.2m": 2, "bdi.4m": 3, "bdi.6m": 5, "bdi.8m": 8}
"""The columns carry the first edition's labels; the months are the third's."""


@dataclass(frozen=True)
class Trial:
    """One element per patient; scores have shape (patients, 4), NaN where missing."""

    patients: np.ndarray
    is_exposed: np.ndarray
    is_on_medication: np.ndarray
    is_over_6_months: np.ndarray
    baseline: np.ndarray
    scores: np.ndarray


@pytest.fixture(scope="session")
def trial():
    [path] = DELIVERIES.glob("*/BtheB.csv")
    with path.open(newline="", encoding="utf-8") as file:
        people = list(csv.DictReader(file))

    def score(text):
        return float("nan") if text in ("", "NA") else float(text)

    return Trial(
        patients=np.array([person["rownames"] for person in people]),
        is_exposed=np.array([person["treatment"] == "BtheB" for person in people]),
        is_on_medication=np.array([person["drug"] == "Yes" for person in people]),
        is_over_6_months=np.array([person["length"] == ">6m" for person in people]),
        baseline=np.array([float(person["bdi.pre"]) for person in people]),
        scores=np.array(
            [[score(person[column]) for column in FOLLOW_UPS] for person in people]
        ),
    )
