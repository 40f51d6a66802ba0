"""Take new deliveries from landing to accepted rows in the raw warehouse."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from pipelines import audit, private
from pipelines.checks.results import record, stop_on_failure
from pipelines.errors import DeliveryRefusedError, PipelineError, UsageError
from pipelines.intake import (
    gone,
    guards,
    journal,
    ledger,
    quarantine,
    raw,
    recovery,
    refusals,
    repeats,
    retention,
)
from pipelines.intake.checking import checked
from pipelines.intake.deliveries import (
    Delivery,
    find_deliveries,
    name_of_folder,
    read_delivery,
)
from pipelines.intake.file_hashes import FileHashes
from pipelines.intake.queue import Outcome, SetAside, in_order, name_of, take_in
from pipelines.intake.resources import told_if_short
from pipelines.intake.sources import load_sources
from pipelines.settings import Home, Settings

logger = logging.getLogger(__name__)

LOADS_WAIT = ".loads_wait"
"""Marks a home in which something was loaded or withdrawn that no build has read."""

HASHES = "hashes.json"
"""Beside the raw warehouse: what is known of the files in landing."""


@private.files()
def ingest(
    home: Home, settings: Settings, run_id: str, again: Iterable[str] = ()
) -> Outcome:
    """Load every delivery that has not been loaded, in the order of the sources' clocks.

    A delivery is accepted whole or not at all. One that is refused does not keep
    the others from loading. Then rows whose retention has ended are removed.

    Args:
        home: Where the deliveries and the raw warehouse are.
        settings: Limits and resources.
        run_id: Under which check results are kept.
        again: Withdrawn deliveries (`<source>/<delivery>`) to load all the same.

    Returns:
        What was loaded, was known already, or was refused and why.

    Raises:
        UsageError: A delivery to load again is not there or was not withdrawn.
    """
    recovery.recover(home)
    outcome = Outcome()
    waiting = _identify(home, run_id, outcome)
    accepted = _Accepted(home.raw_file)
    _check_again(again, waiting, accepted())
    load = partial(_load_or_sweep, home, settings, run_id, accepted, outcome)
    try:
        take_in(waiting, accepted, load, again, outcome)
    finally:  # noted at the end: one that is refused may load after another one
        _note_refused(home, run_id, waiting, accepted(), outcome)
    _tell_kept(outcome)
    passed_over = {*outcome.known, *outcome.kept, *outcome.withdrawn}
    repeats.note(home, (x for x in waiting if name_of(x) in passed_over), run_id)
    outcome.removed = retention.remove(home, settings)
    outcome.missed = _missed(home, outcome)
    return outcome


def loads_wait(home: Home) -> bool:
    """Say whether something was loaded or withdrawn that nothing was built from.

    An ingest that loads something beside a refused delivery ends as a failure, and so
    does one that is killed.
    """
    return (home.root / LOADS_WAIT).exists()


def remember_loads(home: Home, wait: bool) -> None:
    """Note that accepted loads still wait to be built, or that none do."""
    marker = home.root / LOADS_WAIT
    if wait:
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


class _Accepted:
    """The accepted loads, read again only after one was added."""

    def __init__(self, raw_file: Path) -> None:
        self._raw_file = raw_file
        self._loads: list[ledger.Load] | None = None

    def __call__(self) -> list[ledger.Load]:
        if self._loads is None:
            self._loads = ledger.read_loads(self._raw_file)
        return self._loads

    def forget(self) -> None:
        self._loads = None


def _load_or_sweep(
    home: Home,
    settings: Settings,
    run_id: str,
    accepted: _Accepted,
    outcome: Outcome,
    delivery: Delivery,
) -> bool:
    """Load a delivery and say whether it is late; sweep it out if it is refused."""
    try:
        with told_if_short(f"Delivery {name_of(delivery)}: loading it"):
            is_late = _load(home, settings, run_id, outcome, delivery)
    except PipelineError:
        raw.prepare(home.raw_file)  # its rows must not meet another's guard
        raise
    accepted.forget()
    return is_late


def _load(
    home: Home, settings: Settings, run_id: str, outcome: Outcome, delivery: Delivery
) -> bool:
    where = home.quarantine / delivery.source.name / delivery.load_id
    logger.info("loading %s", name_of(delivery))
    with checked(home, settings, run_id, delivery, home.scratch) as found:
        raw.write(
            home.raw_file,
            found.landing_file,
            delivery,
            found.landed,
            found.file_counts,
            run_id,
            settings.duckdb_config,
        )
        results = guards.check_raw(
            home.raw_file, delivery, found.landed, run_id, settings.duckdb_config
        )
        record(home.checks_file(run_id), results)
        stop_on_failure(results, "raw")
        refused_rows = quarantine.keep(found.landing_file, where, found.landed)
    is_late = any(r.check_id == ledger.IS_LATE and r.status == "fail" for r in results)
    if is_late:
        logger.warning(
            "%s is late: newer deliveries of its source had been loaded. Its rows "
            "replace none of theirs (docs/runbooks/late_delivery.md).",
            name_of(delivery),
        )
    remember_loads(home, wait=True)  # before it counts: a kill must not lose it
    line = audit.line_of(
        "loaded",
        source=delivery.source.name,
        delivery=delivery.name,
        load_id=delivery.load_id,
        run_id=run_id,
        quarantined_rows=refused_rows,
        is_late=is_late,
    )
    raw.accept(home.raw_file, delivery.load_id, line)
    journal.tell(home)
    if refused_rows:
        sent = sum(item.yielded_count for item in found.landed.values())
        outcome.set_aside[name_of(delivery)] = SetAside(refused_rows, sent, where)
    return is_late


def _identify(home: Home, run_id: str, outcome: Outcome) -> list[Delivery]:
    """Return what lies in landing; note what cannot even be told apart."""
    hashes = FileHashes(home.raw_file.with_name(HASHES))
    deliveries = []
    for source in load_sources(home):
        try:
            folders = find_deliveries(home, source)
        except DeliveryRefusedError as error:
            outcome.refused[f"{source.name}/"] = error
            _note_refusal(home, run_id, source.name, "", None, error)
            continue
        for folder in folders:
            try:
                deliveries.append(read_delivery(folder, source, hashes.sha256))
            except DeliveryRefusedError as error:
                name = name_of_folder(folder)
                outcome.refused[f"{source.name}/{name}"] = error
                _note_refusal(home, run_id, source.name, name, None, error)
    hashes.keep()
    return deliveries


def _note_refused(
    home: Home,
    run_id: str,
    waiting: list[Delivery],
    loads: list[ledger.Load],
    outcome: Outcome,
) -> None:
    """Note each delivery that stays refused, copies too."""
    for delivery in in_order(waiting):
        error = outcome.refused.get(name_of(delivery))
        if error is not None:
            load_id = ledger.load_id_of(loads, delivery)
            source = delivery.source.name
            _note_refusal(home, run_id, source, delivery.name, load_id, error)


def _note_refusal(
    home: Home,
    run_id: str,
    source: str,
    delivery: str,
    load_id: str | None,
    error: PipelineError,
) -> None:
    refusals.record(home.raw_file, run_id, source, delivery, load_id, error)
    audit.note(
        home,
        "refused",
        source=source,
        delivery=delivery,
        load_id=load_id,
        run_id=run_id,
        reason=type(error).__name__,
        kind=refusals.kind_of(error),
    )


def _tell_kept(outcome: Outcome) -> None:
    if not outcome.kept:
        return
    names = sorted(outcome.kept)
    logger.warning(
        "Loaded before, and left as they were read then: %s. The adapters of today do "
        "not read them. Of the first: %s",
        ", ".join(names),
        outcome.kept[names[0]],
    )


def _missed(home: Home, outcome: Outcome) -> list[str]:
    """Say of known deliveries that would count, were their rows not gone, why not."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        missed = gone.missed(con, now)
    return [gone.told(load) for load in missed if load.name in outcome.known]


def _check_again(
    again: Iterable[str], waiting: list[Delivery], loads: list[ledger.Load]
) -> None:
    withdrawn = sorted(
        name_of(delivery)
        for delivery in waiting
        if ledger.standing(loads, delivery) is ledger.Standing.WITHDRAWN
    )
    wrong = sorted(set(again) - set(withdrawn))
    removed = [load for load in (gone.named(loads, name) for name in wrong) if load]
    if removed:
        raise UsageError(
            "\n".join(gone.told(load) for load in removed)
            + f"\n{gone.NEXT}\nWithdrawn and in landing/: "
            f"{', '.join(withdrawn) or 'none'}."
        )
    if wrong:
        raise UsageError(
            f"No withdrawn delivery called {', '.join(wrong)} is in landing/.\n"
            f"Withdrawn and there: {', '.join(withdrawn) or 'none'}."
        )
