"""Benchmarks and plain averages: their rules, and what was measured last."""

import duckdb
import pytest

from pipelines.simulate.evidence import benchmarks, document, measuring, plain_averages
from pipelines.simulate.evidence.benchmarks import Benchmark
from pipelines.simulate.evidence.plain_averages import PlainAverage
from pipelines.simulate.making import parameters_hash
from pipelines.simulate.parameters import scenario

REQUIRED = {
    "recovery",
    "reliable_improvement",
    "response",
    "relapse",
    "dropout",
    "sessions",
    "paired_scores",
}


def test_bands_hold_the_published_figure_and_say_whose_they_are():
    for name, about in benchmarks.published().items():
        assert about["low"] <= about["published"] <= about["high"], name
        assert about["band"]
        assert about["source"]


def test_bands_of_our_choice_are_a_seventh_wide_each_way():
    ours = [a for a in benchmarks.published().values() if a["band"] == "Our choice"]

    assert len(ours) > 4
    for about in ours:
        assert about["low"] == pytest.approx(0.85 * about["published"], rel=0.005)
        assert about["high"] == pytest.approx(1.15 * about["published"], rel=0.005)


@pytest.mark.parametrize(
    ("value", "inside"),
    [(0.4499, False), (0.45, True), (0.55, True), (0.5501, False)],
)
def test_the_limits_belong_to_the_band(value, inside):
    assert benchmarks.lies_in_band(Benchmark("recovery", value, 100)) == inside


@pytest.mark.parametrize(
    ("name", "difference", "holds"),
    [
        ("default", -1.01, False),
        ("default", -1.0, True),
        ("null", 0.99, False),
        ("null", 1.0, True),
    ],
)
def test_a_plain_average_must_be_too_high_by_the_stated_amount(name, difference, holds):
    true_effect = -3.0 if name == "default" else 0.0
    plain = PlainAverage(
        "by_observed_length", name, 9, 9, difference, 0.1, true_effect, 0.1
    )

    assert plain_averages.is_as_wrong_as_stated(plain) == holds


def test_what_is_kept_is_of_the_parameters_of_today():
    found = measuring.read()

    assert found.parameters == {
        name: parameters_hash(scenario(name, found.patients))
        for name in measuring.SCENARIOS
    }, "Run: outcomes simulate evidence --keep"
    assert found.patients >= 60_000
    assert found.truth_patients >= 150_000


def test_the_benchmarks_that_are_kept_lie_in_their_bands():
    inside = {
        row.benchmark_id
        for row in measuring.read().benchmarks
        if benchmarks.lies_in_band(row)
    }

    assert inside >= REQUIRED


def test_the_plain_averages_that_are_kept_are_wrong_and_say_so_with_certainty():
    rows = measuring.read().plain_averages

    assert {(row.plain_id, row.scenario) for row in rows} == {
        (plain_id, name)
        for plain_id in plain_averages.described()
        for name in measuring.SCENARIOS
    }
    assert all(plain_averages.is_as_wrong_as_stated(row) for row in rows)
    assert all(row.too_high_by > 2 * row.std_error for row in rows)
    assert all(row.truth == 0 for row in rows if row.scenario == "null")


def test_what_lies_outside_is_told_with_its_reason():
    told = document.outside([Benchmark("remission", 0.5, 10)])

    assert "**Outside: Remission" in told
    assert benchmarks.published()["remission"]["reason_outside"] in told
    assert document.outside([Benchmark("remission", 0.22, 10)]) == ""


@pytest.fixture
def marts():
    """The columns that the plain averages read, without a row."""
    con = duckdb.connect()
    con.execute("create schema marts")
    con.execute(
        "create table marts.fct_episodes (episode_id varchar, index_on date, "
        "length_class varchar, medication_group varchar, is_trd_recorded boolean)"
    )
    con.execute(
        "create table marts.fct_sessions (episode_id varchar, held_on date, "
        "attendance varchar, session_type varchar)"
    )
    con.execute(
        "create table marts.fct_episode_outcomes (episode_id varchar, "
        "instrument varchar, baseline_points integer, points_6mo integer, "
        "points_12mo integer)"
    )
    yield con
    con.close()


def _course(con, name, days, points=10, baseline=10, **about):
    con.execute(
        "insert into marts.fct_episodes values (?, date '2024-01-01', ?, ?, ?)",
        [
            name,
            about.get("length_class"),
            about.get("medication_group"),
            about.get("is_trd_recorded"),
        ],
    )
    con.execute(
        "insert into marts.fct_episode_outcomes values (?, 'phq9', ?, ?, ?)",
        [name, baseline, points, points],
    )
    for day in days:
        con.execute(
            "insert into marts.fct_sessions values "
            "(?, date '2024-01-01' + cast(? as integer), 'attended', 'treatment')",
            [name, day],
        )


def _arms(con) -> dict:
    rows = con.execute(plain_averages.PLAIN_AVERAGES_SQL.read_text("utf-8")).fetchall()
    return {(plain_id, arm): count for plain_id, arm, count, *_ in rows}


@pytest.mark.parametrize(
    ("last_day", "arm"),
    [
        (181, None),
        (182, "comparator"),
        (223, "comparator"),
        (224, None),
        (342, None),
        (343, "exposed"),
    ],
)
def test_who_stays_and_who_stops_around_week_26(marts, last_day, arm):
    _course(marts, "a", [*range(0, last_day, 50), last_day])

    found = {key[1] for key in _arms(marts) if key[0].startswith("still_in")}

    assert found == ({arm} if arm else set())


@pytest.mark.parametrize(("gap", "stays"), [(60, True), (61, False)])
def test_a_gap_of_more_than_60_days_is_a_stop(marts, gap, stays):
    _course(marts, "a", [0, 50, 100, 150, 200, 200 + gap, 300, 343])

    found = {key[1] for key in _arms(marts) if key[0].startswith("still_in")}

    assert found == {"exposed" if stays else "comparator"}


def test_only_people_at_caseness_with_the_outcome_are_averaged(marts):
    _course(marts, "case", [0], baseline=10, medication_group="none")
    _course(marts, "mild", [0], baseline=9, medication_group="none")
    _course(marts, "lost", [0], points=None, medication_group="none")
    _course(marts, "before", [0], medication_group="before")
    _course(marts, "started", [0], medication_group="at_start")
    _course(marts, "hard", [0], medication_group="at_start", is_trd_recorded=True)
    _course(marts, "later", [0], medication_group="added")

    assert _arms(marts) == {
        ("by_new_medication", "comparator"): 1,
        ("by_new_medication", "exposed"): 1,
        ("by_any_medication", "comparator"): 1,
        ("by_any_medication", "exposed"): 3,
    }
