"""Join the answer key with what the product says: what is named, and false alarms.

Only the check that is expected names a fault. Whatever else is said of one is listed,
so that a person can judge it, and counts for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from pipelines.intake.feeds import FEEDS
from pipelines.simulate.faults import reasons
from pipelines.simulate.faults.broken import Broken
from pipelines.simulate.faults.planting import Fault
from pipelines.simulate.faults.reasons import MISTAKEN, UNJUDGED
from pipelines.simulate.product import Said

DUPLICATES = "load_feeds.duplicate_count"
"""Not a check but a count: exact duplicates are left out and counted."""

FOR_ALL = "(one alarm for all)"
"""The check lists values, not rows, so it tells of the rows together and counts none."""

ONE_ALARM = frozenset(
    {
        "int_assessments_scored.answers_are_possible",
        "int_assessments_scored.total_agrees_with_answers",
    }
)
"""Checks that do not count rows."""

TOGETHER = "(counted together)"
"""Other kinds raise the same count; only what they cannot make up is this kind's."""

FOLLOWS = ".episode_exists"
"""Checks that tell of rows whose course of care was refused."""

MISCOUNTED = "counted, for another reason: "
"""A check counts it as something else, and leads the reader to the wrong place."""


@dataclass(frozen=True)
class Row:
    """One kind of fault in the table."""

    kind: str
    feed: str
    what: str
    planted: int
    named: int
    named_by: tuple[str, ...]
    """Checks or words; where nothing names it, what was said all the same."""


@dataclass(frozen=True)
class Alarm:
    """Something the product says that nobody planted."""

    check: str
    rows: int
    where: str
    """`sound data`, or `data with faults` where nothing planted explains it."""


def of_rows(
    faults: tuple[Fault, ...],
    key: pl.DataFrame,
    said: Said,
    sound: Said,
    follows: Mapping[str, int] = MappingProxyType({}),
) -> list[Row]:
    """Say for each kind of planted row fault what names it.

    A row rule names the rows that it refused, by their position. A check that counts
    names what it counts beyond the sound delivery, what follows from refused rows, and
    all that other kinds can have raised: no kind is credited with another's rows.

    Args:
        faults: The kinds.
        key: The answer key.
        said: What the product says of the delivery with faults.
        sound: What it says of the same delivery without.
        follows: Rows that a check counts because another row was refused.

    Returns:
        One row per kind that was planted.
    """
    refused = key.join(
        said.quarantined.select("feed", "row_position", "check_id").unique(),
        on=["feed", "row_position"],
        how="inner",
    )
    planted = {
        kind: count
        for kind, count in key.group_by("kind")
        .agg(pl.col("fault_id").n_unique())
        .iter_rows()
    }
    rows = []
    for fault in faults:
        if fault.kind not in planted:
            continue
        count, by = _refused(fault, refused)
        if fault.expected and not is_row_rule(fault.expected):
            more = _more(fault.expected, said, sound, follows)
            count, told = _counted(fault, faults, planted, more)
            by += [told] * (more > 0)
        if fault.mistaken_by and _more(fault.mistaken_by, said, sound, follows):
            by.append(f"{MISCOUNTED}{fault.mistaken_by}")
        rows.append(
            Row(
                fault.kind,
                fault.feed,
                fault.what,
                planted[fault.kind],
                count,
                tuple(by),
            )
        )
    return rows


def of_delivery(broken: Broken, said: Said, sound: Said) -> Row:
    """Say what names one fault of a whole delivery.

    Args:
        broken: The kind.
        said: What the product says of its small source.
        sound: What it says of the same source without the fault.

    Returns:
        Its row; not named, with what was said all the same, if nothing is expected.
    """
    by = reasons.named_by(broken.expected, said, sound)
    told = [by] if by else reasons.all_said(broken.expected, said, sound)
    return Row(broken.kind, broken.feed, broken.what, 1, int(bool(by)), tuple(told))


def is_row_rule(check: str) -> bool:
    """True for a rule of the contract, which refuses rows one by one."""
    return check.partition(".")[0] in FEEDS


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
    explained = {fault.expected for fault in faults}
    explained |= {fault.mistaken_by for fault in faults}
    explained |= {
        f"{row['feed']}.{row['check_id']}"
        for row in said.quarantined.select("feed", "check_id")
        .unique()
        .iter_rows(named=True)
    }
    has_refused_courses = (said.quarantined["feed"] == "episodes").any()
    for name, count in sorted(said.failed.items()):
        if name in explained or name in sound.failed:
            continue
        is_following = has_refused_courses and name.endswith(FOLLOWS)
        where = (
            "rows of a course that was refused" if is_following else "data with faults"
        )
        found.append(Alarm(name, count, where))
    return found


def _refused(fault: Fault, refused: pl.DataFrame) -> tuple[int, list[str]]:
    """Faults of a kind whose row the expected rule refused, and what else did."""
    mine = refused.filter(pl.col("kind") == fault.kind).with_columns(
        pl.format("{}.{}", "feed", "check_id").alias("check")
    )
    right = mine.filter(pl.col("check") == fault.expected)["fault_id"].unique()
    others = mine.filter(~pl.col("fault_id").is_in(right.implode()))
    by = [fault.expected] * (len(right) > 0)
    words = MISTAKEN if fault.expected else UNJUDGED
    by += [f"{words}{check}" for check in others["check"].unique().sort()]
    return len(right), by


def _counted(
    fault: Fault, faults: tuple[Fault, ...], planted: dict[str, int], more: int
) -> tuple[int, str]:
    """Faults of a kind that a count is enough for, whoever else raises it, and how."""
    others = sum(
        planted.get(other.kind, 0)
        for other in faults
        if fault.expected in (other.expected, other.mistaken_by)
        and other.kind != fault.kind
    )
    mine = planted[fault.kind]
    words = [fault.expected]
    if fault.expected in ONE_ALARM:
        words.append(FOR_ALL)
        count = mine if more and not others else 0
    else:
        count = min(mine, max(0, more - others))
    if others:
        words.append(TOGETHER)
    return count, " ".join(words)


def _more(check: str, said: Said, sound: Said, follows: Mapping[str, int]) -> int:
    """Rows that a check counts beyond those of the sound delivery and what follows."""
    if check == DUPLICATES:
        return max(0, said.duplicates - sound.duplicates)
    before = sound.failed.get(check, 0) + follows.get(check, 0)
    return max(0, said.failed.get(check, 0) - before)
