"""Join the answer key with what the product says: what is named, and false alarms.

Only the check that is expected names a fault. Whatever else is said of one is listed,
so that a person can judge it, and counts for nothing.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.intake.feeds import FEEDS
from pipelines.simulate.faults import reasons
from pipelines.simulate.faults.broken import Broken
from pipelines.simulate.faults.planting import Fault
from pipelines.simulate.faults.reasons import MISTAKEN, UNJUDGED
from pipelines.simulate.product import Said

DUPLICATES = "load_feeds.duplicate_count"
"""Not a check but a count: exact duplicates are left out and counted."""

TOGETHER = "(counted together)"
"""Other kinds raise the same count; only what they cannot make up is this kind's."""

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
) -> list[Row]:
    """Say for each kind of planted row fault what names it.

    A row rule names the rows that it refused, by their position. A check that counts
    names what it counts beyond the sound delivery and beyond all that other kinds can
    have raised: no kind is credited with another's rows.

    Args:
        faults: The kinds.
        key: The answer key.
        said: What the product says of the delivery with faults.
        sound: What it says of the same delivery without.

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
            more = _more(fault.expected, said, sound)
            count, told = _counted(fault, faults, planted, more)
            by += [told] * (more > 0)
        if fault.mistaken_by and _more(fault.mistaken_by, said, sound):
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
    feed, _, check_id = check.partition(".")
    return feed in FEEDS and check_id in {
        rule.check_id for rule in FEEDS[feed].row_rules
    }


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
    found += [
        Alarm(name, count, "data with faults")
        for name, count in sorted(said.failed.items())
        if name not in explained and name not in sound.failed
    ]
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
    count = min(mine, max(0, more - others))
    return count, f"{fault.expected} {TOGETHER}" if others else fault.expected


def _more(check: str, said: Said, sound: Said) -> int:
    """Rows that a check counts beyond those of the sound delivery."""
    if check == DUPLICATES:
        return max(0, said.duplicates - sound.duplicates)
    return max(0, said.failed.get(check, 0) - sound.failed.get(check, 0))
