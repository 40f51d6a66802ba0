"""The catalogue: every check of every stage, with why it matters and how to mend it.

A record check says all of it itself. What a row rule, a test of a model or a structural
check does not say is derived from its feed or table, its column and its kind, so that no
entry leaves a person without an owner, an output and a next step.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import yaml

from expectations.records import RecordCheck, record_checks
from pipelines.checks import catalogue_words as words
from pipelines.intake.contract import RowRule
from pipelines.intake.drift import checks as drift_checks
from pipelines.intake.feeds import FEEDS
from pipelines.release.reports import QUALITY_REPORTS, REPORTS
from pipelines.settings import PROJECT_ROOT
from pipelines.transform_results import check_id_of

PROJECT = PROJECT_ROOT / "dbt_project" / "dbt_project.yml"
MODELS = PROJECT.parent / "models"
SEEDS = PROJECT.parent / "seeds"
"""Built and tested with the models of `staging`."""

WITH_SCHEMA = ("estimates", "reports")
"""Stages whose results name a table with its schema, as a source's are."""

ESTIMATES = ("effects", "diagnostics", "curves")
CATEGORIES = {"not_null": "completeness"}
"""Category of a dbt test that does not say its own; otherwise conformance."""


@dataclass(frozen=True)
class Entry:
    """One check: what it is, what it means, and who does what when it fails."""

    stage: str
    table_name: str
    check_id: str
    """All three as in `quality.check_results`."""

    category: str
    severity: str
    owner: str
    """A role, never a person."""

    why: str
    taints: tuple[str, ...]
    """Ids of `expectations.outputs.OUTPUTS`."""

    fix: str
    unit: str
    """What is counted."""

    query: str = ""
    """Finds what breaks it; empty where the check is not a query on rows."""

    tolerated_share: float = 0.0
    tolerated_why: str = ""


def entries() -> tuple[Entry, ...]:
    """Return every check, stage by stage in the order of a run."""
    return (
        *(entry for feed in FEEDS for entry in _landing(feed)),
        *(Entry(**asdict(check)) for check in drift_checks.entries()),
        *_suite("raw", "loads"),
        *_suite("raw", "load_feeds"),
        *(e for feed in FEEDS for e in _suite("raw", feed, FEEDS[feed], "")),
        *_models("staging", SEEDS),
        *_models("staging"),
        *_models("intermediate"),
        *_models("marts"),
        *(entry for table in ESTIMATES for entry in _suite("estimates", table)),
        *_models("aggregates"),
        *_reports(),
    )


def _landing(feed: str) -> Iterator[Entry]:
    rules = {rule.check_id: rule for rule in FEEDS[feed].row_rules}
    records = {check.check_id: check for check in record_checks(feed)}
    for entry in _suite("landing", feed, FEEDS[feed]):
        if entry.check_id in records:
            yield _of_record(records[entry.check_id])
        elif entry.check_id in rules:
            yield _of_rule(feed, rules[entry.check_id])
        else:
            yield entry


def _of_record(check: RecordCheck) -> Entry:
    return Entry(
        "landing",
        check.feed,
        check.check_id,
        check.category,
        check.severity,
        check.owner,
        check.why,
        check.taints,
        check.fix,
        check.unit,
        check.query,
        check.tolerated_share,
        check.tolerated_why,
    )


def _of_rule(feed: str, rule: RowRule) -> Entry:
    columns = tuple(column.name for column in FEEDS[feed].columns)
    return Entry(
        "landing",
        feed,
        rule.check_id,
        rule.category,
        "warning",
        words.owner_of_feed(feed),
        rule.why,
        words.taints_of_rule(feed, columns, rule.check_id),
        words.fix_of_rule(rule.check_id),
        words.UNITS[feed],
        f"select row_position from {feed} where {rule.breaks}",
    )


def _suite(stage: str, table: str, *arguments, **named) -> Iterator[Entry]:
    """Entries of an expectation suite of which nothing more is said."""
    suite = import_module(f"expectations.{stage}.{table}").suite(*arguments, **named)
    for check in suite.expectations:
        severity = getattr(check.severity, "value", check.severity)
        yield Entry(
            stage,
            f"{stage}.{table}" if stage in WITH_SCHEMA else table,
            check.meta["check_id"],
            check.meta["category"],
            severity,
            words.owner_of_stage(stage),
            check.meta["why"],
            words.taints_of_table(table),
            words.FIXES_BY_STAGE[stage],
            words.UNITS.get(table, "row"),
        )


