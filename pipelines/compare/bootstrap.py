"""The error of an estimate by fitting it all again on people drawn with replacement."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.compare import clustering
from pipelines.compare.results import NotEstimableError
from pipelines.compare.stopping import PersonWeeks

Refit = Callable[[NDArray[np.int64]], float]
"""From the positions of the people drawn, with repeats, to the estimate."""

REPLICATES = 500
MOST_FAILED = 0.05
"""Share of replicates without an estimate beyond which the rest are no fair sample."""

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
"""Processes share the cores; threads within each only get in each other's way."""


@dataclass(frozen=True)
class Bootstrap:
    """What the replicates say; in the units of the estimate.

    Attributes:
        std_error: Their standard deviation.
        low: Their 2.5th percentile.
        high: Their 97.5th.
        estimates: One for each replicate that gave one; shape (replicates - failed,).
        failed_count: Replicates in which the data did not determine the estimate.
    """

    std_error: float
    low: float
    high: float
    estimates: NDArray[np.float64]
    failed_count: int


def estimate(
    refit: Refit,
    people: int,
    cluster: ArrayLike | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    processes: int = 1,
) -> Bootstrap:
    """Draw clusters of people again and again and estimate from each draw.

    Every model must be fitted anew inside `refit`, or its error is left out. The same
    seed gives the same result whatever the number of processes.

    Args:
        refit: Raises `NotEstimableError` where a draw determines nothing. With more
            than one process it must be picklable: a dataclass that can be called, not
            a function made inside another. An estimator with folds takes the labels of
            the clusters drawn, so that copies of a person share a fold.
        people: n.
        cluster: Who is drawn together, shape (n,); None draws people singly.
        replicates: How many draws.
        seed: Decides all draws.
        processes: Python processes to share them among.

    Raises:
        NotEstimableError: There is one cluster alone, or more than one in twenty draws
            gives no estimate.

    References:
        Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman & Hall 1993.
        Field CA, Welsh AH. Bootstrapping clustered data. J R Stat Soc B
        2007;69:369-390.
    """
    numbers, count = clustering.numbered(cluster, people)
    if count < 2:
        raise NotEstimableError("One cluster alone: its error cannot be known.")
    job = _Job(refit, *_grouped(numbers, count), seed)
    found = np.array(list(_replicated(job, replicates, processes)))
    known = found[np.isfinite(found)]
    if len(known) < (1 - MOST_FAILED) * replicates or len(known) < 2:
        raise NotEstimableError(
            "Too many draws of the same people determine no estimate."
        )
    low, high = np.quantile(known, [0.025, 0.975])
    return Bootstrap(
        std_error=float(known.std(ddof=1)),
        low=float(low),
        high=float(high),
        estimates=known,
        failed_count=int(replicates - len(known)),
    )


def person_weeks(weeks: PersonWeeks, drawn: NDArray[np.int64]) -> PersonWeeks:
    """Return the weeks of the people drawn, numbered from 0 in the order of the draw.

    Args:
        weeks: Of everyone.
        drawn: Positions of people, with repeats; shape (m,).
    """
    counts = np.bincount(weeks.person, minlength=weeks.people_count)
    rows = _ranges(np.r_[0, np.cumsum(counts)[:-1]][drawn], counts[drawn])
    return PersonWeeks(
        person=np.repeat(np.arange(len(drawn)), counts[drawn]),
        week=weeks.week[rows],
        history=weeks.history[rows],
        is_stop=weeks.is_stop[rows],
        people_count=len(drawn),
        since=None if weeks.since is None else weeks.since[rows],
    )


@dataclass(frozen=True)
class _Job:
    """What a process needs: people in order of cluster, and where each begins."""

    refit: Refit
    people: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    seed: int

    def replicate(self, number: int) -> float:
        rng = np.random.default_rng([self.seed, number])
        drawn = rng.integers(len(self.sizes), size=len(self.sizes))
        places = _ranges(self.starts[drawn], self.sizes[drawn])
        try:
            # In order, so that what is read lies together in memory.
            return float(self.refit(np.sort(self.people[places])))
        except NotEstimableError:
            return float("nan")


def _grouped(numbers, count) -> tuple[NDArray, NDArray, NDArray]:
    sizes = np.bincount(numbers, minlength=count)
    return np.argsort(numbers, kind="stable"), np.r_[0, np.cumsum(sizes)[:-1]], sizes


def _ranges(starts, sizes) -> NDArray[np.int64]:
    """Return start, start + 1, ... of each size, one after the other."""
    ends = np.cumsum(sizes)
    return np.arange(sizes.sum()) + np.repeat(starts - (ends - sizes), sizes)


def _replicated(job: _Job, replicates: int, processes: int) -> Iterator[float]:
    if processes == 1:
        yield from map(job.replicate, range(replicates))
        return
    # Spawned, not forked: the threads of polars do not survive a fork.
    with (
        _one_thread_each(),
        ProcessPoolExecutor(
            processes, get_context("spawn"), initializer=_hold, initargs=(job,)
        ) as pool,
    ):
        yield from pool.map(_replicate, range(replicates), chunksize=5)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Have processes started in here use one thread each for linear algebra."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_held: list[_Job] = []
"""The job of this process, so that its data are sent once and not per replicate."""


def _hold(job: _Job) -> None:
    _held[:] = [job]


def _replicate(number: int) -> float:
    return _held[0].replicate(number)
