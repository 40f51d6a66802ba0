"""Faults of a whole delivery: each alone, in a small source of its own.

Every kind gets a folder with `source/` and `delivery/`, so that a person can add it to
a home and see what the product says. The first delivery is sound where there are two.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import polars as pl

from pipelines.simulate.deliveries import (
    Frames,
    Sending,
    write_deliveries,
    write_source,
)
from pipelines.simulate.files import write_manifest

MONTH = timedelta(days=31)

MANIFEST = "delivery.json"


@dataclass(frozen=True)
class Sound:
    """What a delivery would hold without its fault."""

    frames: Frames
    fixed: Frames
    sending: Sending


@dataclass(frozen=True)
class Broken:
    """One kind of fault that concerns a delivery as a whole."""

    kind: str
    feed: str
    what: str
    spoil: Callable[[Path, Sound], None]
    """Spoils the newest delivery of the folder it is given."""

    expected: str
    """What names it: words of the refusal, with the kind of identifier after `|` where
    the tripwire lists one, or a check as `<table>.<check_id>`. Empty if nothing does
    today; then nothing that is said counts as naming it."""

    is_second: bool = False
    """A sound delivery comes first."""

    is_loaded: bool = False
    """Nothing at the door can see it: the whole run is needed to look for it."""


def write_sound(folder: Path, sound: Sound, about: str) -> Path:
    """Write the source and one sound delivery as CSV; returns the delivery's folder."""
    write_source(folder, sound.sending, about)
    write_deliveries(folder, sound.sending, [sound.frames], sound.fixed)
    return folder / "delivery" / sound.sending.extracted_on.isoformat()


def write_broken(folder: Path, broken: Broken, sound: Sound, about: str) -> None:
    """Write one kind's folder, fault included."""
    target = write_sound(folder, sound, f"{about}; fault: {broken.kind}")
    if broken.is_second:
        target = _again(target, sound, sound.sending.extracted_on + MONTH)
    broken.spoil(target, sound)


def _again(first: Path, sound: Sound, day) -> Path:
    """Copy a delivery as the next one."""
    target = first.parent / day.isoformat()
    shutil.copytree(first, target)
    manifest = json.loads((first / MANIFEST).read_text(encoding="utf-8"))
    # Another extracted_at: a new delivery, not a copy of the first.
    write_manifest(target, sound.sending.data_to, day, manifest["files"])
    return target


def _seal(folder: Path) -> None:
    """Make delivery.json agree with the files, so that only the fault is wrong."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = {
        file.name: {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in sorted(folder.glob("*.csv"))
    }
    path.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")


def on_text(feed: str, edit: Callable[[str], str], encoding: str = "utf-8") -> Callable:
    """Return a spoiler that edits a file's text."""

    def spoil(folder: Path, sound: Sound) -> None:
        path = folder / f"{feed}.csv"
        before = path.read_bytes()
        path.write_bytes(edit(before.decode("utf-8")).encode(encoding))
        _refuse_unchanged(before, path)
        _seal(folder)

    return spoil


def on_rows(feed: str, edit: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable:
    """Return a spoiler that edits a file's rows, all of them text."""

    def spoil(folder: Path, sound: Sound) -> None:
        path = folder / f"{feed}.csv"
        before = path.read_bytes()
        edit(pl.read_csv(path, infer_schema=False)).write_csv(path)
        _refuse_unchanged(before, path)
        _seal(folder)

    return spoil


def _refuse_unchanged(before: bytes, path: Path) -> None:
    """A fault that was not planted would count as one that nothing names."""
    if path.read_bytes() == before:
        raise RuntimeError(f"The fault left {path.name} as it was.")


def on_files(edit: Callable[[Path], None], is_sealed: bool = True) -> Callable:
    """Return a spoiler that works on the folder itself."""

    def spoil(folder: Path, sound: Sound) -> None:
        edit(folder)
        if is_sealed and (folder / MANIFEST).exists():
            _seal(folder)

    return spoil


def every(nth: int, value: pl.Expr | str, column: str) -> pl.Expr:
    """Return the column with every nth value replaced."""
    made = pl.lit(value) if isinstance(value, str) else value
    return (
        pl.when(pl.int_range(pl.len()) % nth == 0)
        .then(made)
        .otherwise(pl.col(column))
        .alias(column)
    )


def as_one(column: str, value: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return an edit that gives every row of a column the same value."""
    return lambda frame: frame.with_columns(pl.lit(value).alias(column))


def some(column: str, value: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return an edit that gives every fiftieth row of a column the value."""
    return lambda frame: frame.with_columns(every(50, value, column))


def cut_at_line(text: str) -> str:
    """Return the first three fifths of a file, to the end of a line."""
    return text[: text.index("\n", int(len(text) * 0.6)) + 1]


def small(sound: Sound) -> Sound:
    """Return the sound delivery as CSV, whatever the main one's form is."""
    return replace(
        sound, sending=replace(sound.sending, file_format="csv", schedule="full")
    )
