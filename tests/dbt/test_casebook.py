"""Every story of tests/casebook/ through the real models, flag by flag.

One build for all. docs/casebook.md shows the stories, and its header says how to write
one.
"""

import csv
import subprocess

import duckdb
import pytest
from casebook import answers, book, language, raw_file, thresholds

from pipelines import transform
from pipelines.settings import PROJECT_ROOT, Home, Settings

AS_OF = "2026-06-01T00:00:00.000000Z"
CASES = book.read()
RULES = PROJECT_ROOT / "docs" / "rules.csv"


def can_be_read(case: book.Case) -> bool:
    try:
        language.rows(case)
        raw_file.settings(case)
    except book.BookError:
        return False
    return True


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the models say of every story that can be read, in one dbt run."""
    home = Home(tmp_path_factory.mktemp("casebook"))
    raw_file.write(filter(can_be_read, CASES), home.raw_file)
    home.build_file("run_1").parent.mkdir(parents=True)
    target = home.build_file("run_1").parent / "target"
    done = subprocess.run(
        transform.command(
            (
                "build",
                "--resource-type=seed",
                "--resource-type=model",
                "--select",
                "path:seeds",
                *(f"path:models/{s}" for s in ("staging", "intermediate", "marts")),
            ),
            AS_OF,
            target,
            target / "not_there",
        ),
        cwd=transform.DBT_PROJECT,
        env=transform.environment(
            home, "run_1", Settings(threads=2, memory_limit="2GB")
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    with duckdb.connect(str(home.build_file("run_1")), read_only=True) as con:
        con.execute(f"attach '{home.raw_file}' as raw (read_only)")
        return answers.Answers(con)


def rule_ids() -> set[str]:
    with RULES.open(newline="", encoding="utf-8") as file:
        return {row["rule_id"] for row in csv.DictReader(file)}


def test_the_book_has_stories_enough():
    assert len(CASES) >= 130
    assert len({case.topic for case in CASES}) >= 10


def test_every_story_names_rules_that_exist():
    known = rule_ids()

    assert [
        f"{case.name}: {word}"
        for case in CASES
        for word in case.words("rules") or ["(none)"]
        if word not in known
    ] == []


def test_every_threshold_has_stories_on_both_sides():
    told = thresholds.told(CASES)

    assert {
        name: sorted(sides - told.get(name, set()))
        for name, sides in thresholds.needed().items()
        if name not in thresholds.EXCEPTIONS and sides - told.get(name, set())
    } == {}


def test_an_exception_is_of_a_threshold_without_stories():
    told = thresholds.told(CASES)

    assert thresholds.EXCEPTIONS.keys() - thresholds.needed().keys() == set()
    assert thresholds.EXCEPTIONS.keys() & told.keys() == set()


def test_every_story_expects_something():
    assert [c.name for c in CASES if not answers.expectations(c)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.topic}-{case.name}")
@pytest.mark.slow
def test_the_models_say_what_the_story_expects(found, case):
    language.rows(case)
    raw_file.settings(case)
    wrong = []
    for flag in answers.expectations(case):
        value = found.found(case, flag.path)
        if value != flag.value:
            wrong.append(f"  {flag.path}: expected {flag.value}, found {value}")

    assert not wrong, "\n".join(
        [
            f"{case.topic}.csv, line {case.line}, {case.name}:",
            *wrong,
            case.cells["story"],
        ]
    )
