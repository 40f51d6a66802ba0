"""Known-truth validation: its way is the product's way, and it never runs twice."""

from dataclasses import asdict, replace

import duckdb
import polars as pl
import pytest

from pipelines.errors import UsageError
from pipelines.settings import Home, Settings
from pipelines.simulate import product
from pipelines.simulate.blocks import Sharing
from pipelines.simulate.making import Wanted, make
from pipelines.simulate.parameters import scenario
from pipelines.simulate.validation import (
    cohorts,
    document,
    goals,
    keeping,
    measuring,
    running,
    truths,
    warehouse,
)
from pipelines.simulate.validation.cohorts import Found
from pipelines.simulate.validation.comparisons import SCENARIOS, validated
from pipelines.simulate.validation.measuring import Measured, Share
from pipelines.simulate.validation.running import ESTIMATES, TRUTHS, Kept, Task
from pipelines.simulate.validation.truths import Summed
from pipelines.simulate.validation.warehouse import Compiled

SMALL = 700
SERVICE, SEED = scenario("default", SMALL), 3
BY_CONTRACT = "long_vs_short_term_by_contract"
FOUND = Found(
    scenario="default",
    seed=1,
    patients=9,
    parameters="x",
    comparison_id=BY_CONTRACT,
    units=40,
    people=(20, 20),
    observed=(10, 12),
    sizes=(8.0, 9.0),
    estimate=-1.0,
    low=-2.0,
    high=0.5,
    plain=1.0,
    plain_low=0.5,
    plain_high=1.5,
    spread=5.0,
    failed=("outcome_observed_share",),
    is_alarm=False,
)
SUMMED = Summed("default", 1, 9, "x", BY_CONTRACT, 4, 2.0, -3.0, (1.0, -1.5, 3.0))


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """A home into which the product has loaded a small service."""
    folder = tmp_path_factory.mktemp("validation")
    make(Wanted(SERVICE, SEED), folder / "service", Sharing())
    home = Home(folder / "home")
    settings = Settings(threads=1, memory_limit="2GB")
    said = product.run(home, folder / "service", settings, until="raw")
    assert (said.loaded, said.refused) == (1, ())
    return home


@pytest.fixture(scope="module")
def compiled(home) -> Compiled:
    """What dbt makes of the models; here it has that service to build."""
    return warehouse.compile_models(home.root)


@pytest.mark.slow
def test_the_fast_way_gives_the_rows_that_ingest_and_dbt_give(home, compiled):
    tables = sorted(
        {f"marts.{one.mart}" for one in validated()}
        | {f"intermediate.{name}" for name in warehouse.READ_BESIDE_MARTS}
    )
    counts = {}
    with (
        duckdb.connect(str(compiled.built), read_only=True) as slow,
        cohorts.build(compiled, SERVICE, SEED) as fast,
    ):
        slow.execute(f"attach '{home.raw_file}' as raw (read_only)")
        for table in tables:
            expected, found = _rows(slow, table), _rows(fast, table)
            assert found.schema == expected.schema, table
            assert found.equals(expected), table
            counts[table] = found.height

    assert min(counts.values()) > 0, counts


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> pl.DataFrame:
    return con.sql(f"select * from {table} order by all").pl()


@pytest.mark.slow
def test_where_nothing_has_an_effect_the_mean_of_cohorts_is_near_zero(compiled):
    found: dict[str, list[dict]] = {}
    for seed in (1, 3):
        for row in running.work(compiled, Task(ESTIMATES, "null", seed, 6_144)):
            if row.get("estimate") is not None:
                found.setdefault(row["comparison_id"], []).append(row)

    assert {"long_vs_short_term", BY_CONTRACT} <= set(found)
    for name in ("long_vs_short_term", BY_CONTRACT):
        rows = found[name]
        errors = [(row["high"] - row["low"]) / (2 * measuring.Z) for row in rows]
        error = sum(one**2 for one in errors) ** 0.5 / len(rows)
        assert len(rows) == 2
        assert abs(sum(row["estimate"] for row in rows) / len(rows)) < 4 * error, name


@pytest.mark.slow
def test_where_nothing_has_an_effect_both_outcomes_are_the_same(compiled):
    *rows, end = running.work(compiled, Task(TRUTHS, "null", 7, 2_048))

    assert end[running.ENDED] == len(rows) > 4
    assert all(row["weighted"] == 0 for row in rows)
    assert all(row["people"] > 0 for row in rows)


def _lines(task: Task) -> list[dict]:
    row = FOUND if task.file == ESTIMATES else SUMMED
    shared = {"scenario": task.scenario, "seed": task.seed, "patients": task.patients}
    shared["parameters"] = running.parameters_hash(scenario(task.scenario, 2_048))
    row = {**asdict(row), **shared}
    return [row, row, {**shared, running.ENDED: 2, "seconds": 1.5}]


