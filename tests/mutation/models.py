"""The models and their unit tests, read from what one dbt build left behind.

A model's text is its compiled SQL, macros expanded, with `threshold('x')` and
`ref('y')` put back: one text that a person can read, that every unit test shares,
and that can be run on fixtures as well as in a warehouse.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutation.sql_text import closing

STAGES = ("staging", "intermediate", "marts")
CHANGED = ("intermediate", "marts")
"""Whose SQL is changed."""

_THRESHOLD = re.compile(
    r"\(\s*select thresholds\.amount\s+from ref\('thresholds'\) as thresholds\s+"
    r"where thresholds\.threshold = '(\w+)'\s*\)"
)
_RELATION = re.compile(r'"outcomes"\."\w+"\."(\w+)"')
_FIXTURE = re.compile(r"__dbt__cte__(\w+)")
_REF = re.compile(r"ref\('(\w+)'\)")
_USE = re.compile(r"threshold\('(\w+)'\)")
_FIXTURE_HEAD = re.compile(r"(?:with|,)\s*__dbt__cte__(\w+) as (?=\()")
_ACTUAL_COLUMNS = re.compile(
    r"dbt_internal_unit_test_actual as \(\s*select\s+(.*?), 'actual' as", re.DOTALL
)


@dataclass(frozen=True)
class UnitTest:
    """One unit test: what it gives, as queries, and what it expects."""

    name: str
    columns: str
    fixtures: dict[str, str]
    expected: str
    text: str


@dataclass(frozen=True)
class Model:
    """One model: its text, where it stands, and what it reads."""

    name: str
    folder: str
    text: str
    source: str
    reads: tuple[str, ...]
    tests: tuple[UnitTest, ...] = field(default=())


def read(target: Path, project: Path, has_tests: bool = True) -> list[Model]:
    """Return the models in the order in which they can be built.

    Args:
        target: The target folder of a `dbt build` that ran the unit tests, or of a
            `dbt compile`.
        project: The dbt project that it built.
        has_tests: Whether the unit tests were run.

    Raises:
        ValueError: A unit test does not run its model's own text.
    """
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    nodes = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] in STAGES
    }
    tests: dict[str, list[UnitTest]] = {}
    for test in manifest["unit_tests"].values() if has_tests else ():
        if test["model"] in nodes and nodes[test["model"]]["fqn"][1] in CHANGED:
            path = next((target / "run").rglob(f"{test['name']}.sql"))
            sql = path.read_text("utf-8")
            tests.setdefault(test["model"], []).append(_unit_test(test["name"], sql))
    models = [
        _model(node, target, project, tests.get(node["name"], []))
        for node in _in_order(nodes)
    ]
    for model in models:
        for test in model.tests:
            if "".join(test.text.split()) != "".join(model.text.split()):
                raise ValueError(f"{test.name} runs another text than its model")
    return models


def rendered(text: str, relations: dict[str, str]) -> str:
    """Return a text as SQL that can be run, reading the relations given."""
    sql = _USE.sub(
        lambda use: (
            "(select thresholds.amount from ref('thresholds') as thresholds "
            f"where thresholds.threshold = '{use[1]}')"
        ),
        text,
    )
    return _REF.sub(lambda ref: relations[ref[1]], sql)


def readable(compiled: str) -> str:
    """Return compiled SQL with its references and thresholds put back."""
    text = _FIXTURE.sub(r"ref('\1')", _RELATION.sub(r"ref('\1')", compiled))
    return _THRESHOLD.sub(r"threshold('\1')", text).strip() + "\n"


def _model(
    node: dict[str, Any], target: Path, project: Path, tests: list[UnitTest]
) -> Model:
    compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
    source = (project / node["original_file_path"]).read_text("utf-8")
    return Model(
        name=node["name"],
        folder=node["fqn"][1],
        text=readable(compiled.read_text("utf-8")),
        source=source,
        reads=tuple(n.rpartition(".")[2] for n in node["depends_on"]["nodes"]),
        tests=tuple(sorted(tests, key=lambda test: test.name)),
    )


def _in_order(nodes: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the models, each after those it reads; by name where both may come."""
    ordered: dict[str, dict[str, Any]] = {}

    def add(name: str) -> None:
        if name in nodes and name not in ordered:
            for read_first in sorted(nodes[name]["depends_on"]["nodes"]):
                add(read_first.rpartition(".")[2])
            ordered[name] = nodes[name]

    for name in sorted(nodes):
        add(name)
    return list(ordered.values())


def _unit_test(name: str, sql: str) -> UnitTest:
    columns = _ACTUAL_COLUMNS.search(sql)
    if columns is None:
        raise ValueError(f"{name} is not in the form that dbt 1.11 writes")
    actual, after = _inside_from(sql, columns.end())
    expected, _ = _inside_from(sql, sql.index("dbt_internal_unit_test_expected", after))
    fixtures, text = _split(actual)
    return UnitTest(name, columns[1], fixtures, expected, readable(text))


def _inside_from(sql: str, start: int) -> tuple[str, int]:
    """Return what the next `from (...)` encloses, and where it ends."""
    match = re.compile(r"\bfrom\s+(?=\()").search(sql, start)
    if match is None:
        raise ValueError("no subquery follows")
    end = closing(sql, match.end())
    return sql[match.end() + 1 : end], end


def _split(actual: str) -> tuple[dict[str, str], str]:
    """Return the fixtures that dbt put before a model, and the model's own text."""
    fixtures, position = {}, 0
    first = True
    while (head := _FIXTURE_HEAD.search(actual, position)) is not None:
        if not first and actual[position : head.start()].strip():
            break
        first = False
        end = closing(actual, head.end())
        fixtures[head[1]] = actual[head.end() + 1 : end]
        position = end + 1
    rest = actual[position:].strip()
    return fixtures, f"with {rest[1:]}" if rest.startswith(",") else rest
