"""Read, lay out and check one delivery; nothing of it is loaded here."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from pipelines.checks import records
from pipelines.checks.results import CheckResult, describe, record
from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters, earlier, guards, identifiers, landing, refusals
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import columns, comparing, telling
from pipelines.intake.drift.columns import ColumnChange
from pipelines.intake.drift.telling import Change
from pipelines.intake.landing import LandedFeed
from pipelines.settings import Home, Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checked:
    """A delivery that passed its landing guard, still laid out in a scratch folder."""

    landing_file: Path
    landed: dict[str, LandedFeed]
    file_counts: dict[str, int]
    results: list[CheckResult]
    changes: tuple[Change, ...] = ()
    """How it differs from the deliveries accepted before it."""

    column_changes: tuple[ColumnChange, ...] | None = None
    """How its files' columns do; None if there was nothing to compare them with."""


@contextmanager
def checked(
    home: Home, settings: Settings, run_id: str, delivery: Delivery, scratch: Path
) -> Iterator[Checked]:
    """Read, lay out and check one delivery; loads nothing.

    Args:
        home: Where the raw warehouse and the check results are.
        settings: Limits and resources.
        run_id: Under which check results are kept.
        delivery: What to check.
        scratch: Folder in which a temporary one is made, and removed at the end.

    Raises:
        DeliveryRefusedError: It does not look de-identified, cannot be read, or
            does not fit the contract.
    """
    with _temporary(scratch) as folder:
        landing_file = folder / adapters.LANDING_DATABASE
        already = earlier.read(home.raw_file, delivery, folder, settings.duckdb_config)
        with adapters.delivery_connection(
            delivery,
            folder,
            settings.memory_limit,
            settings.threads,
        ) as con:
            with refusals.as_kind("unreadable"):
                file_counts = adapters.count_records(con, delivery)
            with refusals.as_kind("identified"):
                identifiers.refuse_identified(con, delivery)
            found = columns.read(con, delivery)
            changed = columns.column_changes(found, delivery, home.raw_file)
            with _told_beside(changed), refusals.as_kind("contract"):
                sent = adapters.collect_feeds(con, delivery, folder, settings.intake)
                landed = landing.land(con, delivery, sent, already)
        columns.keep(landing_file, found)
        records.judge_delivery(landing_file, home.raw_file, delivery, landed, settings)
        results = guards.check_landing(
            landing_file,
            delivery,
            landed,
            run_id,
            settings.intake,
            settings.duckdb_config,
        )
        results += comparing.check_drift(
            landing_file,
            home.raw_file,
            delivery,
            landed,
            run_id,
            settings.drift,
            changed,
        )
        changes = telling.changes(landing_file)
        record(home.checks_file(run_id), results)
        differs = f"{telling.told(changes)}{columns.told(changed)}"
        with _carried(changes, changed):
            _refuse_on_failure(delivery, results, differs)
        if differs:
            logger.warning("%s/%s:%s", delivery.source.name, delivery.name, differs)
        yield Checked(landing_file, landed, file_counts, results, changes, changed)


def _refuse_on_failure(
    delivery: Delivery, results: list[CheckResult], differs: str
) -> None:
    stopping = [result for result in results if result.stops_the_run]
    if stopping:
        empty = [
            result.table_name
            for result in stopping
            if result.check_id == f"{result.table_name}_are_not_empty"
        ]
        if empty:
            differs += (
                f"\nWithout a sound row: {', '.join(empty)}. A full delivery would "
                "replace all earlier rows by none. Name a feed that may be empty under "
                "`optional_feeds` in source.yml (not patients, episodes, sessions or "
                "assessments)."
            )
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name} breaks the input "
            "contract, so nothing of it was loaded:\n"
            + "\n".join(f"  - {describe(result)}" for result in stopping)
            + differs
            + "\nWhat each check means: docs/checks.md. Ask the source for a mended "
            "delivery, or mend the adapter.",
            kind="checks",
        )


@contextmanager
def _told_beside(changed: tuple[ColumnChange, ...] | None) -> Iterator[None]:
    """Say beside a refusal how the columns differ from those of the last delivery."""
    try:
        with _carried((), changed):
            yield
    except DeliveryRefusedError as error:
        error.args = (f"{error}{columns.told(changed)}",)
        raise


@contextmanager
def _carried(
    changes: tuple[Change, ...], changed: tuple[ColumnChange, ...] | None
) -> Iterator[None]:
    """Give a refusal the changes found by then: the pre-flight tells them apart."""
    try:
        yield
    except DeliveryRefusedError as error:
        error.changes = telling.lines(changes)
        error.column_changes = tuple(map(str, changed or ()))
        raise


@contextmanager
def _temporary(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
