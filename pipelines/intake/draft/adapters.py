"""Draft the SQL of each feed from the files that hold it."""

from dataclasses import dataclass, field

import duckdb

from pipelines.intake.contract import Feed
from pipelines.intake.draft import expressions, implied, keys
from pipelines.intake.draft.expressions import Written
from pipelines.intake.draft.files import FileFound, row_day
from pipelines.intake.draft.matching import Match
from pipelines.intake.draft.questionnaires import OWN_OCCASIONS, Group
from pipelines.intake.draft.shapes import Shape
from pipelines.intake.feeds import FEEDS

HEADER = (
    "-- Drafted by `outcomes source new`: a start, to be read line by line.",
    "-- `-- decide:` marks what a person must choose. Try it: outcomes check",
)
ONLY_IN_OWN_FILE = {"clinicians": ("site_id",), "patients": ("region", "payer")}
"""Columns that change from visit to visit, so that rows of one key would differ; they
are taken from a file of that feed only."""

ROW_IDS = ("episode_id", "session_id")
"""What a questionnaire that lies in columns may belong to, named in its row."""


@dataclass
class FeedDraft:
    """The SQL of one feed."""

    feed: Feed
    parts: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    """Contract columns that it fills."""

    used: list[tuple[int, int]] = field(default_factory=list)
    """Positions of file and column that it reads."""

    decisions: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """One SELECT with its comments."""
        body = "\n\nunion all by name\n\n".join(self.parts)
        return "\n".join((*HEADER, *self.notes, body)) + "\n"


def draft_feeds(
    con: duckdb.DuckDBPyConnection, files: list[FileFound], decimal: str
) -> dict[str, FeedDraft]:
    """Return a draft for each feed that the files hold.

    Args:
        con: The delivery's confined connection.
        files: What each file holds.
        decimal: Mark of decimals in this source.
    """
    drafts = {}
    for feed in FEEDS.values():
        draft = FeedDraft(feed)
        for found in _files_of(feed, files):
            _add_file(con, draft, found, decimal)
        if feed.name == "assessments":
            for found in files:
                for group in found.groups:
                    _add_group(con, draft, found, group, decimal)
        if feed.name == "patients" and not draft.parts:
            _add_known_ids(draft, files)
        if draft.parts:
            _note_keys_given_twice(con, draft)
            drafts[feed.name] = draft
    return drafts


def _files_of(feed: Feed, files: list[FileFound]) -> list[FileFound]:
    """Every file with events; of people and places, the one that says most."""
    holding = [found for found in files if feed.name in found.matches]
    if feed.name in ("patients", "clinicians", "sites") and holding:
        return [
            max(
                holding,
                key=lambda found: (
                    found.named_after == feed.name,
                    len(found.matches[feed.name]),
                    -found.position,
                ),
            )
        ]
    return holding


def _add_file(
    con: duckdb.DuckDBPyConnection, draft: FeedDraft, found: FileFound, decimal: str
) -> None:
    feed = draft.feed
    is_own = found.named_after == feed.name
    is_list = feed.name in ONLY_IN_OWN_FILE or feed.name == "sites"
    dropped = () if is_own else ONLY_IN_OWN_FILE.get(feed.name, ())
    matches = [
        match
        for column in feed.columns
        if (match := found.matches[feed.name].get(column.name))
        and column.name not in dropped
    ]
    written = [
        expressions.expression(con, found.rows, match, decimal) for match in matches
    ]
    names = {match.column.name for match in matches}
    written += implied.constants(feed, names, found)
    if feed.name == "medications" and "daily_dose_mg" not in names:
        written[-1] = implied.with_dose(written[-1], found)
    if feed.key not in names and feed.name in keys.MADE_KEYS:
        written.append(keys.made(feed, names))
        _note_possible_keys(con, draft, found)
    _remember(draft, found, [match.shape for match in matches], written)
    draft.columns += [match.column.name for match in matches]
    is_derived = is_list and not is_own
    draft.parts.append(
        _select(
            written,
            found,
            is_distinct=is_derived,
            where=_given(matches[0]) if is_derived else "",
        )
    )


def _given(match: Match) -> str:
    return f"nullif(trim({match.shape.text}), '') is not null"


