"""The commands that the README gives exist, and CI runs the ones that matter."""

import re
import subprocess
from pathlib import Path

import pytest
import typer

from pipelines import cli, errors

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
]
MAXIMUM_TARGETS = 12


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands_in(name: str) -> list[str]:
    """The lines of a page's shell blocks, without their comments."""
    blocks = re.findall(r"```bash\n(.*?)```", text_of(name), re.DOTALL)
    lines = (
        line.split(" #")[0].strip() for block in blocks for line in block.splitlines()
    )
    return [line for line in lines if line]


def make_targets() -> dict[str, str]:
    """Targets that a person may type, with their line of help."""
    found = re.findall(r"^([a-z-]+):.*?## (.+)$", text_of("Makefile"), re.MULTILINE)
    return dict(found)


def outcomes_commands() -> set[str]:
    group = typer.main.get_command(cli.app)
    return set(group.commands)


def test_the_five_minute_run_is_two_commands_and_ci_runs_both():
    ci = text_of(".ci/run")
    first_block = commands_in("README.md")[:2]

    assert first_block == ["make demo", "make test"]
    for command in first_block:
        assert re.search(rf'^step "[^"]+" {command}$', ci, re.MULTILINE), command


def test_the_first_heading_of_detail_comes_after_at_most_one_screen():
    before = text_of("README.md").split("\n## ")[0]

    assert len(before.splitlines()) <= 50


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_exists(page):
    named = set(
        re.findall(
            r"`?\bmake ([a-z]+(?:-[a-z]+)?)\b(?=[`\s]|$)",
            "\n".join(commands_in(page) + re.findall(r"`[^`\n]+`", text_of(page))),
        )
    )

    assert named <= set(make_targets())


@pytest.mark.parametrize("page", PAGES)
def test_every_outcomes_command_that_a_page_names_exists(page):
    places = commands_in(page) + re.findall(r"`([^`\n]+)`", text_of(page))
    named = {
        match.group(1)
        for place in places
        if (match := re.match(r"outcomes (?:--debug )?([a-z]+)", place))
    }

    assert named <= outcomes_commands()


def test_the_exit_codes_are_those_of_the_code():
    stated = set(re.findall(r"^\| (\d+) \|", text_of("README.md"), re.MULTILINE))
    kinds = [errors.PipelineError, *errors.PipelineError.__subclasses__()]
    real = {0, errors.NOTHING_NEW, *(kind.exit_code for kind in kinds)}

    assert stated == {str(code) for code in real}


def test_help_is_the_default_and_shows_every_target_on_one_line():
    shown = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    phony = re.search(r"^\.PHONY: (.+)$", text_of("Makefile"), re.MULTILINE)

    assert [line.split()[1] for line in shown] == phony.group(1).split()
    assert len(shown) <= MAXIMUM_TARGETS
    assert all(len(line) <= 80 for line in shown)
