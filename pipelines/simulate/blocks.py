"""Hand blocks of patients out to processes and take them back in order."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

from pipelines.simulate.parameters import BLOCK_PATIENTS

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
