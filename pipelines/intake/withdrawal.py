"""Take a whole accepted delivery back: from this instant on it does not count."""

from dataclasses import dataclass

import duckdb

from pipelines import audit, private
from pipelines.errors import UsageError
from pipelines.intake import gone, journal, ledger, recovery
from pipelines.intake.ingest import remember_loads
from pipelines.settings import Home

SHOWN = 12
"""Deliveries that a message names, newest first: one screen."""

LONGEST_REASON = 300
"""Characters. A reason is one line of the audit record, not a report."""


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal did."""

    name: str
    load_count: int
    """Readings of the delivery that were withdrawn; several after a mended adapter."""

    counts_again: tuple[str, ...]
    """Deliveries whose rows hold again."""

    is_source_empty: bool
    """No load of the source counts any more."""

    missed: tuple[ledger.Load, ...] = ()
    """Loads that would count again, were their rows not gone."""


@private.files()
def withdraw(home: Home, name: str, reason: str) -> Withdrawn:
    """Withdraw an accepted delivery, every reading of it.

    Its rows stay until retention removes them, so an earlier `as_of` still reads
    them. The next ingest tells the schedule to build again.

    Args:
        home: Whose warehouse.
        name: `<source>/<delivery>`, as ingest named it.
        reason: Why, for the audit record; no data about a person.

    Raises:
        UsageError: There is no such delivery, it was withdrawn already or its rows
            are gone, or the reason is missing or too long.
    """
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise UsageError(
            f"Say why with --reason, in 1 to {LONGEST_REASON} characters and without "
            "anything about a person: it is kept in audit.jsonl."
        )
    if not home.raw_file.exists():
        raise UsageError("Nothing has been loaded yet, so nothing can be withdrawn.")
    recovery.recover(home)
    with duckdb.connect(str(home.raw_file)) as con:
        loads = ledger.loads_of(con)
        chosen = _chosen(loads, name)
        remember_loads(home, wait=True)  # first: a kill must not lose it
        done = _withdraw(con, loads, chosen, said)
    journal.tell(home)
    return done


def _chosen(loads: list[ledger.Load], name: str) -> list[ledger.Load]:
    removed = gone.named(loads, name)
    if removed is not None:
        raise UsageError(
            f"{gone.told(removed)}\nIt does not count any more, so there is nothing to "
            "withdraw. Releases published before still hold its rows."
        )
    of_name = [load for load in loads if load.name == name]
    there = [load for load in of_name if load.withdrawn_at is None]
    if of_name and not there:
        at = max(load.withdrawn_at for load in of_name)
        raise UsageError(f"{name} was withdrawn before, on {at:%Y-%m-%d %H:%M} UTC.")
    if not there:
        newest = sorted(loads, key=lambda load: load.extracted_at, reverse=True)
        known = list(dict.fromkeys(x.name for x in newest if _can_be(x)))
        more = f", and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        raise UsageError(
            f"No accepted delivery is called {name}. Write <source>/<delivery>.\n"
            f"Accepted, newest first: {', '.join(known[:SHOWN]) or 'none'}{more}."
        )
    return there


def _can_be(load: ledger.Load) -> bool:
    return load.withdrawn_at is None and load.purged_at is None


def _withdraw(
    con: duckdb.DuckDBPyConnection,
    loads: list[ledger.Load],
    chosen: list[ledger.Load],
    reason: str,
) -> Withdrawn:
    con.begin()
    now = con.execute("select now() at time zone 'UTC'").fetchone()[0]
    before, gone_before = ledger.in_force(con, now), gone.missed(con, now)
    con.execute(
        "update loads set withdrawn_at = ? where list_contains(?, load_id)",
        [now, [load.load_id for load in chosen]],
    )
    after, gone_after = ledger.in_force(con, now), gone.missed(con, now)
    first = chosen[0]
    journal.put(
        con,
        audit.line_of(
            "withdrawn",
            source=first.source,
            delivery=first.delivery,
            load_ids=" ".join(load.load_id for load in chosen),
            reason=reason,
        ),
    )
    con.commit()
    return Withdrawn(
        name=first.name,
        load_count=len(chosen),
        counts_again=tuple(x.name for x in loads if x.load_id in after - before),
        is_source_empty=not any(
            x.source == first.source for x in loads if x.load_id in after
        ),
        missed=tuple(x for x in gone_after if x not in gone_before),
    )
