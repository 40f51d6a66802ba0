"""Read what one `dbt build` found, and let no value from a row through.

dbt's own messages, and DuckDB's inside them, can repeat values. Names, statuses
and counts are safe; a message is shown only if `scrub` knows its kind.
"""

import logging
import re
from typing import Any

from pipelines.checks.results import CheckResult, now

logger = logging.getLogger(__name__)

CATEGORIES = {
    "not_null": "completeness",
    "share_filled_at_least": "completeness",
    "expression_is_true": "plausibility",
    "points_within_instrument_range": "plausibility",
}
"""Category of a test that states none in its config.meta; else conformance."""

SHOWN_KINDS = (
    "Binder Error",
    "Catalog Error",
    "Compilation Error",
    "Parser Error",
    "Parsing Error",
)
"""Kinds of messages about code; they name tables, columns and our own SQL."""

WRAPPING_KINDS = ("Database Error", "Runtime Error")
"""What dbt puts around another message; says nothing by itself."""

KNOWN_KINDS = (
    *SHOWN_KINDS,
    "Constraint Error",
    "Conversion Error",
    "Fatal Error",
    "IO Error",
    "Internal Error",
    "Invalid Input Error",
    "Memory Error",
    "Range Error",
)
"""Kinds that may be named; anything else could be a value that looks like one."""

STATUSES = {
    "success": "pass",
    "pass": "pass",
    "warn": "fail",
    "fail": "fail",
    "error": "error",
    "runtime error": "error",
}

_KIND = re.compile(r"\b((?:[A-Z][A-Za-z]*[ ])+?(?:Error|Exception))\b")
_PATH = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)*[\w.+-]+")
_CONTRACT = "enforced contract that failed"
_LONGEST_SHOWN = 1500


def read_results(
    run_results: dict[str, Any], manifest: dict[str, Any], run_id: str, stage: str
) -> list[CheckResult]:
    """Turn dbt's run_results.json into check results; log scrubbed messages.

    Args:
        run_results: The parsed run_results.json of one `dbt build`.
        manifest: The parsed manifest.json of the same one.
        run_id: The run that was building.
        stage: The stage that was built.

    Returns:
        The results in dbt's order, by node. `skipped` nodes have none.
    """
    checked_at = now()
    nodes = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    results = []
    for outcome in sorted(run_results["results"], key=lambda o: o["unique_id"]):
        node = nodes[outcome["unique_id"]]
        status = outcome["status"]
        if status == "skipped":
            continue
        is_test = node["resource_type"] in ("test", "unit_test")
        check = _test(node, manifest) if is_test else _built(node, outcome)
        if check is None:
            continue
        if status not in ("success", "pass"):
            level = logging.WARNING if status == "warn" else logging.ERROR
            logger.log(
                level,
                "%s: %s.%s: %s",
                stage,
                check["table_name"],
                check["check_id"],
                _explain(outcome, is_test),
            )
        results.append(
            CheckResult(
                run_id=run_id,
                stage=stage,
                tool="dbt",
                status=STATUSES.get(status, "error"),
                tested_count=None,
                failed_count=_failed_count(node, outcome),
                source=None,
                load_id=None,
                checked_at=checked_at,
                **check,
            )
        )
    return results


def scrub(message: str | None) -> str:
    """Return what may be shown of a message from dbt or DuckDB.

    A broken contract is shown as its list of columns and types. A message about
    code is shown, without the paths of this machine, if it starts as dbt or DuckDB
    start one and every kind it mentions is one of `SHOWN_KINDS`. Of any other only the kinds are named: conversion,
    constraint and input errors repeat the value they stumbled over.
    """
    text = message or ""
    kinds = list(dict.fromkeys(kind.strip() for kind in _KIND.findall(text)))
    telling = [kind for kind in kinds if kind not in WRAPPING_KINDS]
    start = min((text.find(kind) for kind in telling), default=0)
    wrapping = text[:start].strip()
    is_about_code = telling and all(kind in SHOWN_KINDS for kind in telling)
    if not is_about_code or (wrapping and not wrapping.startswith(WRAPPING_KINDS)):
        named = ", ".join(kind for kind in telling if kind in KNOWN_KINDS)
        return f"{named or 'Error'} (details withheld: they can repeat a value)"
    shown = _PATH.sub("<path>", text[start:].strip())
    return shown[:_LONGEST_SHOWN]


def _test(node: dict[str, Any], manifest: dict[str, Any]) -> dict[str, str]:
    """Name the table, check, category and severity of a data or unit test."""
    config = node["config"]
    if node["resource_type"] == "unit_test":
        table, kind, severity = node["model"], "unit_test", "critical"
        name = node["name"]
    else:
        table = _table_tested(node, manifest)
        kind = (node.get("test_metadata") or {}).get("name", "")
        severity = "warning" if config["severity"].lower() == "warn" else "critical"
        name = node["name"]
    category = (config.get("meta") or {}).get("category")
    return {
        "table_name": table,
        "check_id": check_id_of(name, table, node.get("column_name"), kind),
        "category": category or CATEGORIES.get(kind, "conformance"),
        "severity": severity,
    }


def check_id_of(name: str, table: str, column: str | None, kind: str) -> str:
    """Return the id of a test's check, in the results and in the catalogue alike.

    Args:
        name: The test's name, as dbt or its yml states it; empty where none is known.
        table: The table tested, with its source where it is one of a source.
        column: The column tested; none where the whole row is.
        kind: The generic test.
    """
    prefix = f"{table.replace('.', '_')}__"
    if name.startswith(prefix):
        return name.removeprefix(prefix)
    return f"{column}_{kind}" if column else name


def _table_tested(node: dict[str, Any], manifest: dict[str, Any]) -> str:
    parent = node.get("attached_node")
    if parent is None:
        # A test on a source is attached to none; its own table comes last.
        parent = node["depends_on"]["nodes"][-1]
    if parent in manifest["sources"]:
        source = manifest["sources"][parent]
        return f"{source['source_name']}.{source['name']}"
    return manifest["nodes"][parent]["name"]


def _built(node: dict[str, Any], outcome: dict[str, Any]) -> dict[str, str] | None:
    """Name the check that building a model is: its contract, or that it builds."""
    has_contract = (node["config"].get("contract") or {}).get("enforced", False)
    failed = outcome["status"] != "success"
    broke_contract = failed and _CONTRACT in (outcome["message"] or "")
    if not failed and not has_contract:
        return None
    return {
        "table_name": node["name"],
        "check_id": "contract_holds"
        if broke_contract or not failed
        else f"{node['resource_type']}_can_be_built",
        "category": "conformance",
        "severity": "critical",
    }


def _explain(outcome: dict[str, Any], is_test: bool) -> str:
    if is_test and outcome["status"] in ("fail", "warn"):
        return f"does not hold, {outcome.get('failures') or 0} row(s) or group(s)"
    return scrub(outcome["message"])


def _failed_count(node: dict[str, Any], outcome: dict[str, Any]) -> int | None:
    if node["resource_type"] != "test" or outcome["status"] in ("error",):
        return None
    return outcome.get("failures") or 0
