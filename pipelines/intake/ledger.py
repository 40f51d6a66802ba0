"""What has been accepted, and what a delivery is beside it: new, known or withdrawn.

Deliveries of a source are ordered by the source's clock. A delivery with the same
files as the one before it adds nothing, so it is known. The same files after other
ones are a roll-back: they are loaded again and count as the newest.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import duckdb

from pipelines.intake.deliveries import LOAD_ID_LENGTH, Delivery

COLUMNS = (
    "load_id",
    "source",
    "delivery",
    "files_id",
    "content_id",
    "extracted_at",
    "accepted_at",
    "withdrawn_at",
    "purged_at",
)

IN_FORCE = """
with counting as (
    select
        *,
        max(extracted_at) over same_files as last_sent_at,
        row_number() over (same_files order by accepted_at desc, load_id desc)
            as newest_first
    from loads
    where accepted_at <= $at
        and (withdrawn_at is null or withdrawn_at > $at)
        and ($with_purged or purged_at is null or purged_at > $at)
    window same_files as (partition by source, coalesce(files_id, load_id))
),
ordered as (
    select
        load_id,
        counting.kind,
        count(*) filter (where counting.kind = 'full') over (
            partition by counting.source, load_feeds.feed
            order by last_sent_at desc, accepted_at desc, load_id desc
            rows between unbounded preceding and current row
        ) as full_loads_from_here
    from counting inner join load_feeds using (load_id)
    where newest_first = 1 and load_feeds.is_supplied
)
select distinct load_id from ordered
where full_loads_from_here = 0 or (kind = 'full' and full_loads_from_here = 1)
"""
"""Loads of which a feed counts at an instant: the rule of stg_loads and
stg_load_feeds, for whoever has no build. A test holds the two together."""


IS_LATE = "delivery_is_newer_than_those_loaded"
"""The warning that names a late delivery (expectations/raw/loads.py)."""


@dataclass(frozen=True)
class Load:
    """One accepted load."""

    load_id: str
    source: str
    delivery: str
    files_id: str
    content_id: str
    extracted_at: datetime
    accepted_at: datetime
    withdrawn_at: datetime | None = None
    purged_at: datetime | None = None

    @property
    def name(self) -> str:
        """`<source>/<delivery>`, as people write it."""
        return f"{self.source}/{self.delivery}"


class Standing(StrEnum):
    """What a delivery is beside the loads that were accepted before."""

    NEW = "new"
    KNOWN = "known"
    WITHDRAWN = "withdrawn"


def read_loads(raw_file: Path) -> list[Load]:
    """Return the accepted loads in the order of acceptance, withdrawn ones too."""
    with duckdb.connect(str(raw_file), read_only=True) as con:
        return loads_of(con)


def loads_of(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """As `read_loads`, of the database in use."""
    rows = con.execute(
        f"select {', '.join(COLUMNS)} from loads where accepted_at is not null "
        "order by accepted_at, load_id"
    ).fetchall()
    return [
        Load(
            **{
                **(values := dict(zip(COLUMNS, row, strict=True))),
                # a warehouse made before these columns has one load per content
                "files_id": values["files_id"] or values["load_id"],
                "content_id": values["content_id"] or values["load_id"],
            }
        )
        for row in rows
    ]


def in_force(
    con: duckdb.DuckDBPyConnection, at: datetime, with_purged: bool = False
) -> set[str]:
    """Return the loads of which a feed counts at an instant (UTC, no zone).

    Args:
        con: The raw warehouse.
        at: The instant.
        with_purged: As if retention had removed no rows.
    """
    given = {"at": at, "with_purged": with_purged}
    return {row[0] for row in con.execute(IN_FORCE, given).fetchall()}


def standing(loads: Sequence[Load], delivery: Delivery) -> Standing:
    """Say what a delivery is beside the accepted loads.

    Args:
        loads: Accepted loads in the order of acceptance, of any source.
        delivery: What might be loaded.

    Returns:
        KNOWN if these files are the load of that instant or the one before it, read
        as now; WITHDRAWN if they are neither and were withdrawn last; else NEW. Files
        whose rows retention removed are NEW only if they were extracted after that.
    """
    of_source = [load for load in loads if load.source == delivery.source.name]
    same = [load for load in of_source if load.files_id == delivery.files_id]
    here = [load for load in same if load.extracted_at == delivery.extracted_at]
    if here and here[-1].withdrawn_at is not None:
        return Standing.WITHDRAWN
    repeated = _repeated(of_source, delivery)
    if not repeated:
        was_withdrawn = bool(same) and same[-1].withdrawn_at is not None
        return Standing.WITHDRAWN if was_withdrawn else Standing.NEW
    purged = [load.purged_at for load in repeated if load.purged_at is not None]
    if purged:  # what lay in landing, and a mended adapter, must not bring it back
        is_sent_anew = delivery.extracted_at > max(purged)
        return Standing.NEW if is_sent_anew else Standing.KNOWN
    # the newest reading counts, whichever adapter it was
    read_by = _not_withdrawn(same)[-1].content_id
    return Standing.KNOWN if read_by == delivery.content_id else Standing.NEW


def is_read_anew(loads: Iterable[Load], delivery: Delivery) -> bool:
    """Say whether these files count already, as another adapter read them."""
    of_source = [load for load in loads if load.source == delivery.source.name]
    repeated = _repeated(of_source, delivery)
    return bool(repeated) and all(load.purged_at is None for load in repeated)


def is_late(loads: Iterable[Load], delivery: Delivery) -> bool:
    """Say whether a newer delivery of the source counts: the rule of `IS_LATE`.

    What is read again by a mended adapter, or brought back, is not late.
    """
    of_source = [load for load in loads if load.source == delivery.source.name]
    was_here = any(
        load.files_id == delivery.files_id
        and load.extracted_at == delivery.extracted_at
        for load in of_source
    )
    return not was_here and any(
        load.extracted_at > delivery.extracted_at for load in _not_withdrawn(of_source)
    )


def load_id_of(loads: Iterable[Load], delivery: Delivery) -> str:
    """Return the id under which to load a delivery.

    It is the content's own id, and another one where this content was loaded before:
    after a roll-back, a withdrawal, or an adapter that was mended and mended back.
    """
    earlier = sum(load.content_id == delivery.content_id for load in loads)
    if not earlier:
        return delivery.content_id
    occasion = f"{delivery.content_id}\0{delivery.extracted_at.isoformat()}\0{earlier}"
    return hashlib.sha256(occasion.encode()).hexdigest()[:LOAD_ID_LENGTH]


def _repeated(of_source: list[Load], delivery: Delivery) -> list[Load]:
    """Return the loads of these files at this instant, or else the one before it."""
    same = [load for load in of_source if load.files_id == delivery.files_id]
    here = [load for load in same if load.extracted_at == delivery.extracted_at]
    return _not_withdrawn(here) or [
        load for load in _before(of_source, delivery) if load in same
    ]


def _before(of_source: list[Load], delivery: Delivery) -> list[Load]:
    """Return the load just before a delivery in the source's order, if there is one.

    Of one instant, the one that was accepted later comes later.
    """
    earlier = [
        load
        for load in _not_withdrawn(of_source)
        if load.extracted_at <= delivery.extracted_at
    ]
    if not earlier:
        return []
    return [max(earlier, key=lambda x: (x.extracted_at, x.accepted_at, x.load_id))]


def _not_withdrawn(loads: Iterable[Load]) -> list[Load]:
    return [load for load in loads if load.withdrawn_at is None]
