"""The corpus that measures the tripwire, and what was measured."""

import ast
from collections import Counter
from importlib import resources
from random import Random

import pytest
from typer.testing import CliRunner

from pipelines.intake.identifiers.finding import Finding
from pipelines.intake.identifiers.kinds import KINDS
from pipelines.settings import PROJECT_ROOT
from pipelines.simulate.command import app
from pipelines.simulate.tripwire import corpus, document, measuring, numbers, planted
from pipelines.simulate.tripwire.corpus import Column

SEED, EACH = 3, 1
LEAST_COLUMNS = 20_000
DETECTOR = "pipelines.intake.identifiers"
MAY_KNOW_IT = {"measuring.py", "document.py"}


@pytest.fixture(scope="module")
def small() -> dict:
    return measuring.measure(SEED, EACH)


def test_a_small_corpus_is_judged_as_well_as_the_large_one(small):
    found, clean = (measuring.total(small, part) for part in ("planted", "clean"))

    assert found.refused >= measuring.RECALL_GOAL * found.shown
    assert clean.refused <= measuring.FALSE_GOAL * clean.shown
    assert found.named >= measuring.RECALL_GOAL * found.refused


def test_the_corpus_plants_every_kind(small):
    planted_kinds = {
        row["subject"] for row in small["rows"] if row["part"] == "planted"
    }

    assert planted_kinds == {kind.name for kind in KINDS}


@pytest.mark.parametrize("index", [0, 1])
def test_what_was_measured_meets_the_goals_on_as_many_columns_as_asked(index):
    measured = measuring.read()[index]
    found, clean = (measuring.total(measured, part) for part in ("planted", "clean"))

    assert min(found.shown, clean.shown) >= LEAST_COLUMNS
    assert found.low >= measuring.RECALL_GOAL
    assert clean.high <= measuring.FALSE_GOAL


def test_the_second_seed_was_held_out():
    first, second = measuring.read()

    assert first["seed"] != second["seed"]


@pytest.mark.parametrize(
    ("is_blind", "found", "refused"), [(True, 0, 0), (False, 1, 1)]
)
def test_a_tripwire_that_finds_nothing_or_everything_fails(
    monkeypatch, is_blind, found, refused
):
    def look_through(con, files, year):
        if is_blind:
            return []
        return [Finding(1, n + 1, "", "name", 1, False) for n in range(400)]

    columns = [
        Column(f"c{n}", ("x",), kind, "form", "one cell")
        for n, kind in enumerate(["name"] * 50 + [""] * 50)
    ]
    monkeypatch.setattr(measuring.tripwire, "look_through", look_through)
    monkeypatch.setattr(measuring, "planted_columns", lambda *_: columns[:50])
    monkeypatch.setattr(measuring, "clean_columns", lambda *_: columns[50:])
    monkeypatch.setattr(
        measuring,
        "_kinds",
        lambda file: [set() if is_blind else {"name"} for _ in file],
    )
    measured = measuring.measure(SEED, EACH)
    planted_row, clean_row = (
        measuring.total(measured, p) for p in ("planted", "clean")
    )

    assert planted_row.refused == 50 * found
    assert clean_row.refused == 50 * refused
    assert (planted_row.refused >= measuring.RECALL_GOAL * 50) is not is_blind
    assert (clean_row.refused <= measuring.FALSE_GOAL * 50) is is_blind


def test_columns_of_one_name_go_into_different_files_and_none_is_lost():
    columns = [Column("dob", (str(n),), "birth date", "", "") for n in range(3)]
    columns += [Column("x1", (str(n),), "", "", "") for n in range(3)]
    files = list(measuring._files(columns))

    assert sorted(c.values[0] for file in files for c in file if c.kind) == list("012")
    assert len(files) == 3
    assert Counter(c.header for file in files for c in file) == {"dob": 3, "x1": 3}


def test_the_same_seed_makes_the_same_columns():
    one, again, other = (
        [c for c, _ in zip(corpus.planted_columns(seed, 1), range(60), strict=False)]
        for seed in (5, 5, 6)
    )

    assert one == again
    assert one != other


def test_what_is_planted_is_not_taken_from_the_tripwire_s_patterns():
    folder = resources.files("pipelines.simulate.tripwire")
    modules = [p for p in folder.iterdir() if p.name.endswith(".py")]
    users = set()
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [a.name for a in getattr(node, "names", [])]
            names.append(getattr(node, "module", None) or "")
            if any(name.startswith(DETECTOR) for name in names):
                users.add(module.name)

    assert len(modules) > len(MAY_KNOW_IT)
    assert users == MAY_KNOW_IT


def test_check_digits_are_those_of_published_examples():
    assert numbers.modulo_11("943476591") == 9  # NHS Data Dictionary
    assert numbers.luhn_sum("808401234567893") % 10 == 0  # CMS


@pytest.mark.parametrize("make", [numbers.nhs, numbers.chi, numbers.npi, numbers.mbi])
def test_numbers_have_their_length(make):
    rng = Random(1)

    assert {len(make(rng)) for _ in range(200)} == {11 if make is numbers.mbi else 10}


def test_headers_are_in_several_languages_and_of_known_kinds():
    kinds = {kind for kind, _ in planted.headers()}

    assert kinds <= {kind.name for kind in KINDS}
    assert {"Geburtsdatum", "nombre_completo", "prénom"} <= {
        header for _, header in planted.headers()
    }


def test_the_command_prints_counts_intervals_and_whose_corpus_it_is(monkeypatch, small):
    monkeypatch.setattr(
        measuring, "measure", lambda seed, each: {**small, "seed": seed}
    )
    said = CliRunner().invoke(app, ["tripwire", "--each", "1", "--seed", "8"]).output

    assert "seed 8: planted identifiers found: " in said
    assert "seed 9: clean columns refused: " in said
    assert "  NHS number: " in said
    assert " to 100.00%)" in said
    assert "made up by us" in said


def test_the_page_says_what_is_not_promised():
    page = (PROJECT_ROOT / "docs" / "tripwire.md").read_text(encoding="utf-8")

    assert page == document.render()
    for form in planted.BEYOND:
        assert f"| {form.kind} | {form.name} |" in page
    for kind in KINDS:
        assert f"| {kind.name} | {kind.why} |" in page