def _reports() -> Iterator[Entry]:
    for report in (*REPORTS, *QUALITY_REPORTS):
        yield from _suite(
            "reports",
            report.name,
            key=report.key,
            counts=report.counts,
            rates=tuple(rate.name for rate in report.rates),
            minimum=11,
        )


def _models(stage: str, folder: Path | None = None) -> Iterator[Entry]:
    for path in sorted((folder or MODELS / stage).glob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        tables = [(table, stage) for table in document.get("models", [])]
        tables += [(table, "seeds") for table in document.get("seeds", [])]
        for source in document.get("sources", []):
            tables += [(table, source["name"]) for table in source.get("tables", [])]
        for table, schema in tables:
            yield from _of_table(stage, schema, table)
        for test in document.get("unit_tests", []):
            yield _of_model(
                stage,
                test["model"],
                check_id_of(test["name"], test["model"], None, "unit_test"),
                "unit_test",
                why=test.get("description", ""),
            )


def _of_table(stage: str, schema: str, table: dict) -> Iterator[Entry]:
    """Entries of a model, a seed (schema `seeds`) or a table of a source."""
    is_built = schema in (stage, "seeds")
    name = table["name"] if is_built else f"{schema}.{table['name']}"
    relation = f"{schema}.{table['name']}"
    if is_built and _is_contract_enforced(schema):
        yield _of_model(stage, name, "contract_holds", "contract")
    for test in table.get("data_tests", []):
        yield _of_test(stage, name, relation, None, test)
    for column in table.get("columns", []):
        for test in column.get("data_tests", []):
            yield _of_test(stage, name, relation, column["name"], test)


@cache
def _is_contract_enforced(folder: str) -> bool:
    """Say whether the project holds every model of a folder to its yml."""
    document = yaml.safe_load(PROJECT.read_text(encoding="utf-8"))
    settings = document["models"][document["name"]].get(folder, {})
    return settings.get("+contract", {}).get("enforced", False)


def _of_test(
    stage: str, model: str, relation: str, column: str | None, test: str | dict
) -> Entry:
    kind, settings = (test, {}) if isinstance(test, str) else next(iter(test.items()))
    settings = settings or {}
    config = settings.get("config") or {}
    meta = config.get("meta") or {}
    expression = (settings.get("arguments") or {}).get("expression")
    return _of_model(
        stage,
        model,
        check_id_of(settings.get("name") or "", model, column, kind),
        kind,
        category=meta.get("category", CATEGORIES.get(kind, "conformance")),
        severity="warning" if config.get("severity") == "warn" else "critical",
        why=settings.get("description") or meta.get("why") or "",
        query=f"select * from {relation} where not ({_one_line(expression)})"
        if kind == "expression_is_true" and expression
        else "",
    )


def _of_model(
    stage: str,
    model: str,
    check_id: str,
    kind: str,
    *,
    category: str = "conformance",
    severity: str = "critical",
    why: str = "",
    query: str = "",
) -> Entry:
    return Entry(
        stage,
        model,
        check_id,
        category,
        severity,
        words.owner_of_stage(stage, severity),
        _one_line(why) or words.WHY_BY_KIND.get(kind, words.WHY_OF_MODELS),
        words.taints_of_table(model.rpartition(".")[2]),
        words.FIXES_BY_SEVERITY[severity],
        "rule" if kind in ("contract", "unit_test") else "row",
        query,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def write_all(docs: Path) -> list[Path]:
    """Write every generated page; returns those whose text changed."""
    from pipelines.checks import casebook, catalogue_page, rules
    from pipelines.intake import dictionary
    from pipelines.simulate import document
    from pipelines.simulate.faults import document as faults_document
    from pipelines.simulate.tripwire import document as tripwire_document
    from pipelines.simulate.validation import document as validation_document

    changed = []
    for name, render_page in (
        ("data_dictionary.md", dictionary.render),
        ("checks.md", catalogue_page.render),
        ("methods.md", rules.render),
        ("casebook.md", casebook.render),
        ("faults.md", faults_document.render),
        ("simulator.md", document.render),
        ("tripwire.md", tripwire_document.render),
        ("validation.md", validation_document.render),
    ):
        path, text = docs / name, render_page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
