"""Choose the key of a feed's rows: a column of the file, or one made of several."""

import re

import duckdb

from pipelines.intake.contract import MAXIMUM_ID_LENGTH, Feed
from pipelines.intake.draft.expressions import Written
from pipelines.intake.draft.files import FileFound
from pipelines.intake.draft.questionnaires import OWN_OCCASIONS, Group
from pipelines.intake.draft.shapes import Shape, identifier
from pipelines.intake.draft.vocabulary import plain
from pipelines.sql import quoted

MADE_KEYS = {
    "episodes": ("patient_id", "started_on"),
    "sessions": ("patient_id", "held_on"),
    "assessments": ("patient_id", "instrument", "completed_on"),
    "medications": ("patient_id", "ingredient", "started_on"),
    "diagnoses": ("patient_id", "code", "recorded_on"),
}
"""What a key is made of where the files have none."""

NAMED_LIKE_A_KEY = re.compile(r"(id|key|number|nummer|(^|_)(no|nr))$")
"""Ends of a plain name that may be a key's."""


def made(feed: Feed, names: set[str], occasion: str = "") -> Written:
    """Return the SQL of a key for rows that have none of their own.

    Args:
        feed: The feed of the contract.
        names: Columns that it has.
        occasion: Sets questionnaires in one row apart; may be empty.
    """
    parts = [quoted(occasion)] if occasion else []
    parts += [name for name in MADE_KEYS[feed.name] if name in names]
    return Written(
        (
            "-- the files have no key of their own; these make one",
            f"md5(concat_ws(':', {', '.join(parts)})) as {feed.key}",
        )
    )


def own_key(
    con: duckdb.DuckDBPyConnection, found: FileFound, group: Group
) -> Shape | None:
    """Return the column that tells apart the rows of a questionnaire, if one does.

    The questionnaire's own id, or else that of the visit at which it was completed.
    A score that is sent again with another day is then the same score.
    """
    if group.occasion not in OWN_OCCASIONS:
        return None
    names = ["assessment_id"] if group.date else ["assessment_id", "session_id"]
    named = [found.ids[name] for name in names if name in found.ids]
    return next((shape for shape in named if _longest(con, found, shape)), None)


def of_questionnaire(
    con: duckdb.DuckDBPyConnection, found: FileFound, group: Group, shape: Shape
) -> Written:
    """Return the SQL of a questionnaire's key: the row's, and which of its scores."""
    ending = ":" + ":".join(filter(None, (group.instrument, group.occasion)))
    key = f"nullif(trim({identifier(shape.name)}), '') || {quoted(ending)}"
    if _longest(con, found, shape) + len(ending) > MAXIMUM_ID_LENGTH:
        key = f"md5({key})"
    return Written((f"{key} as assessment_id",))


def possible_keys(con: duckdb.DuckDBPyConnection, found: FileFound) -> list[Shape]:
    """Return the columns that nothing else uses and that could be the rows' key."""
    used = {
        match.shape.position for m in found.matches.values() for match in m.values()
    }
    used |= {shape.position for group in found.groups for shape in group.shapes}
    used |= {shape.position for shape in found.ids.values()}
    return [
        shape
        for shape in found.shapes
        if shape.position not in used
        and NAMED_LIKE_A_KEY.search(plain(shape.name))
        and _longest(con, found, shape)
    ]


def _longest(con: duckdb.DuckDBPyConnection, found: FileFound, shape: Shape) -> int:
    """Characters of the longest value; 0 if a row has none, or that of another row.

    A row that was sent twice is one row.
    """
    if shape.position in found.key_lengths:
        return found.key_lengths[shape.position]
    value = f"nullif(trim({shape.text}), '')"
    is_key, longest = con.execute(
        f"select count({value}) = count(*) "
        f"and count(distinct {value}) = count(distinct hash(*columns(*))), "
        f"max(length({value})) from {found.rows}"
    ).fetchone()
    found.key_lengths[shape.position] = longest or 0 if is_key else 0
    return found.key_lengths[shape.position]
