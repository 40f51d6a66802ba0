"""Take new deliveries from landing to accepted rows in the raw warehouse."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from pipelines import audit
from pipelines.checks.results import CheckResult, describe, record, stop_on_failure
from pipelines.errors import DeliveryRefusedError, PipelineError
from pipelines.intake import adapters, guards, identifiers, landing, quarantine, raw
from pipelines.intake.deliveries import Delivery, find_deliveries, read_delivery
from pipelines.intake.drift import columns, comparing, telling
from pipelines.intake.drift.columns import ColumnChange
from pipelines.intake.drift.telling import Change
from pipelines.intake.landing import LandedFeed
from pipelines.intake.sources import Source, load_sources
from pipelines.settings import Home, Settings

logger = logging.getLogger(__name__)

LOADS_WAIT = ".loads_wait"
"""Marks a home whose last ingest loaded something and refused something."""


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


@dataclass
class Outcome:
    """What one ingest did, by delivery (`<source>/<delivery>`)."""

    loaded: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, PipelineError] = field(default_factory=dict)


def ingest(home: Home, settings: Settings, run_id: str) -> Outcome:
    """Load every delivery that has not been loaded, in the order of the sources' clocks.

    A delivery is accepted whole or not at all. One that is refused does not keep
    the others from loading.

    Args:
        home: Where the deliveries and the raw warehouse are.
        settings: Limits and resources.
        run_id: Under which check results are kept.

    Returns:
        What was loaded, was known already, or was refused and why.
    """
    shutil.rmtree(home.scratch, ignore_errors=True)  # a killed process leaves some
    raw.prepare(home.raw_file)
    outcome = Outcome()
    tried = set()
    for delivery in _in_order(home, outcome):
        name = f"{delivery.source.name}/{delivery.name}"
        is_copy = delivery.load_id in tried
        if is_copy or raw.is_accepted(home.raw_file, delivery.load_id):
            outcome.known.append(name)
            continue
        tried.add(delivery.load_id)
        logger.info("loading %s", name)
        try:
            _load(home, settings, run_id, delivery)
            outcome.loaded.append(name)
        except PipelineError as error:
            raw.prepare(home.raw_file)  # its rows must not meet another's guard
            outcome.refused[name] = error
            audit.note(
                home,
                "refused",
                source=delivery.source.name,
                delivery=delivery.name,
                load_id=delivery.load_id,
                run_id=run_id,
                reason=type(error).__name__,
            )
    return outcome


def loads_wait(home: Home) -> bool:
    """Say whether an earlier ingest loaded something beside a refused delivery.

    That ingest ended as a failure, so nothing was built from what it loaded.
    """
    return (home.root / LOADS_WAIT).exists()


def remember_loads(home: Home, wait: bool) -> None:
    """Note that accepted loads still wait to be built, or that none do."""
    marker = home.root / LOADS_WAIT
    if wait:
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


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
        landing_file = folder / "landing.duckdb"
        with adapters.delivery_connection(
            delivery, folder, settings.memory_limit
        ) as con:
            file_counts = adapters.count_records(con, delivery)
            identifiers.refuse_identified(con, delivery)
            found = columns.read(con, delivery)
            changed = columns.column_changes(found, delivery, home.raw_file)
            try:
                landed = landing.land(con, delivery, landing_file, home.raw_file)
            except DeliveryRefusedError as error:
                error.args = (f"{error}{columns.told(changed)}",)
                raise
        columns.keep(landing_file, found)
        results = guards.check_landing(
            landing_file,
            delivery,
            landed,
            run_id,
            settings.intake.maximum_quarantined_share,
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
        _refuse_on_failure(delivery, results, differs)
        if differs:
            logger.warning("%s/%s:%s", delivery.source.name, delivery.name, differs)
        yield Checked(landing_file, landed, file_counts, results, changes, changed)


def _load(home: Home, settings: Settings, run_id: str, delivery: Delivery) -> None:
    where = home.quarantine / delivery.source.name / delivery.load_id
    with checked(home, settings, run_id, delivery, home.scratch) as found:
        raw.write(
            home.raw_file,
            found.landing_file,
            delivery,
            found.landed,
            found.file_counts,
            run_id,
        )
        results = guards.check_raw(home.raw_file, delivery, found.landed, run_id)
        record(home.checks_file(run_id), results)
        stop_on_failure(results, "raw")
        refused_rows = quarantine.keep(found.landing_file, where, found.landed)
    raw.accept(home.raw_file, delivery.load_id)
    audit.note(
        home,
        "loaded",
        source=delivery.source.name,
        delivery=delivery.name,
        load_id=delivery.load_id,
        run_id=run_id,
        quarantined_rows=refused_rows,
    )


def _in_order(home: Home, outcome: Outcome) -> list[Delivery]:
    deliveries = []
    for source in load_sources(home):
        for folder in find_deliveries(home, source):
            delivery = _identified(home, source, folder, outcome)
            if delivery:
                deliveries.append(delivery)
    return sorted(
        deliveries, key=lambda item: (item.extracted_at, item.source.name, item.load_id)
    )


def _identified(
    home: Home, source: Source, folder: Path, outcome: Outcome
) -> Delivery | None:
    try:
        return read_delivery(folder, source)
    except DeliveryRefusedError as error:
        outcome.refused[f"{source.name}/{folder.name}"] = error
        audit.note(
            home,
            "refused",
            source=source.name,
            delivery=folder.name,
            reason=type(error).__name__,
        )
        return None


def _refuse_on_failure(
    delivery: Delivery, results: list[CheckResult], differs: str
) -> None:
    stopping = [result for result in results if result.stops_the_run]
    if stopping:
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name} breaks the input "
            "contract, so nothing of it was loaded:\n"
            + "\n".join(f"  - {describe(result)}" for result in stopping)
            + differs
            + "\nWhat each check means: docs/checks.md. Ask the source for a mended "
            "delivery, or mend the adapter."
        )


@contextmanager
def _temporary(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
