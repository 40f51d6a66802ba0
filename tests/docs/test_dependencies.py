"""ADR 0001 gives a reason for each dependency, and for no other."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "adr" / "0001-dependencies.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return PAGE.split(f"### {heading}\n")[1].split("\n#")[0]


def named_in(heading: str) -> dict[str, str]:
    """Packages of one table with their reason."""
    rows = re.findall(
        r"^\| ([a-z][a-z0-9-]+) \| ([^|]+) \|", section(heading), re.MULTILINE
    )
    return {name: reason.strip() for name, reason in rows}


def names(requirements: list[str]) -> list[str]:
    return sorted(re.match(r"[A-Za-z0-9_.-]+", line).group() for line in requirements)


def test_each_dependency_has_its_reason():
    reasons = named_in("To run")

    assert sorted(reasons) == names(PROJECT["project"]["dependencies"])
    assert all(len(reason) > 15 for reason in reasons.values())


def test_each_tool_has_its_reason():
    reasons = named_in("To develop")

    assert sorted(reasons) == names(PROJECT["dependency-groups"]["dev"])


def test_the_build_backend_is_named():
    assert all(
        name in section("To develop")
        for name in names(PROJECT["build-system"]["requires"])
    )


def test_an_upper_bound_that_closes_a_newer_version_says_why():
    rows = re.findall(
        r"^\| ([a-z][a-z0-9-]+) \| [^|]+ \| ([^|]*) \|", section("To run"), re.MULTILINE
    )
    why = {name: text.strip() for name, text in rows}

    for name in ("dbt-core", "duckdb", "sqlalchemy"):
        assert why[name].startswith("below "), name
