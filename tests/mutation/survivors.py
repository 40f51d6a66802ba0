"""The reasons that a person gives for survivors: survivors.csv."""

import csv
from collections.abc import Iterable
from pathlib import Path

from mutation.changes import EXPLAINED
from mutation.mutants import Mutant

FILE = Path(__file__).parent / "survivors.csv"

Reasons = dict[tuple[str, str, str], str]


def read(file: Path = FILE) -> Reasons:
    """Return why each named survivor survives.

    Raises:
        ValueError: A row has no reason, or two rows are about one survivor.
    """
    reasons: Reasons = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            key = (row["place"], row["line"], row["change"])
            if key in reasons or not row["why"].strip():
                raise ValueError(f"{file.name}: {key} has no reason, or two")
            reasons[key] = row["why"]
    return reasons


def complaints(
    mutants: Iterable[Mutant], reasons: Reasons, places: set[str] | None = None
) -> list[str]:
    """Return what is wrong: survivors without a reason, reasons without a survivor.

    Args:
        mutants: All that were tried.
        reasons: As `read` returns them.
        places: The models and seeds that were tried, if not all were.
    """
    surviving = {m.key for m in mutants if not m.killer and m.kind in EXPLAINED}
    about = {key for key in reasons if places is None or key[0] in places}
    return [
        *(f"no reason: {' | '.join(key)}" for key in sorted(surviving - about)),
        *(f"no such survivor: {' | '.join(key)}" for key in sorted(about - surviving)),
    ]
