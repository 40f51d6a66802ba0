"""Check a delivery exactly as loading does."""

from dataclasses import dataclass

import duckdb

from pipelines.checks import results as check_results
from pipelines.checks.results import CheckResult
from pipelines.errors import DeliveryRefusedError, PipelineError
from pipelines.intake.checking import Checked, checked
from pipelines.intake.contract import instrument_ranges
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import telling
from pipelines.intake.preflight.findings import FeedFound
from pipelines.intake.resources import told_if_short
from pipelines.settings import Home, Settings


@dataclass(frozen=True)
class Whole:
    """What a delivery that passes its guards holds, or why it does not pass."""

    results: tuple[CheckResult, ...]
    feeds: tuple[FeedFound, ...] = ()
    instruments: frozenset[str] = frozenset()
    changes: tuple[str, ...] = ()
    column_changes: tuple[str, ...] = ()
    error: PipelineError | None = None


def try_whole(home: Home, settings: Settings, run_id: str, delivery: Delivery) -> Whole:
    """Check a delivery as loading does, and stop where loading stops.

    Args:
        home: Where the raw warehouse and the check results are.
        settings: Limits and resources.
        run_id: Under which check results are kept.
        delivery: What to check.
    """
    name = f"{delivery.source.name}/{delivery.name}"
    try:
        with (
            told_if_short(f"Delivery {name}: checking it"),
            checked(home, settings, run_id, delivery, home.scratch) as found,
        ):
            return Whole(
                tuple(found.results),
                *_feeds_in(found),
                telling.lines(found.changes),
                tuple(map(str, found.column_changes or ())),
            )
    except PipelineError as error:
        refused = isinstance(error, DeliveryRefusedError)
        return Whole(
            tuple(check_results.read(home.checks_file(run_id))),
            changes=error.changes if refused else (),
            column_changes=error.column_changes if refused else (),
            error=error,
        )


def _feeds_in(found: Checked) -> tuple[tuple[FeedFound, ...], frozenset[str]]:
    feeds = []
    with duckdb.connect(str(found.landing_file), read_only=True) as con:
        for name, item in found.landed.items():
            broken = con.execute(
                f"select count(distinct row_position) from {name}_broken"
            ).fetchone()[0]
            columns = [column.name for column in item.feed.columns]
            feeds.append(
                FeedFound(
                    name,
                    item.yielded_count,
                    item.duplicate_count,
                    broken,
                    tuple(c for c in columns if c in item.supplied),
                    tuple(c for c in columns if c not in item.supplied),
                )
            )
        instruments = frozenset()
        if "assessments" in found.landed:
            rows = con.execute("select distinct instrument from assessments")
            instruments = frozenset(row[0] for row in rows.fetchall())
    return tuple(feeds), instruments & frozenset(instrument_ranges())
