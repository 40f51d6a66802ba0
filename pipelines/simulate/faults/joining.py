"""Join the answer key with what the product says: what is named, and false alarms."""

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from pipelines.simulate.faults.broken import Broken
from pipelines.simulate.faults.planting import Fault
from pipelines.simulate.product import Said

DUPLICATES = "load_feeds.duplicate_count"
"""Not a check but a count: exact duplicates are left out and counted."""

REFUSAL = "refused: "

FOR_ALL = "(one alarm for all)"
"""The check looks at a share, so it tells of the rows together and counts none."""

FOLLOWS = ".episode_exists"
"""Checks that tell of rows whose course of care was refused."""

MISTAKEN = "refused, for another reason: "
"""The delivery stays out, but the person who reads why looks in the wrong place."""


@dataclass(frozen=True)
class Row:
    """One kind of fault in the table."""

    kind: str
    feed: str
    what: str
    planted: int
    named: int
    named_by: tuple[str, ...]
    """Checks or words; empty where nothing names it yet."""


@dataclass(frozen=True)
class Alarm:
    """Something the product says that nobody planted."""

    check: str
    rows: int
    where: str
    """`sound data`, or `data with faults` where nothing planted explains it."""


def of_rows(
    faults: tuple[Fault, ...], key: pl.DataFrame, said: Said, sound: Said
) -> list[Row]:
    """Say for each kind of planted row fault what names it.

    Args:
        faults: The kinds.
        key: The answer key.
        said: What the product says of the delivery with faults.
        sound: What it says of the same delivery without.

    Returns:
        One row per kind that was planted.
    """
    named = key.join(
        said.quarantined.select("feed", "row_position", "check_id").unique(),
        on=["feed", "row_position"],
        how="left",
    )
    planted_by_check = Counter()
    for fault in faults:
        mine = key.filter(pl.col("kind") == fault.kind)
        planted_by_check[fault.expected] += mine["fault_id"].n_unique()
    rows = []
    for fault in faults:
        mine = named.filter(pl.col("kind") == fault.kind)
        if mine.is_empty():
            continue
        planted = mine["fault_id"].n_unique()
        found = mine.filter(pl.col("check_id").is_not_null())
        by = {f"{fault.feed}.{check}" for check in found["check_id"]}
        count = found["fault_id"].n_unique()
        more = _more(fault.expected, said, sound)
        if more:
            by.add(fault.expected if more > 1 else f"{fault.expected} {FOR_ALL}")
            is_enough = more == 1 or more >= planted_by_check[fault.expected]
            count = planted if is_enough else min(planted, count + more)
        rows.append(
            Row(fault.kind, fault.feed, fault.what, planted, count, tuple(sorted(by)))
        )
    return rows


def of_delivery(broken: Broken, said: Said, sound: Said) -> Row:
    """Say what names one fault of a whole delivery."""
    by: list[str] = []
    if broken.expected == "loaded before":
        by = ["known delivery, not loaded again"] * (said.known > 0)
    elif broken.expected:
        told = " ".join(said.refused) + " " + " ".join(said.failed)
        if said.refused and all(word in told for word in broken.expected.split("|")):
            by = [REFUSAL + broken.expected.replace("|", ", ")]
        elif said.refused:
            other = f"{MISTAKEN}{_first_words(said.refused[0])}"
            return Row(broken.kind, broken.feed, broken.what, 1, 0, (other,))
    else:
        by = sorted(
            name
            for name, count in said.failed.items()
            if count > sound.failed.get(name, 0)
        )
        if said.refused and not by:
            by = [REFUSAL + _first_words(said.refused[0])]
    return Row(broken.kind, broken.feed, broken.what, 1, int(bool(by)), tuple(by))


def alarms(
    faults: tuple[Fault, ...], key: pl.DataFrame, said: Said, sound: Said
) -> list[Alarm]:
    """Return what the product says that nothing planted explains.

    A sound row refused because its patient's own row was refused follows from that
    row's fault and is no alarm.
    """
    found = [Alarm(name, count, "sound data") for name, count in sound.failed.items()]
    planted = key.select("feed", "row_position").drop_nulls()
    refused_patients = said.quarantined.filter(pl.col("feed") == "patients")[
        "patient_id"
    ].drop_nulls()
    strange = (
        said.quarantined.join(planted, on=["feed", "row_position"], how="anti")
        .filter(
            (pl.col("feed") == "patients")
            | ~pl.col("patient_id").is_in(refused_patients.implode()).fill_null(False)
        )
        .group_by("feed", "check_id")
        .len()
        .sort("feed", "check_id")
    )
    found += [
        Alarm(f"{row['feed']}.{row['check_id']}", row["len"], "data with faults")
        for row in strange.iter_rows(named=True)
    ]
    explained = {fault.expected for fault in faults} | {
        f"{row['feed']}.{row['check_id']}"
        for row in said.quarantined.select("feed", "check_id")
        .unique()
        .iter_rows(named=True)
    }
    has_refused_courses = (said.quarantined["feed"] == "episodes").any()
    for name, count in sorted(said.failed.items()):
        if name in explained or name in sound.failed:
            continue
        follows = has_refused_courses and name.endswith(FOLLOWS)
        where = "rows of a course that was refused" if follows else "data with faults"
        found.append(Alarm(name, count, where))
    return found


def _more(check: str, said: Said, sound: Said) -> int:
    """Rows that a check counts beyond those of the sound delivery."""
    if check == DUPLICATES:
        return max(0, said.duplicates - sound.duplicates)
    return max(0, said.failed.get(check, 0) - sound.failed.get(check, 0))


def _first_words(message: str) -> str:
    """The first line of a refusal, without the delivery's name."""
    first = re.sub(r"^Delivery \S+?[,:]? ", "", message.splitlines()[0])
    return first.rstrip(".:")
