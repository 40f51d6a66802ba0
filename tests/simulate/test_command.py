"""`outcomes simulate` as a person types it."""

import hashlib
import re
from pathlib import Path

import polars as pl
import pytest

from pipelines.intake.feeds import FEEDS
from pipelines.simulate import making, truth
from pipelines.simulate.faults import dirty
from pipelines.simulate.parameters import BLOCK_PATIENTS, scenario, scenario_names

PATIENTS = 40


def arguments(out: Path, *more: str) -> list[str]:
    sizes = ["--patients", str(PATIENTS), "--truth-patients", "0"]
    return ["--out", str(out), *sizes, *more]


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_writes_a_source_its_delivery_and_says_that_nobody_is_in_it(
    simulate, tmp_path
):
    done = simulate(*arguments(tmp_path / "service", "--seed", "5"))
    readme = (tmp_path / "service" / "README.md").read_text(encoding="utf-8")

    assert done.code == 0, done.text
    assert "Simulated, nobody's records" in done.text
    assert "records: 1 of 1 blocks" in done.text
    assert "these are nobody's records" in readme
    for told in (
        "| Scenario | default |",
        "| Seed | 5 |",
        f"| Patients | {PATIENTS} |",
    ):
        assert told in readme
    assert making.parameters_hash(scenario("default", PATIENTS, 3)) in readme
    (delivery,) = (tmp_path / "service" / "delivery").iterdir()
    assert {path.stem for path in delivery.glob("*.parquet")} == set(FEEDS)


def test_the_same_seed_gives_the_same_bytes_and_another_others(simulate, tmp_path):
    for name, seed, chunk in (("a", "5", "1"), ("b", "5", "9"), ("c", "6", "9")):
        more = ("--seed", seed, "--chunk", chunk, "--format", "csv")
        assert simulate(*arguments(tmp_path / name, *more)).code == 0

    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert bytes_of(tmp_path / "a") != bytes_of(tmp_path / "c")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--scenario", "perfect"], "There is no scenario perfect"),
        (["--years", "0"], "--years"),
        (["--years", "0.1"], "--years"),
        (["--years", "20.5"], "--years"),
        (["--years", "nan"], "--years"),
        (
            ["--scenario", "dirty", "--patients", "300", "--deliveries", "daily"],
            "one full delivery",
        ),
        (["--scenario", "dirty", "--patients", "1"], "at least 300 patients"),
        (["--scenario", "dirty", "--patients", "299"], "at least 300 patients"),
        (
            ["--scenario", "dirty", "--patients", "300", "--years", "1.9"],
            "300 patients and 2 years",
        ),
        (["--format", "xlsx"], "xlsx"),
        (["--patients", "0"], "patients"),
    ],
)
def test_a_mistake_ends_in_one_screen_and_writes_nothing(
    simulate, tmp_path, more, message
):
    done = simulate(*arguments(tmp_path / "service"), *more)

    assert done.code == 2
    assert message in done.text
    assert "Traceback" not in done.text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [1, 2])
def test_dirty_works_at_its_least_size(simulate, tmp_path, seed):
    out = tmp_path / "service"
    least = ("--patients", str(making.DIRTY_PATIENTS), "--years", "2")
    done = simulate(*arguments(out, "--scenario", "dirty", *least, "--seed", str(seed)))

    assert making.DIRTY_YEARS == 2
    assert done.code == 0, done.text
    planted = {path.name for path in (out / "faulty").iterdir()}
    assert planted == {broken.kind for broken in dirty.DELIVERY_FAULTS}


@pytest.mark.parametrize("name", ["default", "us_attendance", "small_clinics"])
def test_a_quarter_of_a_year_is_enough(simulate, tmp_path, name):
    more = ("--scenario", name, "--years", "0.25", "--deliveries", "daily")
    done = simulate(*arguments(tmp_path / "service", *more))

    assert done.code == 0, done.text


def test_it_says_where_to_write(simulate):
    done = simulate("--patients", "3")

    assert done.code == 2
    assert "--out DIR" in done.text


def test_a_folder_that_holds_something_is_left_alone(simulate, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = simulate(*arguments(tmp_path))

    assert done.code == 2
    assert "not empty" in done.text
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(simulate, tmp_path):
    assert simulate(*arguments(tmp_path)).code == 0
    assert (tmp_path / "delivery").is_dir()


def test_what_breaks_off_leaves_nothing(simulate, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("made to fail")

    monkeypatch.setattr(making, "_write_readme", fail)
    done = simulate(*arguments(tmp_path / "service"))

    assert done.code == 1
    assert "Traceback" not in done.text
    assert not list(tmp_path.iterdir())


def test_the_truth_is_written_beside_the_delivery(tmp_path, monkeypatch):
    effects = pl.DataFrame({"comparison_id": ["c"], "effect": [1.0]})
    monkeypatch.setattr(truth, "effects", lambda parameters, seed, n: effects)
    monkeypatch.setattr(
        truth,
        "potential_outcomes",
        lambda parameters, seed, block: pl.DataFrame({"patient_id": [f"p{block}"]}),
    )
    wanted = making.Wanted(scenario("default", PATIENTS), 1, truth_patients=10)
    making.make(wanted, tmp_path / "service", making.blocks.Sharing())
    folder = tmp_path / "service" / "truth"

    assert pl.read_parquet(folder / "effects.parquet").equals(effects)
    assert pl.read_parquet(folder / "potential_outcomes.parquet").height == 1
    assert not list((tmp_path / "service" / "delivery").rglob("*truth*"))


def test_it_says_how_many_people_the_truth_is_from(simulate, tmp_path, monkeypatch):
    effects = pl.DataFrame({"comparison_id": ["c"], "effect": [1.0]})
    monkeypatch.setattr(truth, "effects", lambda parameters, seed, n: effects)
    done = simulate(*arguments(tmp_path / "service"), "--truth-patients", "3000")
    used = f"{PATIENTS + 2 * BLOCK_PATIENTS:,} people"

    assert done.code == 0, done.text
    assert f"True effects: from {used}, in whole blocks (3,000 asked for)" in done.text
    assert f"true effects, from {used}, in whole blocks (3,000 asked for)" in done.text
    assert f"from {used}" in (tmp_path / "service" / "README.md").read_text("utf-8")


def test_dirty_brings_the_answer_key_and_the_small_sources(simulate, tmp_path):
    out = tmp_path / "service"
    least = ("--patients", str(making.DIRTY_PATIENTS))
    done = simulate(*arguments(out, "--scenario", "dirty", *least))
    key = pl.read_parquet(out / "truth" / "faults.parquet")
    (delivery,) = (out / "delivery").iterdir()

    assert done.code == 0, done.text
    assert key["kind"].n_unique() > 60
    folders = set(key["folder"]) - {"delivery"}
    assert folders == {f"faulty/{path.name}" for path in (out / "faulty").iterdir()}
    row = key.filter(pl.col("kind") == "total_above_range").row(0, named=True)
    sent = pl.read_parquet(delivery / "assessments.parquet")
    assert sent["total_points"][row["row_position"] - 1] == "31"
    assert "truth/faults.parquet" in (out / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_has_parameters_of_its_own_hash(name):
    given = making.parameters_hash(scenario(name))

    assert re.fullmatch(r"[0-9a-f]{16}", given)
    is_as_default = given == making.parameters_hash(scenario("default"))
    assert is_as_default == (name in ("default", "dirty"))
