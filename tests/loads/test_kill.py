"""`kill -9` at any moment leaves a delivery accepted whole or not at all."""

import os
import random
from itertools import count

import pytest
from loads.killing import (
    Point,
    accepted_rows,
    contents,
    copy_of,
    finish,
    ingest,
    kill_at,
    kill_within,
    remove,
    two_deliveries,
    wake,
    withdraw,
)

KILLS = int(os.environ.get("LOADS_KILLS", "2"))
"""Random moments to kill an ingest at; `make loads` takes 50."""

DRAW = random.Random(20261130)
MOMENTS = [DRAW.random() for _ in range(KILLS)]
"""Shares of the time that the whole work takes."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    return two_deliveries(tmp_path_factory.mktemp("landing") / "home")


@pytest.fixture(scope="module")
def clean(landing, tmp_path_factory):
    """A home that was loaded without a kill, and the seconds it took."""
    wake()
    home = copy_of(landing, tmp_path_factory.mktemp("clean") / "home")
    return home, finish(ingest, home.root)


@pytest.fixture(scope="module")
def never_killed(clean, tmp_path_factory):
    """What each kind of work leaves in a loaded home when it is not killed."""
    left = {}
    for work in (withdraw, remove):
        root = tmp_path_factory.mktemp(work.__name__) / "home"
        home = copy_of(clean[0], root)
        finish(work, home.root)
        left[work] = contents(home)
        assert left[work] != contents(clean[0])
    return left


@pytest.fixture
def copies(tmp_path):
    """Give copies of a home, each in a folder of its own."""
    numbers = count()
    return lambda home: lambda: copy_of(home, tmp_path / f"home_{next(numbers)}")


def assert_whole(home, clean_home):
    """Each load that was accepted by the killed process has all its rows."""
    whole = accepted_rows(clean_home)
    for load_id, rows in accepted_rows(home).items():
        assert rows == whole[load_id]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda share: f"{share:.3f}")
def test_an_ingest_killed_at_a_random_moment_is_made_whole_by_the_next(
    landing, clean, copies, moment
):
    home = kill_within(ingest, copies(landing), moment * clean[1])
    assert_whole(home, clean[0])
    finish(ingest, home.root)

    assert contents(home) == contents(clean[0])


OF_INGEST = [
    Point("pipelines.intake.raw", "write", is_after=True, nth=2),
    Point("pipelines.intake.quarantine", "keep", is_after=True),
    Point("pipelines.intake.raw", "accept", is_after=True, nth=2),
    Point("pipelines.audit", "append", is_after=True),
]


@pytest.mark.parametrize("point", OF_INGEST, ids=str)
def test_an_ingest_killed_between_two_steps_is_made_whole_by_the_next(
    landing, clean, tmp_path, point
):
    home = copy_of(landing, tmp_path / "home")
    kill_at(ingest, home.root, point)
    assert_whole(home, clean[0])
    finish(ingest, home.root)

    assert contents(home) == contents(clean[0])


OF_THE_REST = [
    (withdraw, Point("pipelines.intake.withdrawal", "remember_loads", is_after=True)),
    (withdraw, Point("pipelines.intake.withdrawal", "_withdraw", is_after=True)),
    (withdraw, Point("pipelines.audit", "append", is_after=True)),
    (remove, Point("pipelines.intake.retention", "_copy_without", is_after=True)),
    (remove, Point("pipelines.intake.retention", "_replace", is_after=True)),
    (remove, Point("pipelines.audit", "append", is_after=True)),
]


@pytest.mark.parametrize(
    ("work", "point"),
    [
        pytest.param(work, point, id=f"{work.__name__} {point}")
        for work, point in OF_THE_REST
    ],
)
def test_a_withdrawal_or_removal_that_was_killed_is_finished_by_the_next(
    clean, never_killed, tmp_path, work, point
):
    home = copy_of(clean[0], tmp_path / "home")
    kill_at(work, home.root, point)
    finish(work, home.root)

    assert contents(home) == never_killed[work]


@pytest.mark.parametrize("work", [withdraw, remove], ids=lambda work: work.__name__)
def test_a_withdrawal_or_removal_killed_at_a_random_moment_is_finished_by_the_next(
    clean, never_killed, copies, work
):
    seconds = finish(work, copies(clean[0])().root)
    for moment in MOMENTS:
        home = kill_within(work, copies(clean[0]), moment * seconds)
        finish(work, home.root)

        assert contents(home) == never_killed[work]
