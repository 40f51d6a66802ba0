"""The product on a simulated service: it loads clean, says so, and never sees the truth."""

import re
from pathlib import Path

import polars as pl
import pytest

from pipelines import runs, stages
from pipelines.intake.sources import add_source, load_source
from pipelines.settings import PROJECT_ROOT, Home, Settings
from pipelines.simulate.blocks import Sharing
from pipelines.simulate.deliveries import SOURCE
from pipelines.simulate.faults import joining, product
from pipelines.simulate.faults.dirty import FAULTS
from pipelines.simulate.making import Wanted, make
from pipelines.simulate.parameters import scenario

PATIENTS = 300
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
    make(Wanted(scenario(name, PATIENTS, years), 3, **more), folder, Sharing())
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
    ("file_format", "schedule"), [("csv", "full"), ("parquet", "monthly")]
)
def test_clean_scenarios_load_with_nothing_refused(tmp_path, file_format, schedule):
    folder = simulated(tmp_path / "service", file_format=file_format, schedule=schedule)
    found = product.run(Home(tmp_path / "home"), folder, settings())

    assert found.refused == ()
    assert found.failed == {}
    assert found.quarantined.is_empty()
    assert found.duplicates == 0
    assert found.loaded == len(list((folder / "delivery").iterdir()))
    assert (found.loaded > 1) == (schedule == "monthly")


@pytest.mark.slow
def test_a_release_of_simulated_people_says_so_on_its_page(tmp_path):
    home = Home(tmp_path / "home")
    product.run(home, simulated(tmp_path / "service"), settings(), "reports")
    released = stages.publish(home, settings(), runs.read(home, product.RUN))

    assert released.name == product.RUN
    page = (home.releases / "current" / "site" / "index.html").read_text("utf-8")
    assert "<strong>Simulated data.</strong>" in page
    sources = pl.read_parquet(
        home.releases / "current" / "public" / "rpt_sources.parquet"
    )
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
