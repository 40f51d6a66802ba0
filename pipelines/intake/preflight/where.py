"""Of which folder and which source `outcomes check` speaks."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import DeliveryRefusedError, UsageError
from pipelines.intake.deliveries import ENDINGS, ending_of, name_of_folder
from pipelines.intake.draft.dialect import Dialect, Sniffed, agree, sniff
from pipelines.intake.preflight.columns import bare
from pipelines.intake.preflight.findings import Problem
from pipelines.intake.sources import Source, load_source
from pipelines.intake.trial import stand_in
from pipelines.settings import Home

NO_SOURCE = "trial"
"""Stands in for the name of a source where none is known."""


def refuse_no_delivery(folder: Path) -> None:
    """Name a folder of folders, such as `/` or `landing/`, for what it is.

    Raises:
        UsageError: There is no such folder, or it holds folders and no file to read.
    """
    if not folder.is_dir():
        raise UsageError("There is no such delivery folder. Give the folder's path.")
    try:
        entries = [path for path in folder.iterdir() if not path.name.startswith(".")]
        has_data = any(ending_of(path.name) for path in entries)
        folders = sum(path.is_dir() for path in entries)
    except OSError:
        return  # told when the delivery is read
    if folders and not has_data:
        raise UsageError(
            f"This is no delivery: it holds {folders} folder(s) and no "
            f"{', '.join(ENDINGS)} file.\nGive the folder of one delivery, such as "
            "landing/<source>/<delivery>, with its files directly in it."
        )


def source_of(home: Home, folder: Path, name: str) -> tuple[Source, list[Problem]]:
    """Return the source, or one that stands in for it, and what is wrong with that."""
    described = home.sources / (name or folder.parent.name)
    if described.is_dir():
        return load_source(described), []
    if name:
        known = sorted(path.name for path in home.sources.glob("*/"))
        raise UsageError(
            f"There is no source {name}. Known: {', '.join(known) or 'none'}.\n"
            "Without --source, the delivery is checked against the contract's own "
            "names; outcomes source new drafts a source."
        )
    try:
        written = [p for p in sorted(folder.iterdir()) if ".csv" in p.name.lower()]
        return stand_in(NO_SOURCE, agree(_sniffed(written))), []
    except UsageError as error:
        return stand_in(NO_SOURCE, Dialect(",", "utf-8")), [Problem(str(error))]
    except OSError:  # what cannot be opened is told when the delivery is read
        return stand_in(NO_SOURCE, Dialect(",", "utf-8")), []


@contextmanager
def in_its_own_words(source: Source, folder: Path) -> Iterator[None]:
    """Do not call a delivery by the name of a source that only stands in."""
    try:
        yield
    except DeliveryRefusedError as error:
        if source.name == NO_SOURCE:
            told = bare(error, f"{source.name}/{name_of_folder(folder)}")
            error.args = (told[:1].upper() + told[1:],)
        raise


def _sniffed(paths: list[Path]) -> list[Sniffed]:
    """Return what files look like; one that is damaged is named when it is read."""
    found = []
    for path in paths:
        with suppress(UsageError):
            found.append(sniff(path))
    return found
