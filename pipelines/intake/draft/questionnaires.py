"""Find questionnaires that lie in columns: PHQ9_q1, phq9_total_6m, GAD-7 score.

Columns of one questionnaire at one occasion belong together; each such group
becomes one part of the assessments feed.
"""

import csv
import re
from dataclasses import dataclass, field
from functools import cache

from pipelines.intake.contract import INSTRUMENTS_SEED
from pipelines.intake.draft.shapes import Shape
from pipelines.intake.draft.vocabulary import code_of, plain, words

TOTAL_WORDS = words("total score sum summe punkte gesamt raw points")
DATE_WORDS = words("date datum day dt on at completed am")
OWN_OCCASIONS = frozenset(("", "visit", "session", "current", "today"))
"""Occasions that are the row's own day."""

ITEM = re.compile(r"(?:q|i|item|question|frage)?_?(\d{1,2})")


@dataclass
class Group:
    """The columns of one questionnaire at one occasion."""

    instrument: str
    occasion: str
    """Plain words that set it apart from the other occasions; may be empty."""

    total: Shape | None = None
    items: dict[int, Shape] = field(default_factory=dict)
    date: Shape | None = None

    @property
    def shapes(self) -> list[Shape]:
        """Every column of the group."""
        parts = [self.total, self.date, *self.items.values()]
        return [part for part in parts if part is not None]


@cache
def item_counts() -> dict[str, int]:
    """Return how many items each instrument has."""
    with INSTRUMENTS_SEED.open(newline="", encoding="utf-8") as file:
        return {
            row["instrument"]: int(row["item_count"] or 0)
            for row in csv.DictReader(file)
        }


def find_groups(shapes: list[Shape], file_name: str = "") -> list[Group]:
    """Return the questionnaires that lie in a file's columns, in order of position.

    Args:
        shapes: The file's columns.
        file_name: Its name: in `phq9.csv`, a column `q1` is an item of the PHQ-9.

    Returns:
        Groups with a total or an item. A group whose `date` is none was completed
        on the row's own day if its occasion is one of `OWN_OCCASIONS`; else no
        column says when.
    """
    names = {plain(shape.name) for shape in shapes}
    of_file = _instrument_in(plain(file_name), names)
    groups: dict[tuple[str, str], Group] = {}
    for shape in shapes:
        told = _read(plain(shape.name), names, of_file)
        if told is None:
            continue
        instrument, occasion, part = told
        if part != "date" and shape.given and not shape.is_number:
            continue
        group = groups.setdefault((instrument, occasion), Group(instrument, occasion))
        if part == "date":
            group.date = shape if shape.date_forms else group.date
        elif part == "total":
            group.total = group.total or shape
        else:
            group.items.setdefault(int(part), shape)
    found = [group for group in groups.values() if group.total or group.items]
    for group in found:
        if group.date is None and group.occasion not in OWN_OCCASIONS:
            group.date = _dated_by_occasion(group.occasion, shapes)
    return found


def _read(
    name: str, names: set[str], of_file: tuple[str, str] | None
) -> tuple[str, str, str] | None:
    """Return instrument, occasion and part (`total`, `date` or an item's number)."""
    told = _instrument_in(name, names)
    if told is None and of_file is not None:
        told = (of_file[0], name) if _is_bare_part(name) else None
    if told is None:
        return None
    instrument, rest = told
    said = [word for word in rest.split("_") if word]
    if any(word in DATE_WORDS for word in said):
        return instrument, _without(said, DATE_WORDS), "date"
    if any(word in TOTAL_WORDS for word in said):
        return instrument, _without(said, TOTAL_WORDS), "total"
    for index in range(len(said)):
        for length in (2, 1):
            part = "_".join(said[index : index + length])
            match = ITEM.fullmatch(part)
            if match and 1 <= int(match.group(1)) <= item_counts()[instrument]:
                left = said[:index] + said[index + length :]
                return instrument, "_".join(left), match.group(1).lstrip("0")
    return instrument, "_".join(said), "total"


def _instrument_in(name: str, names: set[str]) -> tuple[str, str] | None:
    """Return the instrument that a plain name begins or ends with, and the rest."""
    for word, instrument in sorted(
        code_of("instrument").items(), key=lambda entry: -len(entry[0])
    ):
        # PHQ_9 beside PHQ_1 is the ninth item, not the questionnaire.
        short = re.sub(r"_\d+$", "", word)
        if short != word and f"{short}_1" in names:
            continue
        match = re.search(rf"(?:^|_){word}(?=$|_|q\d|i\d|item)", name)
        if match:
            rest = name[: match.start()] + "_" + name[match.end() :]
            return instrument, re.sub(r"_+", "_", rest).strip("_")
    return None


def _is_bare_part(name: str) -> bool:
    return bool(ITEM.fullmatch(name)) or set(name.split("_")) <= TOTAL_WORDS


def _without(said: list[str], dropped: frozenset[str]) -> str:
    return "_".join(word for word in said if word not in dropped)


def _dated_by_occasion(occasion: str, shapes: list[Shape]) -> Shape | None:
    """Return the one date column that is named after an occasion: `date_6m`."""
    wanted = set(occasion.split("_"))
    dated = [
        shape
        for shape in shapes
        if shape.date_forms and set(plain(shape.name).split("_")) - DATE_WORDS == wanted
    ]
    return dated[0] if len(dated) == 1 else None
