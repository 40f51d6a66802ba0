"""Take waiting deliveries in, one after the other, in the order of the sources' clocks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pipelines.errors import PipelineError
from pipelines.intake.deliveries import Delivery
from pipelines.intake.ledger import Load, Standing, load_id_of, standing
from pipelines.intake.refusals import depends_on_loads


@dataclass
class Outcome:
    """What one ingest did, by delivery (`<source>/<delivery>`)."""

    loaded: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, PipelineError] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    """Those of `loaded` that are older than what was loaded before."""

    withdrawn: list[str] = field(default_factory=list)
    """Passed over, because they were withdrawn."""

    removed: list[str] = field(default_factory=list)
    """Loads whose rows retention removed for good."""

    missed: list[str] = field(default_factory=list)
    """Sentences on those of `known` that would count, were their rows not gone."""


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
    where what was loaded since can change what is said of it.

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
            if delivery.content_id in of_content:
                outcome.refused[name] = of_content[delivery.content_id]
                continue
            if name in tried:
                passed_over.append(delivery)
                continue
            found[name] = standing(loads, delivery)
            is_wanted = found[name] is Standing.WITHDRAWN and name in wanted
            if found[name] is not Standing.NEW and not is_wanted:
                passed_over.append(delivery)
                outcome.refused.pop(name, None)  # a copy of it was loaded since
                continue
            try:
                is_late = load(replace(delivery, load_id=load_id_of(loads, delivery)))
            except PipelineError as error:
                outcome.refused[name] = error
                if depends_on_loads(error):
                    tried.add(name)
                    passed_over.append(delivery)
                else:
                    of_content[delivery.content_id] = error
                continue
            has_loaded = True
            wanted.discard(name)
            tried.clear()
            outcome.refused.pop(name, None)
            outcome.loaded.append(name)
            outcome.late += [name] * is_late
        left = passed_over
    for name in map(name_of, left):
        if name in outcome.refused:
            continue
        is_known = found[name] is Standing.KNOWN
        (outcome.known if is_known else outcome.withdrawn).append(name)
    return outcome