@pytest.fixture
def worked(monkeypatch) -> list[Task]:
    """Tasks done, by a stand-in for the work."""
    done = []

    def work(_, task: Task) -> list[dict]:
        done.append(task)
        return _lines(task)

    monkeypatch.setattr(warehouse, "compile_models", lambda folder: None)
    monkeypatch.setattr(running, "work", work)
    return done


def test_a_rerun_skips_what_is_there(tmp_path, worked):
    few = list(running.tasks(1, 2_048, ("default", "null"), truth_cohorts=1))
    more = list(running.tasks(2, 2_048, ("default", "null"), truth_cohorts=1))

    assert running.run(tmp_path, few) == 4
    assert running.run(tmp_path, few) == 0
    assert running.run(tmp_path, more) == 2
    assert [task.key for task in worked[4:]] == [("default", 2), ("null", 2)]
    kept = running.read(tmp_path)
    assert len(kept.found) == 8
    assert kept.seconds == (1.5,) * 4


@pytest.mark.parametrize("lost", [1, 60, 400, 600])
def test_a_cohort_that_was_cut_off_is_run_again_and_no_other(tmp_path, worked, lost):
    wanted = list(running.tasks(3, 2_048, ("default",), truth_cohorts=0))
    running.run(tmp_path, wanted)
    path = tmp_path / ESTIMATES
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])
    worked.clear()

    assert running.run(tmp_path, wanted) == 1
    assert [task.seed for task in worked] == [3]
    assert path.read_bytes() == whole


def test_another_machine_goes_on_with_the_cohorts_that_were_kept(tmp_path, worked):
    here, there = tmp_path / "here", tmp_path / "there"
    kept = {name: tmp_path / f"{name}.gz" for name in (ESTIMATES, TRUTHS)}
    few = list(running.tasks(1, 2_048, ("default",), truth_cohorts=1))
    more = list(running.tasks(2, 2_048, ("default",), truth_cohorts=1))
    running.run(here, few)
    with (here / ESTIMATES).open("a", encoding="utf-8") as file:
        file.write('{"torn": ')
    keeping.keep(here, kept)
    before = {name: path.read_bytes() for name, path in kept.items()}
    keeping.go_on(there, kept)
    worked.clear()

    assert running.run(there, more) == 1
    assert [task.seed for task in worked] == [2]
    keeping.keep(here, kept)
    assert {name: path.read_bytes() for name, path in kept.items()} == before


def test_kept_cohorts_are_not_laid_over_others(tmp_path, worked):
    kept = {name: tmp_path / f"{name}.gz" for name in (ESTIMATES, TRUTHS)}
    with pytest.raises(UsageError, match="start anew"):
        keeping.go_on(tmp_path / "there", kept)
    running.run(tmp_path / "here", running.tasks(1, 2_048, ("default",)))
    keeping.keep(tmp_path / "here", kept)

    with pytest.raises(UsageError, match="goes on with them by itself"):
        keeping.go_on(tmp_path / "here", kept)


def test_scenarios_that_were_not_run_again_stay_on_the_page():
    earlier = measuring.read()
    again = replace(
        earlier,
        parameters={"null": "newer"},
        rows=tuple(
            replace(row, cohorts=3) for row in earlier.rows if row.scenario == "null"
        ),
    )

    found = measuring.beside_others(again, earlier)

    assert {row.scenario for row in found.rows} == set(SCENARIOS)
    assert {row.cohorts for row in found.rows if row.scenario == "null"} == {3}
    assert [r for r in found.rows if r.scenario == "default"] == [
        r for r in earlier.rows if r.scenario == "default"
    ]
    assert found.parameters == earlier.parameters | {"null": "newer"}
    other = replace(again, patients=again.patients + 1)
    assert measuring.beside_others(other, earlier) == other


def test_cohorts_of_another_size_are_not_mixed(tmp_path, worked):
    running.run(tmp_path, running.tasks(1, 2_048, ("default",)))

    with pytest.raises(running.UsageError, match="Give another --out"):
        running.run(tmp_path, running.tasks(1, 4_096, ("default",)))


def test_every_scenario_has_had_its_turn_wherever_a_run_is_stopped():
    order = list(running.tasks(4, 2_048))

    assert [t.scenario for t in order[: len(SCENARIOS)]] == list(SCENARIOS)
    for stop in range(len(order)):
        counts = [
            sum(t.file == ESTIMATES and t.scenario == name for t in order[:stop])
            for name in SCENARIOS
        ]
        assert max(counts) - min(counts) <= 1
    seeds = {t.file: {x.seed for x in order if x.file == t.file} for t in order}
    assert not seeds[ESTIMATES] & seeds[TRUTHS]


