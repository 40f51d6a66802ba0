"""The benchmark's bare SQL makes the tables that the models make, at a tiny scale."""

import shutil

import duckdb
import pytest

from benchmarks import equality, figures, generate, models
from benchmarks.run import bare_file, write_bare
from pipelines.settings import Home, Settings

pytestmark = pytest.mark.slow

EPISODES = 2000
SETTINGS = Settings(threads=2, memory_limit="2GB")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Both sides, built from the same made-up records."""
    home = Home(tmp_path_factory.mktemp("benchmark"))
    generate.generate(home.raw_file, EPISODES)
    return home, models.build(home, SETTINGS), write_bare(home, SETTINGS)


@pytest.fixture(scope="module")
def compared(built):
    home, _, _ = built
    return equality.compare(
        home.build_file(models.RUN_ID), bare_file(home), home.raw_file
    )


def test_bare_sql_makes_every_mart_that_the_models_make(built, compared):
    home, _, _ = built
    with duckdb.connect(str(bare_file(home)), read_only=True) as con:
        bare = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    assert {c.table for c in compared} == {name for (name,) in bare}


def test_every_mart_is_equal_row_for_row(compared):
    assert [c for c in compared if not c.is_equal] == []


def test_no_mart_is_equal_for_want_of_rows(compared):
    assert {c.table for c in compared if c.row_count == 0} == set()


def test_one_changed_value_makes_a_mart_unequal(built, tmp_path):
    home, _, _ = built
    changed = shutil.copy(bare_file(home), tmp_path / "outcomes.duckdb")
    with duckdb.connect(str(changed)) as con:
        con.execute(
            "update marts.fct_episodes set length_days = length_days + 1 where "
            "episode_id = (select min(episode_id) from marts.fct_episodes "
            "where length_days is not null)"
        )
        con.execute("alter table marts.dim_sites rename column region to area")
        con.execute(
            "delete from marts.fct_relapses using (select min(episode_id) as e "
            "from marts.fct_relapses) where episode_id = e"
        )
    differing = [
        (c.table, c.only_in_models, c.only_in_bare, c.differing_types)
        for c in equality.compare(
            home.build_file(models.RUN_ID), changed, home.raw_file
        )
        if not c.is_equal
    ]
    assert differing == [
        ("dim_sites", 0, 0, ("area", "region")),
        ("fct_episodes", 1, 1, ()),
        ("fct_relapses", 1, 0, ()),
    ]


def test_every_model_up_to_the_marts_is_timed_and_no_test_is(built):
    _, times, bare = built
    names = {
        path.stem
        for stage in models.STAGES
        for path in (models.transform.DBT_PROJECT / "models" / stage).glob("*.sql")
    }
    assert set(times.seconds_by_model) == names
    assert 0 < times.busy_seconds <= times.summed_seconds
    assert min(times.peak_bytes, bare.peak_bytes) > 10_000_000


def test_the_same_scale_gives_the_same_records(tmp_path):
    sums = []
    for name in ("one", "other"):
        generate.generate(tmp_path / name, 400)
        with duckdb.connect(str(tmp_path / name), read_only=True) as con:
            sums.append(
                [
                    con.execute(
                        f"select bit_xor(hash(t)), count(*) from {feed} as t"
                    ).fetchone()
                    for feed in generate.FEEDS
                ]
            )
    assert sums[0] == sums[1]
    assert all(count for _, count in sums[0])


def test_time_in_which_two_models_ran_counts_once():
    assert models._union([(0.0, 2.0), (1.0, 4.0), (6.0, 7.0), (6.2, 6.5)]) == 5.0


def test_figures_name_what_differs_and_divide_by_the_mean():
    measured = {
        "rows": {"sessions": 5_000_000},
        "versions": {"duckdb": "1.5.6"},
        "threads": 2,
        "memory_limit": "8GB",
        "models": {
            "summed_seconds": 90.0,
            "busy_seconds": 60.0,
            "dbt_seconds": 12.0,
            "processor_seconds": 100.0,
            "peak_bytes": 4e9,
            "seconds_by_model": {"fct_sessions": 70.0, "fct_episodes": 20.0},
        },
        "bare": {
            "seconds": [29.0, 31.0],
            "processor_seconds": [50.0, 52.0],
            "peak_bytes": 3e9,
            "seconds_by_file": {"all": 31.0},
        },
        "ratio": 2.0,
        "summed_ratio": 3.0,
        "processor_ratio": 1.96,
        "marts": {"fct_sessions": 5_000_000},
        "unequal_marts": ["fct_sessions"],
    }
    page = figures.as_markdown(measured)
    assert "5,000,000 sessions" in page
    assert "| 60 | **2.00** |" in page
    assert "| 90 | 3.00 |" in page
    assert "| 1.96 | 1 |" in page
    assert "**Not equal:** fct_sessions." in page
    assert "are equal, row for row" in figures.as_markdown(
        {**measured, "unequal_marts": []}
    )
