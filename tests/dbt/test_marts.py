"""The trial and a made-up service, from raw to aggregates, on one thread and two."""

import json
import shutil

import pytest
from small_warehouse import Raw, add_service, add_trial, build, by_name, query

from pipelines import transform
from pipelines.intake.preflight.gaps import column_needs
from pipelines.settings import Home, Settings

TRIAL = "source = 'beat_the_blues'"
MODELS = transform.DBT_PROJECT / "models"
MARTS_AND_AGGREGATES = {
    path.stem
    for pattern in ("marts/*.sql", "aggregates/agg_*.sql")
    for path in MODELS.glob(pattern)
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def raw():
    raw = Raw()
    add_trial(raw)
    add_service(raw)
    return raw


@pytest.fixture(scope="module")
def built(raw, tmp_path_factory):
    return build(raw, tmp_path_factory.mktemp("one_thread"), threads=1)


@pytest.fixture(scope="module")
def home(built) -> Home:
    return built[0]


def test_every_check_holds_and_every_contract_is_among_them(built):
    results = by_name(built[1])

    assert [k for k, r in results.items() if r.stops_the_run] == []
    assert len(results) == len(built[1]), "two checks share a name"
    contracts = {r.table_name for r in built[1] if r.check_id == "contract_holds"}
    assert {"fct_episodes", "cmp_therapy_vs_usual_care", "agg_patient_flow_by_arm"} <= (
        contracts
    )


def test_the_trials_arms_have_the_published_sizes(home):
    rows = query(
        home,
        "select allocated_arm, medication_group, count(*) from marts.fct_episodes "
        f"where {TRIAL} group by all order by all",
    )

    assert rows == [
        ("computerised_cbt", "before", 30),
        ("computerised_cbt", "none", 22),
        ("usual_care", "before", 14),
        ("usual_care", "none", 34),
    ]


@pytest.mark.parametrize(
    ("comparison", "sizes", "is_randomised"),
    [
        ("therapy_vs_usual_care", {"therapy": 52, "usual_care": 48}, True),
        (
            "trial_therapy_plus_medication_vs_therapy",
            {"therapy": 22, "therapy_plus_medication": 30},
            False,
        ),
        (
            "trial_therapy_plus_medication_vs_medication",
            {"medication": 14, "therapy_plus_medication": 30},
            True,
        ),
    ],
)
def test_the_trials_comparisons_have_their_arms(home, comparison, sizes, is_randomised):
    rows = query(
        home,
        f"select arm, count(distinct episode_id), count(*), min(is_randomised::int) "
        f"from marts.cmp_{comparison} where {TRIAL} group by arm order by arm",
    )

    assert rows == [
        (arm, people, 4 * people, int(is_randomised)) for arm, people in sizes.items()
    ]


def test_the_trial_has_280_follow_up_scores_at_months_2_3_5_and_8(home):
    rows = query(
        home,
        "select follow_up_month, count(points) from marts.cmp_therapy_vs_usual_care "
        f"where {TRIAL} group by all order by all",
    )

    assert [month for month, _ in rows] == [2, 3, 5, 8]
    assert sum(seen for _, seen in rows) == 280


def test_response_is_counted_from_a_bdi_of_14(home):
    rows = query(
        home,
        "select min(baseline_points) filter (is_response_eligible), "
        "max(baseline_points) filter (not is_response_eligible), "
        "count(*) filter (is_response is not null and points is null) "
        f"from marts.cmp_therapy_vs_usual_care where {TRIAL}",
    )

    assert rows == [(14, 13, 0)]


def test_what_the_trial_did_not_measure_is_null_and_not_zero(home):
    rows = query(
        home,
        "select count(attended_sessions_count), count(length_class), "
        "count(age_at_start_years), count(format), bool_and(has_relative_dates), "
        "count(*) filter (is_chronic), count(*) filter (not is_chronic) "
        f"from marts.fct_episodes where {TRIAL}",
    )

    up_to_6_months = query(
        home,
        "select count(*) from marts.fct_episodes "
        "where depression_duration_band = 'up_to_6_months'",
    )[0][0]
    assert rows == [(0, 0, 0, 0, True, 0, up_to_6_months)]
    assert 0 < up_to_6_months < 100


def test_a_service_without_episodes_gets_them_from_its_sessions(home):
    rows = query(
        home,
        "select count(*), bool_and(is_derived), min(attended_sessions_count) "
        "from marts.fct_episodes where source = 'counselling'",
    )

    assert rows[0][0] >= 10
    assert rows[0][1:] == (True, 1)


def test_a_pharmacy_of_the_same_namespace_measures_the_clinics_medication(home):
    rows = query(
        home,
        "select source, count(medication_group), count(*), "
        "count(*) filter (medication_group not in ('none')) "
        "from marts.fct_episodes where source in ('clinic', 'counselling') "
        "group by source order by source",
    )

    (_, known, episodes, used), (_, known_elsewhere, _, _) = rows
    assert known == episodes
    assert used > 0
    assert known_elsewhere == 0


def test_bipolar_people_are_left_out_of_the_comparisons(home):
    rows = query(
        home,
        "select count(distinct patient_id) from staging.stg_diagnoses "
        "where patient_id in (select patient_id from marts.fct_episodes)",
    )
    compared = query(
        home,
        "select count(*) from marts.cmp_long_vs_short_term "
        "where patient_id in (select patient_id from staging.stg_diagnoses)",
    )

    assert rows[0][0] > 0
    assert compared == [(0,)]


def test_two_threads_give_the_same_tables_as_one(raw, home, tmp_path):
    two, _ = build(raw, tmp_path, threads=2)

    tables = query(
        home,
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name in ('marts', 'aggregates') order by all",
    )
    assert {table.split(".")[1] for (table,) in tables} >= MARTS_AND_AGGREGATES
    for (table,) in tables:
        select = f"select * from {table} order by all"
        assert query(home, select) == query(two, select), table


def test_needs_say_which_feed_a_column_waits_for(home):
    path = home.build_folder("run_1") / "needs.json"
    needs = {
        (n["table"], n["column"]): n["needs"] for n in json.loads(path.read_text())
    }

    assert needs["fct_episodes", "format"] == ["sessions"]
    assert needs["dim_patients", "birth_year"] == ["patients.birth_year"]
    assert ("fct_episodes", "episode_id") not in needs
    assert needs == {
        (table, column): list(needed) for table, column, needed in column_needs()
    }  # what the pre-flight reads from the yml


def test_dbt_leaves_no_log_and_no_results_behind(home):
    left = {path.name for path in home.build_folder("run_1").iterdir()}

    assert left == {"outcomes.duckdb", "needs.json", transform.PARSED}
    assert not (transform.DBT_PROJECT / "target").exists()
    assert not (transform.DBT_PROJECT / "logs").exists()


def test_a_broken_contract_is_named_with_its_column(
    home, tmp_path, monkeypatch, caplog
):
    copy = Home(tmp_path / "home")
    shutil.copytree(home.root, copy.root)
    project = tmp_path / "dbt_project"
    shutil.copytree(transform.DBT_PROJECT, project)
    model = project / "models/marts/fct_medication_spells.sql"
    model.write_text(
        model.read_text().replace("spells.covered_days,", "'9' as covered_days,")
    )
    monkeypatch.setattr(transform, "DBT_PROJECT", project)

    results = transform.build_stage(
        copy, "run_1", "marts", "2026-06-01T00:00:00Z", Settings(threads=2)
    )

    broken = by_name(results)["fct_medication_spells.contract_holds"]
    assert (broken.status, broken.severity) == ("error", "critical")
    assert "fct_medication_spells.contract_holds" in caplog.text
    assert "covered_days" in caplog.text
    assert str(tmp_path) not in caplog.text
