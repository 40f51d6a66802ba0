"""The guards of the landing and raw stages, made from the input contract."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from pipelines.checks import records
from pipelines.checks.expectations import run_suite
from pipelines.checks.results import CheckResult
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.landing import LandedFeed


def check_landing(
    landing_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    run_id: str,
    maximum_quarantined_share: float,
) -> list[CheckResult]:
    """Run the landing suites on a delivery that is laid out.

    Args:
        landing_file: Where it is laid out (`landing.py`).
        delivery: Whose rows they are.
        landed: What landed, by feed.
        run_id: The run whose guard this is.
        maximum_quarantined_share: Share of rows (0-1) that one row rule may
            refuse; a rule broken by more becomes critical.

    Returns:
        One result per check.
    """
    results = []
    for name in landed:
        found = run_suite(
            landing_file,
            name,
            _suite("landing", name)(FEEDS[name], delivery.source.kind == "full"),
            stage="landing",
            run_id=run_id,
            source=delivery.source.name,
            load_id=delivery.load_id,
        )
        rules = {rule.check_id for rule in FEEDS[name].row_rules}
        results += [
            _escalate(result, maximum_quarantined_share)
            if result.check_id in rules
            else result
            for result in records.with_counts(landing_file, name, found)
        ]
    return results


def check_raw(
    raw_file: Path, delivery: Delivery, landed: dict[str, LandedFeed], run_id: str
) -> list[CheckResult]:
    """Run the raw suites on the rows that one load wrote."""
    where = {
        "stage": "raw",
        "run_id": run_id,
        "source": delivery.source.name,
        "load_id": delivery.load_id,
    }
    only_this_load = f"where load_id = '{delivery.load_id}'"
    results = run_suite(
        raw_file,
        "load_feeds",
        _suite("raw", "load_feeds")(),
        query=f"select * from load_feeds {only_this_load}",
        **where,
    )
    for name in landed:
        results += run_suite(
            raw_file,
            name,
            _suite("raw", name)(FEEDS[name], delivery.load_id),
            query=f"select * from {name} {only_this_load}",
            **where,
        )
    return results


def _escalate(result: CheckResult, maximum_share: float) -> CheckResult:
    """A row rule broken by too many rows is the extract's fault, not the rows'."""
    is_broken = result.status == "fail" and result.failed_count
    if is_broken and result.failed_count > maximum_share * result.tested_count:
        return replace(result, severity="critical")
    return result


def _suite(stage: str, table: str):
    return import_module(f"expectations.{stage}.{table}").suite
