"""Take waiting deliveries in, one after the other, in the order of the sources' clocks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.errors import PipelineError
from pipelines.intake.deliveries import Delivery
from pipelines.intake.ledger import (
    Load,
    Standing,
    is_read_anew,
    load_id_of,
    standing,
)
from pipelines.intake.refusals import depends_on_loads, kind_of

OF_THE_READING = ("contract", "checks", "guard")
"""Kinds of refusal for which a delivery that was loaded stays as it was read: its files
and a mended adapter do not fit. A broken adapter or an identifier is told aloud."""


@dataclass(frozen=True)
class SetAside:
    """Rows of one delivery that were not loaded: how many, of how many, and where."""

    refused_count: int
    sent_count: int
    folder: Path


@dataclass
class Outcome:
    """What one ingest did, by delivery (`<source>/<delivery>`)."""

    loaded: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, PipelineError] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    """Those of `loaded` that are older than what was loaded before."""

    kept: dict[str, PipelineError] = field(default_factory=dict)
    """Loaded before, and refused as the adapters of today read them: they stay as they
    were read."""

    set_aside: dict[str, SetAside] = field(default_factory=dict)
    """Rows of those of `loaded` that break a rule."""

    withdrawn: list[str] = field(default_factory=list)
    """Passed over, because they were withdrawn."""

    removed: list[str] = field(default_factory=list)
    """Loads whose rows retention removed for good."""

    missed: list[str] = field(default_factory=list)
    """Sentences on those of `known` that would count, were their rows not gone."""

    def refuse(self, name: str, error: PipelineError, is_read_anew: bool) -> None:
        """Note a fault; of what is only read anew, one of the reading is not a refusal."""
        is_kept = is_read_anew and kind_of(error) in OF_THE_READING
        (self.kept if is_kept else self.refused)[name] = error

    def forget(self, name: str) -> None:
        """Take back that a delivery was refused: it was loaded since."""
        self.refused.pop(name, None)
        self.kept.pop(name, None)


def name_of(delivery: Delivery) -> str:
    """Return `<source>/<delivery>`."""
    return f"{delivery.source.name}/{delivery.name}"


def in_order(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Sort by the source's clock; ties by source and content, so always alike."""
    return sorted(
        deliveries,
        key=lambda item: (item.extracted_at, item.source.name, item.content_id),
    )


def take_in(
    waiting: Iterable[Delivery],
    accepted: Callable[[], list[Load]],
    load: Callable[[Delivery], bool],
    again: Iterable[str] = (),
    outcome: Outcome | None = None,
) -> Outcome:
    """Load what is new, and look once more at the rest after each round that loaded.

    A delivery that repeated the one before it is a roll-back once another has come
    between. One that is refused does not keep the others out, and is tried once more
    where what was loaded since can change what is said of it. One that was loaded and is
    refused as a mended adapter reads it stays as it was read.

    Args:
        waiting: Deliveries, in any order.
        accepted: Gives the loads accepted by now.
        load: Loads one delivery and says whether it is late.
        again: Names of withdrawn deliveries to load all the same.
        outcome: To go on with; a new one by default.
    """
    outcome = outcome or Outcome()
    wanted, left, has_loaded = set(again), in_order(waiting), True
    found: dict[str, Standing] = {}
    of_content: dict[str, PipelineError] = {}
    """Faults of the files alone: a copy has them too, whatever else is loaded."""

    tried: set[str] = set()
    """Names of those refused since the last load: nothing has changed for them."""

    while left and has_loaded:
        has_loaded, passed_over = False, []
        for delivery in left:
            name, loads = name_of(delivery), accepted()
            is_kept = is_read_anew(loads, delivery)
            if delivery.content_id in of_content:
                outcome.refuse(name, of_content[delivery.content_id], is_kept)
                continue
            if name in tried:
                passed_over.append(delivery)
                continue
            found[name] = standing(loads, delivery)
            is_wanted = found[name] is Standing.WITHDRAWN and name in wanted
            if found[name] is not Standing.NEW and not is_wanted:
                passed_over.append(delivery)
                outcome.forget(name)  # a copy of it was loaded since
                continue
            try:
                is_late = load(replace(delivery, load_id=load_id_of(loads, delivery)))
            except PipelineError as error:
                outcome.refuse(name, error, is_kept)
                if depends_on_loads(error):
                    tried.add(name)
                    passed_over.append(delivery)
                else:
                    of_content[delivery.content_id] = error
                continue
            has_loaded = True
            wanted.discard(name)
            tried.clear()
            outcome.forget(name)
            outcome.loaded.append(name)
            outcome.late += [name] * is_late
        left = passed_over
    for name in map(name_of, left):
        if name in outcome.refused or name in outcome.kept:
            continue
        is_known = found[name] is Standing.KNOWN
        (outcome.known if is_known else outcome.withdrawn).append(name)
    return outcome
