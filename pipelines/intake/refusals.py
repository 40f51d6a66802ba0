"""Keep what was refused, why, and how often, in `raw.refusals`."""

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
}
"""Why a delivery was refused, in one word each."""

TABLE = """
create table if not exists refusals (
    run_id varchar, source varchar, delivery varchar, load_id varchar,
    refused_at timestamp, kind varchar, reason varchar,
    last_refused_at timestamp, times integer
);
"""
"""One row per delivery, content and reason: the run and the instant of the first
refusal, the instant of the last, and how many there were."""


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
    """Note a refusal; the same one again raises its count.

    Args:
        raw_file: The raw warehouse.
        run_id: The ingest that refused.
        source: Who sent it.
        delivery: Folder of the delivery.
        load_id: Under which it would have been loaded; None if it has no identity.
        error: What the person is shown; it holds no value.
    """
    which = [source, delivery, load_id, kind_of(error), str(error)]
    with duckdb.connect(str(raw_file)) as con:
        con.begin()
        found = con.execute(
            "update refusals set times = times + 1, "
            "last_refused_at = now() at time zone 'UTC' where source = ? "
            "and delivery = ? and load_id is not distinct from ? and kind = ? "
            "and reason = ? returning times",
            which,
        ).fetchall()
        if not found:
            con.execute(
                "insert into refusals select ?, ?, ?, ?, moment, ?, ?, moment, 1 "
                "from (select now() at time zone 'UTC' as moment)",
                [run_id, *which],
            )
        con.commit()
