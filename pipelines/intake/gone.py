"""Say which rows retention removed, why, and what can be done where they are needed."""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from pipelines.intake import ledger
from pipelines.intake.ledger import Load

NEXT = (
    "Its files in landing/ are not read again. Bring back a delivery that was withdrawn "
    "(outcomes ingest --again SOURCE/DELIVERY), or ask the source to send again: what it "
    "extracts from now on is loaded. Figures of that time are in its release: "
    "docs/runbooks/retention.md"
)
"""What to do where rows are needed that are gone."""


def named(loads: Sequence[Load], name: str) -> Load | None:
    """Return the last load of a delivery whose rows are gone, if no reading has rows.

    Args:
        loads: Accepted loads in the order of acceptance.
        name: `<source>/<delivery>`.
    """
    of_name = [load for load in loads if load.name == name]
    is_gone = of_name and all(load.purged_at is not None for load in of_name)
    return of_name[-1] if is_gone else None


def told(load: Load) -> str:
    """Say when and why a load's rows were removed."""
    why = "withdrawn" if load.withdrawn_at else "superseded by newer ones"
    days = "withdrawn_days" if load.withdrawn_at else "superseded_days"
    return (
        f"The rows of {load.name} were removed for good on "
        f"{load.purged_at:%Y-%m-%d %H:%M} UTC, because it had been {why} for longer than "
        f"settings.toml keeps them ([retention] {days})."
    )


def missed(con: duckdb.DuckDBPyConnection, at: datetime) -> list[Load]:
    """Return the loads that would count at an instant if their rows were not gone.

    Args:
        con: The raw warehouse.
        at: The instant, UTC without zone.
    """
    wanted = ledger.in_force(con, at, with_purged=True) - ledger.in_force(con, at)
    return [
        load
        for load in ledger.loads_of(con)
        if load.load_id in wanted and load.purged_at is not None
    ]
