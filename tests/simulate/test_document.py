"""docs/simulator.md and docs/faults.md say what the code says."""

import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.simulate import document
from pipelines.simulate.faults import dirty, measuring
from pipelines.simulate.faults import document as faults_document
from pipelines.simulate.faults.joining import Alarm, Row
from pipelines.simulate.parameters import described_parameters, described_scenarios
from pipelines.simulate.validation import document as validation_document


@pytest.fixture(scope="module")
def simulator() -> str:
    return document.render()


def test_every_parameter_has_its_line(simulator):
    for rows in described_parameters().values():
        for name, row in rows.items():
            (line,) = [
                line
                for line in simulator.splitlines()
                if line.startswith(f"| `{name}` |") and row["about"] in line
            ]
            assert row["unit"] in line
            assert row["source"] in line


def test_every_scenario_and_each_of_its_changes_is_told(simulator):
    for name, values in described_scenarios().items():
        (line,) = [
            line for line in simulator.splitlines() if line.startswith(f"| `{name}` |")
        ]
        changed = {
            f"`{subject}.{key}`"
            for subject, section in values.items()
            if subject != "about"
            for key in section
        }
        assert all(change in line for change in changed)


def test_it_says_that_nobody_is_in_it_and_what_it_does_not_resemble(simulator):
    assert "simulated: nobody's records" in simulator
    assert "## What it does not resemble" in simulator


@pytest.mark.parametrize(
    ("page", "render"),
    [
        ("simulator.md", document.render),
        ("faults.md", faults_document.render),
        ("validation.md", validation_document.render),
    ],
)
def test_the_page_is_current(page, render):
    assert (PROJECT_ROOT / "docs" / page).read_text(encoding="utf-8") == render()


def test_the_table_has_every_kind_once():
    _, rows, _ = measuring.read()
    kinds = [fault.kind for fault in (*dirty.FAULTS, *dirty.DELIVERY_FAULTS)]

    assert sorted(row.kind for row in rows) == sorted(kinds)
    page = faults_document.render()
    assert all(page.count(f"| `{kind}` |") == 1 for kind in kinds)


def test_the_counts_at_the_head_are_those_of_the_table(monkeypatch):
    rows = [
        Row("a", "sessions", "Wrong.", 6, 6, ("sessions.check",)),
        Row("b", "sessions", "Wrong.", 6, 2, ("sessions.check",)),
        Row("c", "sessions", "Wrong.", 6, 0, ()),
    ]
    alarms = [Alarm("t.c", 3, "sound data")]
    about = {"patients": 2000, "seed": 1, "stopped_at": "marts"}
    monkeypatch.setattr(measuring, "read", lambda: (about, rows, alarms))
    page = faults_document.render()

    assert "| planted | 3 |" in page
    assert "| named, every one of them | 1 |" in page
    assert "| named in part | 1 |" in page
    assert "| **not yet named** | **1** |" in page
    assert "| `c` | sessions | Wrong. | 6 | 0 | **not yet named** |" in page
    assert "The guard of stage marts stopped the run" in page
    assert "| `t.c` | 3 | sound data |" in page
