"""`outcomes source new`: from a stranger's files to a source that runs.

What is drafted is written into the home, which few may read: a code map there can
hold words of the source's own. Nothing of them is shown or logged.
"""

import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from pipelines import private
from pipelines.errors import UsageError
from pipelines.intake import adapters, identifiers
from pipelines.intake.draft.adapters import FeedDraft, draft_feeds
from pipelines.intake.draft.dialect import Dialect, agree, sniff
from pipelines.intake.draft.files import FileFound, look_at
from pipelines.intake.draft.vocabulary import is_all_ours
from pipelines.intake.feeds import FEEDS
from pipelines.intake.sources import DRAFTING, load_source
from pipelines.intake.trial import readable, stand_in, temporary
from pipelines.settings import Home, Settings

SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
READ = (".csv", ".csv.gz", ".parquet")
DIALECT_FREE = ".parquet"

SOURCE_YML = """\
# Drafted by `outcomes source new`: what `decide:` marks is for a person to say.
source: {name}
owner: to be decided # decide: who answers for these data
contact: to be decided # decide: whom to ask when a delivery is refused
namespace: {name} # decide: the other source's, if both use the same pseudonyms
kind: {kind} # decide: {question}
date_mode: calendar
expected_every_days: 31 # decide: after how many days the next one is due
csv: {{ delimiter: "{delimiter}", encoding: {encoding}, decimal: "{decimal}" }}
"""

KIND_QUESTION = (
    "does each delivery hold everything (full: what is not sent again no longer counts) "
    "or only what is new (increment)?"
)
ONLY_INCREMENT = (
    "\n# A full source must send patients and assessments, and this does not."
)


@dataclass(frozen=True)
class FeedDrafted:
    """One drafted feed, in counts and in names of the contract."""

    name: str
    files: tuple[int, ...]
    """Positions of its files, in order of name."""

    columns: tuple[str, ...]
    missing: tuple[str, ...]
    """Required columns that no file seems to hold."""

    decisions: int


@dataclass(frozen=True)
class LeftOut:
    """The columns of one file that the draft does not use."""

    file_position: int
    columns: tuple[str, ...]
    """Each by its name where all its words are ours, else by its position."""


@dataclass(frozen=True)
class SourceDraft:
    """What was drafted, and what was not."""

    name: str
    folder: Path
    dialect: Dialect
    files: tuple[str, ...]
    feeds: tuple[FeedDrafted, ...]
    left_out: tuple[LeftOut, ...]

    has_csv: bool = True

    @property
    def feeds_not_found(self) -> tuple[str, ...]:
        """Feeds of the contract that no file seems to hold."""
        found = {feed.name for feed in self.feeds}
        return tuple(name for name in FEEDS if name not in found)


@private.files()
def draft_source(
    home: Home, settings: Settings, name: str, folder: Path
) -> SourceDraft:
    """Draft source.yml and one SQL file per feed, into the home's sources.

    Args:
        home: Where the source is made.
        settings: Resources.
        name: Name of the source; there must be none of that name.
        folder: A delivery, as it came.

    Raises:
        UsageError: The name is taken or unfit, or the folder holds no feed.
        DeliveryRefusedError: A file cannot be read, or looks identified.
    """
    target = _free_place(home, name)
    paths = _files(folder)
    dialect = agree(
        sniff(path) for path in paths if path.suffix.lower() != DIALECT_FREE
    )
    with (
        readable(folder.resolve(), stand_in(name, dialect), home.scratch) as found,
        temporary(home.scratch) as scratch,
        adapters.delivery_connection(
            found.delivery, scratch, settings.memory_limit
        ) as con,
    ):
        adapters.count_records(con, found.delivery)  # each file is read to its end
        identifiers.refuse_identified(con, found.delivery)
        files = [
            look_at(con, path, position)
            for position, path in enumerate(found.delivery.files, start=1)
        ]
        dialect = replace(dialect, decimal=_decimal(files))
        drafts = draft_feeds(con, files, dialect.decimal)
    if not drafts:
        raise UsageError(
            f"No file of {folder} seems to hold a feed: a patient's pseudonym and a "
            "day or a score were not found under any name we know.\nWrite the source "
            "by hand: docs/writing_an_adapter.md has a whole source.yml and patterns to "
            "copy, and docs/data_dictionary.md lists the columns."
        )
    _write(target, name, dialect, drafts, files)
    return _report(name, target, dialect, files, drafts)