def _add_group(
    con: duckdb.DuckDBPyConnection,
    draft: FeedDraft,
    found: FileFound,
    group: Group,
    decimal: str,
) -> None:
    """Add one questionnaire at one occasion: a row per row that has an answer."""
    day = group.date or (row_day(found) if group.occasion in OWN_OCCASIONS else None)
    if day is None or found.patient is None:
        return  # no column says when it was completed; it is listed as left out
    patient = f"{found.patient.text} as patient_id"
    completed_on = expressions.date(day, "completed_on")
    answers = [(group.total, "total_points")] if group.total else []
    answers += [(shape, f"item_{n}") for n, shape in sorted(group.items.items())]
    written = [
        Written((patient,)),
        Written((f"'{group.instrument}' as instrument",)),
        completed_on,
        *(
            Written((f"{expressions.number(shape, decimal)} as {name}",))
            for shape, name in answers
        ),
    ]
    names = {"patient_id", "instrument", "completed_on"}
    own_key = keys.own_key(con, found, group)
    is_of_the_row = group.date is None or own_key is not None
    ids = {n: found.ids[n] for n in ROW_IDS if is_of_the_row and n in found.ids}
    written[1:1] = [
        Written((f"{shape.text} as {name}",)) for name, shape in ids.items()
    ]
    used = [found.patient, day, *group.shapes, *ids.values()]
    if own_key is not None:
        written.append(keys.of_questionnaire(con, found, group, own_key))
        used.append(own_key)
        draft.columns.append("assessment_id")
    else:
        written.append(keys.made(draft.feed, names, group.occasion))
        if group.occasion in OWN_OCCASIONS:
            _note_possible_keys(con, draft, found)
    if any(shape.missing for shape in used):
        written[0] = Written((expressions.MISSING_TOLD, *written[0].lines))
    _remember(draft, found, used, written)
    draft.columns += [*ids]
    draft.columns += [*sorted(names), *(name for _, name in answers)]
    given = ",\n    ".join(shape.text for shape, _ in answers)
    draft.parts.append(
        _select(
            written,
            found,
            is_distinct=group.date is not None,  # it repeats on each row
            where=f"nullif(trim(concat(\n    {given}\n)), '') is not null",
        )
    )


def _add_known_ids(draft: FeedDraft, files: list[FileFound]) -> None:
    """No file describes people: take every pseudonym that occurs."""
    holding = [found for found in files if found.patient is not None]
    if not holding:
        return
    ids = "\n    union\n".join(
        f"    select {found.patient.text} as patient_id\n    from {found.rows}"
        for found in holding
    )
    draft.columns.append("patient_id")
    draft.used += [(found.position, found.patient.position) for found in holding]
    draft.notes.append("-- No file describes the patients: only their ids are known.")
    draft.parts.append(
        f"select patient_id from (\n{ids}\n) as named\n"
        "where nullif(trim(patient_id), '') is not null"
    )


def _note_possible_keys(
    con: duckdb.DuckDBPyConnection, draft: FeedDraft, found: FileFound
) -> None:
    """Ask about each column that is different in every row of a file."""
    for shape in keys.possible_keys(con, found):
        note = (
            f"-- decide: column {shape.position} of file {found.position} is different "
            "in every row\n-- and may be the key. If it is, write it in place of "
            f"md5(...) as {draft.feed.key}."
        )
        if note not in draft.notes:
            draft.notes.append(note)
            draft.decisions += 1


def _remember(
    draft: FeedDraft, found: FileFound, shapes: list[Shape], written: list[Written]
) -> None:
    draft.used += [(found.position, shape.position) for shape in shapes]
    draft.decisions += sum(one.decisions for one in written)


def _select(
    written: list[Written], found: FileFound, *, is_distinct: bool, where: str
) -> str:
    columns = ",\n".join(
        "\n".join(f"    {line}" for line in one.lines) for one in written
    )
    condition = f"\n\nwhere {where}" if where else ""
    return (
        f"select{' distinct' if is_distinct else ''}\n{columns}\n\n"
        f"from {found.rows}{condition}"
    )


def _note_keys_given_twice(con: duckdb.DuckDBPyConnection, draft: FeedDraft) -> None:
    """Say how many keys have rows that differ: such a delivery is refused."""
    repeated = con.execute(
        f"select count(*) from (select {draft.feed.key} from "
        f"(select distinct * from (\n{draft.sql}\n)) "
        f"group by {draft.feed.key} having count(*) > 1)"
    ).fetchone()[0]
    if repeated:
        draft.decisions += 1
        draft.notes.append(
            f"-- decide: {repeated} {draft.feed.key}(s) have rows that differ, and the "
            "delivery\n-- would be refused: make the key finer, or leave a column out."
        )
