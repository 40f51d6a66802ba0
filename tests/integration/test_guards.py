"""Each stage's guard stops the run, and the last good release stays current."""

import re
import shutil

import duckdb
import pytest
from support import MARKER, TRIAL

from pipelines import transform
from pipelines.compare import estimate
from pipelines.release import reports
from pipelines.settings import load_settings

pytestmark = pytest.mark.slow


def assert_still_good(home, done, code, *told):
    assert done.code == code, done.text
    for text in told:
        assert text in done.text
    assert (home.releases / "current").resolve().name == "second"
    for path in home.root.rglob("*"):
        if path.suffix in (".jsonl", ".json", ".log", ".html", ".csv") and (
            home.landing not in path.parents
        ):
            assert MARKER not in path.read_text(encoding="utf-8"), path
    assert MARKER not in done.text


def spoil_delivery(home, change):
    """Deliver the trial again, its one file changed line by line."""
    folder = home.landing / "beat_the_blues" / "2003-03-01"
    folder.mkdir()
    lines = (TRIAL / "delivery" / "2003-02-01" / "BtheB.csv").read_text().splitlines()
    (folder / "BtheB.csv").write_text("\n".join(change(lines)) + "\n")


def with_names(lines):
    return [lines[0] + ",surname", *(f"{line},{MARKER}" for line in lines[1:])]


def with_a_key_repeated(lines):
    return [*lines, lines[1].replace("TAU", "BtheB")]


def with_a_third_impossible(lines):
    """Every third person's first follow-up is 64 of 63 points."""
    spoiled = []
    for position, line in enumerate(lines):
        fields = line.split(",")
        if position and position % 3 == 0:
            fields[5:9] = ["64"] * 4
        spoiled.append(",".join(fields))
    return spoiled


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (with_names, "file 1, column 10 (surname): name, 100 value(s)"),
        (with_a_key_repeated, "episodes.episode_id_is_given_once does not hold"),
        (with_a_third_impossible, "total_points_is_possible does not hold"),
    ],
)
def test_a_spoiled_delivery_stops_the_run(copied, command, change, told):
    spoil_delivery(copied, change)

    assert_still_good(
        copied, command(copied, "run"), 10, told, "nothing of it was loaded"
    )


def test_a_broken_mart_contract_stops_the_run(copied, command, monkeypatch, tmp_path):
    project = tmp_path / "dbt_project"
    shutil.copytree(transform.DBT_PROJECT, project)
    yml = project / "models" / "marts" / "fct_episodes.yml"
    text = yml.read_text()
    assert "data_type: boolean" in text
    yml.write_text(text.replace("data_type: boolean", "data_type: date", 1))
    monkeypatch.setattr(transform, "DBT_PROJECT", project)

    done = command(copied, "run")
    assert_still_good(copied, done, 11, "stage marts", "fct_episodes")


def back_to(home, run_id, stage):
    """Take a copied run back to just after a stage, unpublished."""
    run_json = home.build_folder(run_id) / "run.json"
    text = run_json.read_text()
    head, _ = text.split(f'"{stage}"')
    run_json.write_text(f'{head}"{stage}"\n  ]\n}}\n')
    shutil.rmtree(home.releases / run_id)


def with_default_profile(home, run_id):
    """Hide small numbers, as if the run had started with this setting."""
    before = load_settings(home).sha256
    home.settings_file.write_text('[disclosure]\nprofile = "default"\n')
    run_json = home.build_folder(run_id) / "run.json"
    after = load_settings(home).sha256
    run_json.write_text(run_json.read_text().replace(before, after))


def test_an_estimate_outside_its_interval_stops_the_run(copied, command, monkeypatch):
    back_to(copied, "first", "marts")
    true_run = estimate.run

    def spoil(build_file, settings):
        counts = true_run(build_file, settings)
        with duckdb.connect(str(build_file)) as con:
            con.execute(
                "update estimates.effects set estimate_high = estimate - 1 where is_primary and not is_withheld"
            )
        return counts

    monkeypatch.setattr(estimate, "run", spoil)
    done = command(copied, "estimate", "--run-id", "first")
    assert_still_good(copied, done, 11, "stage estimates", "estimates.effects")


def test_a_small_cell_in_a_report_stops_the_run(copied, command, monkeypatch):
    back_to(copied, "first", "aggregates")
    with_default_profile(copied, "first")
    monkeypatch.setattr(
        reports,
        "protect",
        lambda query, columns, cells, rates, *_: (
            "select *, "
            + "".join(f"{r.count} / nullif({r.total}, 0) as {r.name}, " for r in rates)
            + f"false as is_suppressed from ({query})"
        ),
    )
    done = command(copied, "build", "--stage", "reports", "--run-id", "first")
    assert_still_good(copied, done, 11, "stage reports", "is_zero_or_large_enough")


def test_under_the_default_profile_every_small_cell_is_hidden(copied, command):
    """The same run, its step of disclosure left in place, passes its guard."""
    back_to(copied, "first", "aggregates")
    with_default_profile(copied, "first")

    done = command(copied, "build", "--stage", "reports", "--run-id", "first")
    assert done.code == 0, done.text
    assert command(copied, "publish", "--run-id", "first").code == 0
    with duckdb.connect(str(copied.build_file("first")), read_only=True) as con:
        hidden = con.sql(
            "select count(*) filter (is_suppressed), count(*) "
            "from reports.rpt_effects_by_comparison"
        ).fetchone()
        answers = dict(
            con.sql(
                "select question_id, answer from reports.rpt_questions "
                "where status = 'withheld'"
            ).fetchall()
        )
    assert 0 < hidden[0] <= hidden[1]
    assert {"Q1", "Q3"} <= set(answers)  # 3 of 48 have no score; 14 are too few
    assert not any(re.search("[0-9]", answer) for answer in answers.values())
    for path in (copied.releases / "first" / "public").glob("*.csv"):
        assert not re.search(r"(^|,)(44|48|52|97)(,|$)", path.read_text(), re.M), (
            path.name
        )


def test_a_stage_that_fails_when_done_again_cannot_be_published(copied, command):
    back_to(copied, "first", "reports")
    with duckdb.connect(str(copied.build_file("first"))) as con:
        con.execute("drop table marts.fct_episodes cascade")
        con.execute("drop view if exists intermediate.int_episodes_described")
    assert command(copied, "build", "--stage", "marts", "--run-id", "first").code != 0

    done = command(copied, "publish", "--run-id", "first")
    assert_still_good(copied, done, 2, "has not finished")


def test_a_warehouse_without_data_is_a_clear_message(tmp_path, command):
    from pipelines.settings import Home

    done = command(Home(tmp_path / "empty"), "build", "--stage", "staging")
    assert done.code == 2
    assert "outcomes ingest" in done.text
