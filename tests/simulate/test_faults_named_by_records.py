"""Each planted fault between rows is found by its own record check, unit by unit."""

from pathlib import Path

import polars as pl
import pytest
from records import loading
from simulate import stand_in

from pipelines.intake.feeds import FEEDS
from pipelines.settings import Home
from pipelines.simulate.deliveries import PLANTED
from pipelines.simulate.faults import dirty, joining

BLOCK, SEED, PEOPLE = 3, 7, 600
DAY = "2025-01-02"
"""The day after the last of the stand-in's records."""

COUNTED = {
    "scores_on_one_day_of_the_month",
    "item_9_always_zero",
    "nobody_misses_a_session",
    "site_silent_for_a_month",
    "clinician_at_two_sites",
    "clinician_over_capacity",
    "score_twice_a_day",
    "same_score_repeated",
}
"""Kinds whose check counts something other than the row: a day, a person, a site."""

BY_RECORDS = tuple(
    fault
    for fault in dirty.FAULTS
    if not joining.is_row_rule(fault.expected) and fault.expected != joining.DUPLICATES
)


def judged(home: Home, frames: dict[str, pl.DataFrame]) -> dict[str, list[str]]:
    source = loading.add_source(home, kind="full")
    rows = {
        feed: frames[feed].cast(pl.String).fill_null("").to_dicts()
        for feed in FEEDS
        if feed in frames and frames[feed].height
    }
    return loading.judge(home, source, DAY, rows)[0]


@pytest.fixture(scope="module")
def clean() -> dict[str, pl.DataFrame]:
    return stand_in.make_block(BLOCK, PEOPLE)


@pytest.fixture(scope="module")
def planted(clean) -> dict[str, pl.DataFrame]:
    return dirty.plant(clean, stand_in.fixed_tables(), SEED, BLOCK)


@pytest.fixture(scope="module")
def found(planted, tmp_path_factory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("planted")
    return judged(Home(folder), {**planted, **stand_in.fixed_tables()})


@pytest.fixture(scope="module")
def found_in_clean(clean, tmp_path_factory) -> dict[str, list[str]]:
    folder: Path = tmp_path_factory.mktemp("clean")
    return judged(Home(folder), {**clean, **stand_in.fixed_tables()})


@pytest.mark.parametrize("fault", BY_RECORDS, ids=lambda fault: fault.kind)
def test_a_planted_fault_is_found(fault, planted, found, found_in_clean):
    key = planted[PLANTED].filter(pl.col("kind") == fault.kind)
    units = set(found.get(fault.expected, ()))

    if fault.kind in COUNTED:
        more = len(units) - len(found_in_clean.get(fault.expected, ()))
        assert more >= key["fault_id"].n_unique() > 0
    else:
        mine = {f"clinic:{name}" for name in key["row_key"]}
        assert mine
        assert units - set(found_in_clean.get(fault.expected, ())) == mine
