"""Rules of the house that no linter knows."""

import re

import pytest

from pipelines.settings import PROJECT_ROOT

FOLDERS = ("benchmarks", "dags", "expectations", "pipelines", "tests")
MODULES = sorted(
    path for name in FOLDERS for path in (PROJECT_ROOT / name).rglob("*.py")
)
MOST_LINES = 300
LONG_LISTS = {"pipelines/intake/feeds.py"}
"""One list that reads better whole: the feeds of the contract."""

BARE = re.compile(r"# noqa(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*)?\s*$", re.MULTILINE)


def name_of(path):
    return path.relative_to(PROJECT_ROOT).as_posix()


def test_there_are_modules_to_look_at():
    assert len(MODULES) > 300


@pytest.mark.parametrize(
    ("line", "is_bare"),
    [
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: E731", True),
        ("x = 1  # noqa: E731, T201", True),
        ("x = 1  # noqa: E731 - why", False),
    ],
)
def test_a_bare_exemption_is_found(line, is_bare):
    assert bool(BARE.search(line)) is is_bare


def test_a_rule_that_is_switched_off_has_its_reason():
    found = [
        name_of(path)
        for path in MODULES
        if path.name != "test_house_rules.py"
        and BARE.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_module_of_the_product_fits_on_a_few_screens():
    long = [
        name_of(path)
        for path in MODULES
        if name_of(path).startswith("pipelines/")
        and len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES
    ]

    assert set(long) <= LONG_LISTS
