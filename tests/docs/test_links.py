"""Links in the pages lead somewhere, and files that pages name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for folder, pattern in ((".", "*.md"), ("docs", "**/*.md"), ("dags", "*.md"))
    for path in (ROOT / folder).glob(pattern)
)
SHARED = sorted(
    {
        *PAGES,
        *(ROOT / "dags").glob("*.py"),
        *(
            ROOT / name
            for name in (
                "Makefile",
                "Dockerfile",
                "docker-compose.yml",
                ".env.defaults",
                ".ci/run",
            )
        ),
    }
)
MACHINE_PATHS = re.compile(
    r"(?<![\w./~-])/(?:home|root|tmp|work|Users|mnt|media)/(?!outcomes\b)"
)
LEFTOVERS = re.compile(r"\b(?:TODO|FIXME|XXX|TBD|WIP|lorem ipsum)\b", re.IGNORECASE)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors_of(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page):
    broken = []
    prose = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"(https?|mailto):", link):
            continue
        target, _, anchor = link.partition("#")
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and anchor not in anchors_of(there)):
            broken.append(link)

    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_a_page_names_are_there(page):
    named = re.findall(
        r"`((?:docs|dags|tests|pipelines|expectations|dbt_project|examples|\.ci)/[^`\s]*)`",
        page.read_text(encoding="utf-8"),
    )
    plain = [name for name in named if not re.search(r"[<>*{]|NNNN", name)]

    assert [name for name in plain if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", SHARED, ids=name_of)
def test_no_file_names_one_machine_or_unfinished_work(path):
    text = path.read_text(encoding="utf-8")

    assert not MACHINE_PATHS.search(text)
    assert not LEFTOVERS.search(text)


def test_every_runbook_is_reached_from_a_dag_or_a_page():
    reachable = "\n".join(path.read_text(encoding="utf-8") for path in SHARED)

    for runbook in (ROOT / "docs" / "runbooks").glob("*.md"):
        assert f"runbooks/{runbook.name}" in reachable, runbook.name


def test_every_page_that_a_message_points_to_exists():
    """A person who follows an error's advice must not meet a missing page."""
    named = {
        page
        for folder in ("pipelines", "expectations", "dags", "dbt_project", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql", ".yml", ".md")
        for page in re.findall(r"\bdocs/[a-z0-9_/-]+\.md\b", path.read_text("utf-8"))
    }
    assert "docs/runbooks/check_failed.md" in named  # so that the search finds some
    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []
