"""Which blocks of patients there are; work on them, shared out and back in order."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters

logger = logging.getLogger(__name__)

WAITING_PER_PROCESS = 2
"""Parts of work that are made ahead of the one being written, per process."""

PROGRESS_LINES = 10

Made = TypeVar("Made")


@dataclass(frozen=True)
class Sharing:
    """How the work is handed out; nothing in the result depends on it."""

    processes: int = 1
    chunk: int = 4
    """Blocks that one process makes at a time."""


def sizes(patients: int) -> list[int]:
    """Return the patients of each block; only the last may have fewer."""
    full, rest = divmod(patients, BLOCK_PATIENTS)
    return [BLOCK_PATIENTS] * full + ([rest] if rest else [])


def people_of(parameters: Parameters, block: int) -> int:
    """Return how many people of a block count; beyond the service, all of them."""
    if block < parameters.blocks:
        return parameters.block_patients(block)
    return BLOCK_PATIENTS


def spread(parameters: Parameters, people: int) -> list[int]:
    """Return blocks that hold so many people or a few more, of the whole calendar.

    Blocks of the service follow each other in time. If it has more people than are
    wanted, the blocks lie evenly among its own. If it has fewer, all its own come
    first; the people of each one beyond them are referred over the whole calendar.

    Args:
        parameters: Of the service.
        people: How many are wanted, at least 1.

    Returns:
        Numbers of blocks, ascending.
    """
    own = parameters.blocks
    if people > parameters.patients:
        beyond = -(-(people - parameters.patients) // BLOCK_PATIENTS)
        return list(range(own + beyond))
    # the last block can be among them, and it can have empty places
    empty = own * BLOCK_PATIENTS - parameters.patients
    count = -(-(people + empty) // BLOCK_PATIENTS)
    return [(2 * place + 1) * own // (2 * count) for place in range(count)]


def in_order(
    make: Callable[[int, int], Made], patients: int, sharing: Sharing, doing: str
) -> Iterator[Made]:
    """Yield `make(block, block_patients)` of every block, by number.

    Args:
        make: Makes one block; with more than one process it must be picklable.
        patients: How many there are in all.
        sharing: Processes, and blocks per part.
        doing: What the progress lines say is done.
    """
    numbered = list(enumerate(sizes(patients)))
    parts = [
        numbered[start : start + sharing.chunk]
        for start in range(0, len(numbered), sharing.chunk)
    ]
    told = _progress(len(numbered), doing)
    if sharing.processes == 1 or len(parts) == 1:
        for block, count in numbered:
            yield make(block, count)
            told()
        return
    # Spawned, not forked: the threads of polars do not survive a fork.
    with ProcessPoolExecutor(
        sharing.processes, mp_context=get_context("spawn")
    ) as pool:
        ahead: deque[Future] = deque()
        for part in parts:
            ahead.append(pool.submit(_make_part, make, part))
            if len(ahead) >= WAITING_PER_PROCESS * sharing.processes:
                yield from _taken(ahead, told)
        while ahead:
            yield from _taken(ahead, told)


def _make_part(make: Callable[[int, int], Made], part: list) -> list[Made]:
    return [make(block, count) for block, count in part]


def _taken(ahead: deque[Future], told: Callable[[], None]) -> Iterator:
    for made in ahead.popleft().result():
        yield made
        told()


def _progress(total: int, doing: str) -> Callable[[], None]:
    """Return what to call after each block; it tells of about ten of them."""
    every = max(1, -(-total // PROGRESS_LINES))
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        if done % every == 0 or done == total:
            logger.info("%s: %d of %d blocks of patients", doing, done, total)

    return told
