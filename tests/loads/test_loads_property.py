"""Random deliveries in random orders of arrival, against the rules in plain Python."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loads.landing import RealHome
from loads.sendings import Row, Sending, rows_that_count
from loads.warehouse import Warehouse, connect

from pipelines.intake import ingest as ingesting

KEYS = ("a", "b", "c")
REAL_SOURCES = {"hospital": "full", "ward": "increment"}
FEEDS_SENT = {"hospital": [("patients", "patients sites")]}
"""A full delivery without patients is refused by the contract."""

SOURCES = {"clinic": "full", "ward": "increment", "both": None}
"""The third sends some full deliveries and some increments, as after a change."""


@pytest.fixture(scope="module")
def con():
    """One connection for all examples: each writes its own loads."""
    return connect()


@st.composite
def feeds(draw, kind, wanted=("patients", "patients sites", "sites")):
    """Rows of one or both feeds; few keys and values, so that they repeat."""
    chosen = draw(st.sampled_from(wanted)).split()
    sent = []
    for feed in chosen:
        keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1))
        sent.append(
            (
                feed,
                tuple(
                    Row(
                        key,
                        draw(st.integers(0, 1)),
                        kind == "increment" and draw(st.booleans()),
                    )
                    for key in sorted(keys)
                ),
            )
        )
    return tuple(sent)


@st.composite
def histories(draw, sources=SOURCES):
    """Sendings of up to three sources, in an order of arrival, cut into ingests."""
    sendings = []
    for source, its_kind in sources.items():
        kinds = st.sampled_from(("full", "increment"))
        sent_before = []
        for day in range(draw(st.integers(0, 5))):
            kind = its_kind or draw(kinds)
            goes_back = sent_before and draw(st.booleans())
            kind, rows = (
                draw(st.sampled_from(sent_before))
                if goes_back
                else (kind, draw(feeds(kind, *FEEDS_SENT.get(source, ()))))
            )
            sent_before.append((kind, rows))
            sendings.append(Sending(source, f"day_{day}", kind, day, rows))
            if draw(st.integers(0, 5)) == 0:  # a copy of the folder
                sendings.append(Sending(source, f"copy_{day}", kind, day, rows))
    arriving = draw(st.permutations(sendings))
    cuts = draw(st.lists(st.integers(0, len(arriving)), max_size=3))
    ends = sorted({*cuts, len(arriving)})
    return [arriving[:end] for end in ends]


EXAMPLES = int(os.environ.get("LOADS_EXAMPLES", "25"))
"""`make loads` tries more."""

FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 25,  # the same ones whenever the suite runs
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(history=histories())
def test_the_rows_that_count_are_those_of_the_rules_whatever_the_order_of_arrival(
    con, history
):
    warehouse = Warehouse(con)
    seen = []
    for landing in history:
        warehouse.ingest(landing)
        found = warehouse.rows()
        assert found == rows_that_count(landing)
        by_staging, by_ledger = warehouse.in_force()
        assert by_staging == by_ledger
        seen.append((warehouse.now, found))

    for instant, rows in dict(seen).items():
        assert warehouse.rows(as_of=instant) == rows

    in_order = Warehouse(con)  # writes over the other's tables
    for sent in sorted(history[-1], key=lambda x: x.day):
        in_order.ingest([sent])
    assert in_order.rows() == found


@FEW
@given(history=histories())
def test_ingesting_twice_loads_nothing_twice(con, history):
    warehouse = Warehouse(con)
    for landing in history:
        warehouse.ingest(landing)
        loads = list(warehouse.loads)
        again = warehouse.ingest(landing)

        assert again.loaded == []
        assert len(again.known) == len(landing)
        assert warehouse.loads == loads


@FEW
@given(history=histories(), data=st.data())
def test_a_withdrawn_delivery_does_not_count_until_it_is_brought_back(
    con, history, data
):
    landing = history[-1]
    alone = [
        sent
        for sent in landing
        if sum((s.source, s.feeds) == (sent.source, sent.feeds) for s in landing) == 1
    ]
    warehouse = Warehouse(con)
    for some in history:
        warehouse.ingest(some)
    some_alone = st.lists(st.sampled_from(alone), unique=True) if alone else st.just([])
    taken_back = data.draw(some_alone)
    before, instant = warehouse.rows(), warehouse.now
    for sent in taken_back:
        warehouse.withdraw(sent.source, sent.name)
    left = [sent for sent in landing if sent not in taken_back]

    assert warehouse.rows() == rows_that_count(left)
    outcome = warehouse.ingest(landing)
    assert set(outcome.withdrawn) == {f"{s.source}/{s.name}" for s in taken_back}
    assert warehouse.rows() == rows_that_count(left)
    assert warehouse.rows(as_of=instant) == before

    outcome = warehouse.ingest(landing, again=outcome.withdrawn)
    assert warehouse.rows() == rows_that_count(landing)
    assert warehouse.ingest(landing).loaded == []


@FEW
@given(history=histories())
def test_a_mended_adapter_reads_all_again_and_the_same_rows_count_once(con, history):
    warehouse = Warehouse(con)
    for landing in history:
        warehouse.ingest(landing)
    expected = rows_that_count(history[-1])
    for reading in (10, 20, 0):  # mended twice, then mended back to the first
        outcome = warehouse.ingest(history[-1], reading)
        assert bool(outcome.loaded) == bool(history[-1])
        assert warehouse.rows() == {(*row[:3], row[3] + reading) for row in expected}
        by_staging, by_ledger = warehouse.in_force()
        assert by_staging == by_ledger
        assert warehouse.ingest(history[-1], reading).loaded == []


LONG_HISTORIES = histories(REAL_SOURCES).filter(lambda cuts: len(cuts[-1]) >= 4)


@settings(FEW, max_examples=max(2, EXAMPLES // 50))
@given(history=LONG_HISTORIES)
def test_files_in_landing_give_the_same_rows_as_the_rules(monkeypatch, history):
    """The same through files, adapters and raw, without Great Expectations."""
    monkeypatch.setattr(ingesting.guards, "check_landing", lambda *_: [])
    monkeypatch.setattr(ingesting.guards, "check_raw", lambda *_: [])
    with tempfile.TemporaryDirectory() as folder:
        home = RealHome(Path(folder) / "home", REAL_SOURCES)
        for landing in history:
            home.ingest(landing)
            assert home.rows() == rows_that_count(landing)
        assert home.ingest(landing).loaded == []