def test_bias_coverage_and_power_are_those_of_the_cohorts():
    estimates = ((-1.0, -2.0, 0.5), (-3.0, -4.0, -2.0))
    found = tuple(
        replace(FOUND, seed=seed, estimate=mean, low=low, high=high)
        for seed, (mean, low, high) in enumerate(estimates)
    )
    not_estimated = replace(FOUND, seed=9, estimate=None, low=None, high=None)

    measured = measuring.measure(Kept((*found, not_estimated), (SUMMED,), (2.0, 4.0)))

    (row,) = measured.rows
    assert (row.cohorts, row.not_estimated) == (2, 1)
    assert (row.truth, row.mean, row.bias) == (-1.5, -2.0, -0.5)
    assert (row.truth_people, row.truth_cohorts) == (4, 1)
    assert row.rmse == pytest.approx((0.5 * (0.5**2 + 1.5**2)) ** 0.5)
    assert row.bias_error == pytest.approx((1.0 + row.truth_error**2) ** 0.5)
    assert row.claimed == pytest.approx(1.125 / measuring.Z / 2**0.5)
    assert (row.covered.value, row.apart.value) == (0.5, 0.5)
    assert (row.withheld, row.withheld_by) == (1.0, {"outcome_observed_share": 1.0})
    assert (row.plain_bias, row.plain_covered) == (2.5, 0.0)
    assert row.alarm.value == 0
    assert measured.seconds == 3.0


def _measured(scenario_name="default", **changes) -> Measured:
    row = measuring.measure(
        Kept((FOUND, replace(FOUND, seed=2, estimate=-1.2)), (SUMMED,), (1.0,))
    ).rows[0]
    return replace(row, scenario=scenario_name, spread=5.0, **changes)


@pytest.mark.parametrize(
    ("bias", "error", "verdict"),
    [
        (0.24, 0.01, goals.MET),
        (-0.24, 0.01, goals.MET),
        (0.25, 0.01, goals.UNCLEAR),
        (-0.28, 0.1, goals.UNCLEAR),
        (0.3, 0.02, goals.MISSED),
        (-0.3, 0.02, goals.MISSED),
    ],
)
def test_a_bias_is_missed_when_the_cohorts_are_sure_of_it(bias, error, verdict):
    assert goals.verdicts(_measured(bias=bias, bias_error=error))["bias"] == verdict


@pytest.mark.parametrize(
    ("held", "of", "verdict"),
    [
        (475, 500, goals.MET),
        (463, 500, goals.MET),
        (460, 500, goals.UNCLEAR),
        (430, 500, goals.MISSED),
        (20, 20, goals.UNCLEAR),
        (500, 500, goals.MISSED),
    ],
)
def test_coverage_lies_within_its_limits_or_not(held, of, verdict):
    row = _measured(covered=measuring.share(held, of))

    assert goals.verdicts(row)["coverage"] == verdict


def test_of_something_unrecorded_the_interval_ought_to_miss():
    always, never = Share(1.0, 0.9, 1.0), Share(0.0, 0.0, 0.1)
    row = _measured("unmeasured_confounding", covered=never, alarm=always)

    assert goals.verdicts(row) == {"misses the truth": goals.MET, "alarm": goals.MET}
    row = replace(row, covered=always, alarm=never)
    assert set(goals.verdicts(row).values()) == {goals.MISSED}
    assert "type I" in goals.verdicts(_measured("null"))


def test_two_cohorts_of_a_truth_weigh_by_their_people():
    other = replace(SUMMED, seed=2, weight=6.0, weighted=6.0, squares=(3.0, 3.0, 4.0))
    truth = truths.pooled([SUMMED, other])

    assert truth.effect == pytest.approx(3 / 8)
    assert (truth.people, truth.cohorts) == (8, 2)
    assert truth.std_error == pytest.approx(
        ((7 - 2 * 3 / 8 * 1.5 + (3 / 8) ** 2 * 4) ** 0.5) / 8
    )


def test_what_was_missed_has_its_reason():
    missed = [row for row in measuring.read().rows if goals.has_missed(row)]

    assert [
        (row.comparison_id, row.scenario)
        for row in missed
        if document.reason(row) == document.UNEXPLAINED
    ] == []


def test_every_reason_is_of_something_that_is_validated():
    known = {one.comparison_id for one in validated()} | set(SCENARIOS) | {"about"}

    assert set(document.reasons()) <= known


def test_a_missed_goal_without_a_reason_says_so(monkeypatch):
    monkeypatch.setattr(document, "reasons", lambda: {BY_CONTRACT: {"null": "Few."}})

    assert document.reason(_measured("null")) == "Few."
    assert document.reason(_measured("default")) == document.UNEXPLAINED


def test_the_page_says_how_many_cohorts_were_run():
    page, rows = document.render(), measuring.read().rows
    most = max(row.cohorts for row in rows)

    assert {(row.scenario) for row in rows} == set(SCENARIOS)
    assert f"{most} of `" in page
    assert most >= document.ASKED or "fewer were run" in page
