"""Keep what was refused, when and why, in `raw.refusals`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import CheckFailedError, DeliveryRefusedError, PipelineError

KINDS = {
    "unreadable": "files that cannot be read, or none",
    "manifest": "not what its delivery.json says was sent",
    "undated": "says no day of extraction, or one in the future",
    "identified": "does not look de-identified",
    "contract": "feeds or columns that the contract does not have, or lacks",
    "checks": "a critical check of the landing stage failed",
    "guard": "a critical check of the raw stage failed",
    "adapter": "the source's SQL or source.yml is wrong",
    "resources": "needs more memory, time or disk than settings.toml allows",
}
"""Why a delivery was refused, in one word each."""

TABLE = """
create table if not exists refusals (
    run_id varchar, source varchar, delivery varchar, load_id varchar,
    refused_at timestamp, kind varchar, reason varchar
);
"""
"""One row per try: a delivery that is left in landing is refused at every ingest."""

LINE_PER_TRY = """
create or replace table refusals as
select
    run_id, source, delivery, load_id,
    if(nth = 1, refused_at, last_refused_at) as refused_at,
    kind, reason
from refusals cross join unnest(range(1, times + 1)) as tries (nth);
"""
"""Brings up to date a table with one row per reason. Of tries between the first and the
last the instants were not kept: they had happened by the last."""


def make_table(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of refusals, or bring one of an earlier version up to date."""
    con.execute(TABLE)
    columns = [row[0] for row in con.execute("describe refusals").fetchall()]
    if "times" in columns:
        con.execute(LINE_PER_TRY)


@contextmanager
def as_kind(kind: str) -> Iterator[None]:
    """Give a refusal within this step its kind, unless it has one."""
    try:
        yield
    except DeliveryRefusedError as error:
        error.kind = error.kind or kind
        raise


def kind_of(error: PipelineError) -> str:
    """Return the kind of a refusal."""
    if isinstance(error, DeliveryRefusedError):
        return error.kind or "contract"
    return "guard" if isinstance(error, CheckFailedError) else "adapter"


def depends_on_loads(error: PipelineError) -> bool:
    """Say whether a refusal may end once another delivery is loaded.

    Checks look at what was loaded before, such as the patients that are known; every
    other fault is the files' own.
    """
    return kind_of(error) in ("checks", "guard")


def record(
    raw_file: Path,
    run_id: str,
    source: str,
    delivery: str,
    load_id: str | None,
    error: PipelineError,
) -> None:
    """Note a refusal; the same one again is another row.

    Args:
        raw_file: The raw warehouse.
        run_id: The ingest that refused.
        source: Who sent it.
        delivery: Folder of the delivery.
        load_id: Under which it would have been loaded; None if it has no identity.
        error: What the person is shown; it holds no value.
    """
    which = [run_id, source, delivery, load_id, kind_of(error), str(error)]
    with duckdb.connect(str(raw_file)) as con:
        con.execute(
            "insert into refusals (run_id, source, delivery, load_id, kind, reason, "
            "refused_at) values (?, ?, ?, ?, ?, ?, now() at time zone 'UTC')",
            which,
        )