def shown(name: str, position: int) -> str:
    """Return a name if every word of it is ours, else where it stands."""
    return name if is_all_ours(name) else f"number {position}"


def _free_place(home: Home, name: str) -> Path:
    if not SOURCE_NAME.fullmatch(name):
        raise UsageError(
            "A source's name is lower snake case, such as north_clinic: letters, "
            "digits and _, at most 40, a letter first."
        )
    target = home.sources / name
    if target.exists():
        raise UsageError(
            f"There is a source {name} already: {target}\nNothing was changed. Take "
            "another name, or move that folder away first."
        )
    return target


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(
            "There is no such delivery folder. Give --from the folder with the files."
        )
    present = [
        path for path in sorted(folder.iterdir()) if not path.name.startswith(".")
    ]
    paths = [
        path for path in present if path.name.lower().endswith(READ) and path.is_file()
    ]
    if not paths:
        raise UsageError(
            f"{folder} holds {len(present)} entries and no .csv, .csv.gz or .parquet "
            "file.\nSave a spreadsheet as CSV first (one file per sheet), and give "
            "the files small endings."
        )
    return paths


def _decimal(files: list[FileFound]) -> str:
    """A comma where more numbers have one than a point."""
    shapes = [shape for found in files for shape in found.shapes]
    numbers = [shape for shape in shapes if shape.is_number]
    commas, points = (
        sum(shape.counts[mark] for shape in numbers) for mark in ("comma", "point")
    )
    return "," if commas > points else "."


def _write(
    target: Path,
    name: str,
    dialect: Dialect,
    drafts: dict[str, FeedDraft],
    files: list[FileFound],
) -> None:
    """Write the whole folder beside its place, then move it there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=DRAFTING, dir=target.parent))
    try:
        delimiter = dialect.delimiter.replace("\t", "\\t")
        is_whole = all(
            name in drafts for name, feed in FEEDS.items() if feed.is_required
        )
        described = SOURCE_YML.format(
            name=name,
            delimiter=delimiter,
            encoding=dialect.encoding,
            decimal=dialect.decimal,
            kind="full" if is_whole else "increment",
            question=KIND_QUESTION + ("" if is_whole else ONLY_INCREMENT),
        )
        texts = {"source.yml": described + _comments(files, drafts)}
        texts |= {f"{feed}.sql": draft.sql for feed, draft in drafts.items()}
        for file_name, text in texts.items():
            path = temporary / file_name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        os.rename(temporary, target)  # noqa: PTH104 - one step, or nothing
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    load_source(target)


def _comments(files: list[FileFound], drafts: dict[str, FeedDraft]) -> str:
    """List the columns that the draft leaves out, for the person at this disk."""
    lines = [
        f"# not used: file {found.position}, column {shape.position} "
        f"({''.join(c if c.isprintable() else ' ' for c in shape.name)})"
        for found in files
        for shape in _not_used(found, drafts)
    ]
    return "".join(f"{line}\n" for line in lines)


def _not_used(found: FileFound, drafts: dict[str, FeedDraft]) -> list:
    used = {place for draft in drafts.values() for place in draft.used}
    return [
        shape for shape in found.shapes if (found.position, shape.position) not in used
    ]


def _report(
    name: str,
    folder: Path,
    dialect: Dialect,
    files: list[FileFound],
    drafts: dict[str, FeedDraft],
) -> SourceDraft:
    feeds = tuple(
        FeedDrafted(
            feed,
            tuple(sorted({position for position, _ in draft.used})),
            tuple(c.name for c in draft.feed.columns if c.name in draft.columns),
            _missing(draft),
            draft.decisions,
        )
        for feed, draft in drafts.items()
    )
    left_out = tuple(
        LeftOut(
            found.position,
            tuple(shown(shape.name, shape.position) for shape in not_used),
        )
        for found in files
        if (not_used := _not_used(found, drafts))
    )
    names = tuple(shown(found.path.name, found.position) for found in files)
    has_csv = any(found.path.suffix.lower() != DIALECT_FREE for found in files)
    return SourceDraft(name, folder, dialect, names, feeds, left_out, has_csv)


def _missing(draft: FeedDraft) -> tuple[str, ...]:
    return tuple(
        column.name
        for column in draft.feed.columns
        if column.is_required
        and f"as {column.name}" not in draft.sql
        and column.name not in draft.columns
    )
