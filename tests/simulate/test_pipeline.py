"""The product on a simulated service: it loads clean, says so, and never sees the truth."""

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import runs, stages
from pipelines.intake.drift import checks as drift_checks
from pipelines.intake.sources import add_source, load_source
from pipelines.settings import PROJECT_ROOT, Home, Settings
from pipelines.simulate import product, truth
from pipelines.simulate.blocks import Sharing
from pipelines.simulate.deliveries import SOURCE
from pipelines.simulate.evidence import benchmarks, plain_averages
from pipelines.simulate.faults import joining
from pipelines.simulate.faults.dirty import FAULTS
from pipelines.simulate.making import Wanted, make
from pipelines.simulate.parameters import scenario

PATIENTS = 300
SEED = 3
DRIFT = {f"{one.table_name}.{one.check_id}" for one in drift_checks.entries()}
ALARMS_AT_MOST = 5
"""False alarms of drift a delivery: one in fifty of its 250 and more checks."""

SERVICE = scenario("default", 6_000)
TRUTH = re.compile(r"\btruth\b|potential_outcomes|faults\.parquet", re.IGNORECASE)
READS_RECORDS = sorted(
    path
    for folder in ("pipelines", "dbt_project", "expectations", "dags", "examples")
    for pattern in ("*.py", "*.sql", "*.yml", "*.j2")
    for path in (PROJECT_ROOT / folder).rglob(pattern)
    if "simulate" not in path.parts and "vendor" not in path.parts
)


def test_no_stage_knows_of_the_truth():
    assert len(READS_RECORDS) > 200
    assert any(path.suffix == ".sql" for path in READS_RECORDS)

    found = [
        path.name
        for path in READS_RECORDS
        if TRUTH.search(path.read_text(encoding="utf-8"))
    ]

    assert not found


def test_the_pattern_would_find_it():
    assert TRUTH.search("from delivery_parquet('../truth/effects.parquet')")
    assert not TRUTH.search("this would be untruthful")


def simulated(folder: Path, name: str = "default", years: float = 3, **more) -> Path:
    make(Wanted(scenario(name, PATIENTS, years), SEED, **more), folder, Sharing())
    return folder


def settings() -> Settings:
    return Settings(threads=2, memory_limit="2GB")


def test_adding_the_source_leaves_the_truth_behind(tmp_path):
    home = Home(tmp_path / "home")
    source = add_source(simulated(tmp_path / "service"), home)

    assert load_source(home.sources / SOURCE).name == source.name
    assert source.disclosure_profile == "default"
    assert (tmp_path / "service" / "truth").is_dir()
    assert not [path for path in home.root.rglob("*") if "truth" in path.name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file_format", "schedule", "years"),
    [("csv", "full", 3), ("parquet", "monthly", 0.3)],
)
def test_clean_scenarios_load_with_nothing_refused(
    tmp_path, file_format, schedule, years
):
    folder = simulated(
        tmp_path / "service", years=years, file_format=file_format, schedule=schedule
    )
    found = product.run(Home(tmp_path / "home"), folder, settings())

    assert found.refused == ()
    assert set(found.failed) <= DRIFT
    assert len(found.failed) <= ALARMS_AT_MOST * found.loaded
    assert found.quarantined.is_empty()
    assert found.duplicates == 0
    assert found.loaded == len(list((folder / "delivery").iterdir()))
    assert (found.loaded > 1) == (schedule == "monthly")


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A home in which the product made its reports of a service of 6,000."""
    folder = tmp_path_factory.mktemp("reported")
    make(Wanted(SERVICE, SEED), folder / "service", Sharing())
    home = Home(folder / "home")
    said = product.run(home, folder / "service", settings(), "reports")
    assert said.stopped_at == ""
    return home


@pytest.mark.slow
def test_the_product_sees_a_service_like_those_published(reported):
    """Twice as wide as the bands: few people."""
    with duckdb.connect(str(reported.build_file(product.RUN)), read_only=True) as con:
        measured = benchmarks.measure(con)

    assert len(measured) == len(benchmarks.published())
    for row in measured:
        about = benchmarks.published()[row.benchmark_id]
        slack = (about["high"] - about["low"]) / 2
        assert about["low"] - slack < row.value < about["high"] + slack, row
        assert row.units_count > 100


@pytest.mark.slow
def test_plain_averages_of_the_records_are_unfair_to_the_exposed(reported):
    effects = truth.effects(SERVICE, SEED, 10_000)
    with duckdb.connect(str(reported.build_file(product.RUN)), read_only=True) as con:
        plain = plain_averages.compare(con, effects, "default")

    assert len(plain) == len(plain_averages.described())
    assert all(row.too_high_by > row.std_error for row in plain)


@pytest.mark.slow
def test_a_release_of_simulated_people_says_so_on_its_page(reported):
    released = stages.publish(reported, settings(), runs.read(reported, product.RUN))

    assert released.name == product.RUN
    page = (released / "site" / "index.html").read_text("utf-8")
    assert "<strong>Simulated data.</strong>" in page
    sources = pl.read_parquet(released / "public" / "rpt_sources.parquet")
    assert sources["is_simulated"].to_list() == [True]


@pytest.mark.slow
def test_the_door_refuses_the_rows_whose_faults_a_rule_can_see(tmp_path):
    folder = simulated(tmp_path / "service", "dirty")
    found = product.run(Home(tmp_path / "home"), folder, settings())
    key = pl.read_parquet(folder / "truth" / "faults.parquet").filter(
        pl.col("folder") == "delivery"
    )
    rows = {
        row.kind: row for row in joining.of_rows(FAULTS, key, found, product.Said())
    }

    assert found.loaded == 1
    for kind in ("total_above_range", "negative_supply", "unknown_patient"):
        assert rows[kind].named == rows[kind].planted > 0
    strange = joining.alarms(FAULTS, key, found, product.Said())
    assert not strange


@pytest.mark.slow
def test_who_went_on_after_a_remission_is_compared_or_the_reason_is_given(reported):
    comparison = "continued_vs_stopped_after_remission"
    with duckdb.connect(str(reported.build_file(product.RUN)), read_only=True) as con:
        arms = con.execute(
            f"select arm, count(*) from marts.cmp_{comparison} group by all order by 1"
        ).fetchall()
        shown = con.execute(
            "select * from reports.rpt_effects_by_comparison where comparison_id = ?",
            [comparison],
        ).pl()
        (answer,) = con.execute(
            "select status, answer, comparison_id from reports.rpt_questions "
            "where question_id = 'Q13'"
        ).fetchall()
        points = con.execute(
            "select count(*) from estimates.curves where comparison_id = ?",
            [comparison],
        ).fetchone()

    assert [arm for arm, _ in arms] == ["continued", "stopped"]
    assert min(count for _, count in arms) > 10
    assert set(shown["scale"]) == {
        "risk_difference",
        "risk_ratio",
        "time_lost_difference_days",
    }
    withheld = shown.filter(pl.col("is_withheld"))
    assert withheld["estimate"].is_null().all()
    assert withheld["exposed_event_count"].is_null().all()
    # a reason says which kind of check failed, never how many people
    assert not [one for one in withheld["withheld_reason"] if re.search(r"\d", one)]
    assert shown["estimate"].is_not_null().any() == (points != (0,))
    assert answer[0] in ("answered", "withheld")
    assert answer[1].endswith(".")
    assert answer[2] == comparison
