"""Look at the files of a stranger's delivery and say which feeds they hold."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.intake.draft.matching import Match, feed_of_file, match_feed
from pipelines.intake.draft.questionnaires import Group, find_groups
from pipelines.intake.draft.shapes import Shape, measure
from pipelines.intake.feeds import FEEDS
from pipelines.sql import quoted

EVENTS = ("episodes", "sessions", "medications", "diagnoses")
"""Feeds whose rows are events; a file named after one holds no other."""

ANCHORS = {
    "patients": (("patient_id",), ("birth_year", "sex", "ethnicity", "payer")),
    "clinicians": (("clinician_id",), ("credential",)),
    "sites": (("site_id",), ("site_name",)),
    "episodes": (("patient_id",), ("started_on", "referred_on")),
    "sessions": (("patient_id", "held_on"), ("attendance",)),
    "assessments": (
        ("patient_id", "instrument", "completed_on"),
        ("total_points", "item_1"),
    ),
    "medications": (("patient_id",), ("ingredient",)),
    "diagnoses": (("patient_id",), ("code",)),
}
"""What a file must hold to hold a feed: all of the first, and one of the second. A
file that is named after the feed needs the first only."""

SCORE_IDS = ("assessment_id", "episode_id", "session_id")
"""Ids of the contract that a row with a questionnaire may hold."""


@dataclass
class FileFound:
    """One file and the feeds it holds."""

    path: Path
    position: int
    """In order of name; 1 is the first."""

    shapes: list[Shape]
    named_after: str
    matches: dict[str, dict[str, Match]] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    patient: Shape | None = None
    """Column with the patient's pseudonym, where there is one."""

    ids: dict[str, Shape] = field(default_factory=dict)
    """Columns with the ids that a questionnaire in the row has, by contract column."""

    key_lengths: dict[int, int] = field(default_factory=dict)
    """Characters of the longest value of a column, by position; 0 of one that does not
    tell the rows apart. Filled where it is asked for."""

    @property
    def rows(self) -> str:
        """The file as SQL, in the way an adapter reads it."""
        name = quoted(self.path.name)
        if self.path.suffix.lower() == ".parquet":
            # as text, which is what the drafted expressions read
            return f"(select columns(*)::varchar from delivery_parquet({name}))"
        return f"delivery_csv({name})"


def look_at(con: duckdb.DuckDBPyConnection, path: Path, position: int) -> FileFound:
    """Return what one file of the delivery holds.

    Args:
        con: The delivery's confined connection.
        path: The file.
        position: Its position, in order of name.
    """
    found = FileFound(path, position, [], feed_of_file(path.name))
    columns = [row[0] for row in con.execute(f"describe from {found.rows}").fetchall()]
    found.shapes = measure(con, found.rows, columns)
    found.groups = find_groups(found.shapes, path.name)
    in_groups = {shape.position for group in found.groups for shape in group.shapes}
    free = [shape for shape in found.shapes if shape.position not in in_groups]
    for feed in FEEDS.values():
        is_named_after = found.named_after == feed.name
        matched = match_feed(con, found.rows, feed, free, is_named_after)
        if "patient_id" in matched and found.patient is None:
            found.patient = matched["patient_id"].shape
        if feed.name in ("sessions", "assessments"):
            named = {n: matched[n].shape for n in SCORE_IDS if n in matched}
            found.ids = named | found.ids
        if _holds(found, feed.name, matched):
            found.matches[feed.name] = matched
    if found.patient is None:
        found.groups = []
    _keep_one_event(found)
    return found


def row_day(found: FileFound) -> Shape | None:
    """Return the column with the day of the row: of the visit, or the only one."""
    for feed, column in (("sessions", "held_on"), ("assessments", "completed_on")):
        match = found.matches.get(feed, {}).get(column)
        if match:
            return match.shape
    in_groups = {shape.position for group in found.groups for shape in group.shapes}
    dated = [
        shape
        for shape in found.shapes
        if shape.date_forms and shape.position not in in_groups
    ]
    return dated[0] if len(dated) == 1 else None


def _holds(found: FileFound, feed: str, matched: dict[str, Match]) -> bool:
    every, some = ANCHORS[feed]
    is_named = found.named_after == feed
    if not all(column in matched for column in every):
        return False
    if feed in ("medications", "diagnoses", "episodes") or not is_named:
        return any(column in matched for column in some)
    return True


def _keep_one_event(found: FileFound) -> None:
    """A file that is named after an event holds no other; a visit may name its course."""
    for feed in EVENTS:
        is_own = feed == found.named_after or found.named_after not in EVENTS
        if feed == "episodes" and found.named_after != feed:
            is_own = found.named_after != "medications" and (
                "episode_id" in found.matches.get(feed, {})
            )
        if not is_own:
            found.matches.pop(feed, None)
