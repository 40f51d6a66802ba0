"""The guards of the landing and raw stages, made from the input contract."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from pipelines.checks import records
from pipelines.checks.expectations import opened
from pipelines.checks.results import CheckResult
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.landing import LandedFeed
from pipelines.settings import Intake


def check_landing(
    landing_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    run_id: str,
    limits: Intake,
    config: dict[str, str | int] | None = None,
) -> list[CheckResult]:
    """Run the landing suites on a delivery that is laid out.

    Args:
        landing_file: Where it is laid out (`landing.py`).
        delivery: Whose rows they are.
        landed: What landed, by feed.
        run_id: The run whose guard this is.
        limits: Share of a feed's rows that one row rule may refuse (a rule broken
            by more becomes critical), and share that all of them together may.
        config: DuckDB's memory limit and threads (`Settings.duckdb_config`).

    Returns:
        One result per check.
    """
    where = {"source": delivery.source.name, "load_id": delivery.load_id}
    is_whole = delivery.source.kind == "full"
    found: dict[str, list[CheckResult]] = {}
    with opened(landing_file, stage="landing", run_id=run_id, config=config) as guard:
        for name, item in landed.items():
            suite = _suite("landing", name)(
                FEEDS[name],
                is_whole,
                had_rows=item.had_rows,
                refused_share=limits.maximum_quarantined_rows_share,
            )
            found[name] = guard.check(name, suite, **where)
    results = []
    for name, of_feed in found.items():
        rules = {rule.check_id for rule in FEEDS[name].row_rules}
        results += [
            _escalate(result, limits.maximum_quarantined_share)
            if result.check_id in rules
            else result
            for result in records.with_counts(landing_file, name, of_feed)
        ]
    return results


def check_raw(
    raw_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    run_id: str,
    config: dict[str, str | int] | None = None,
) -> list[CheckResult]:
    """Run the raw suites on the rows that one load wrote."""
    where = {"source": delivery.source.name, "load_id": delivery.load_id}
    suites = {name: _suite("raw", name)() for name in ("loads", "load_feeds")} | {
        name: _suite("raw", name)(FEEDS[name], delivery.load_id) for name in landed
    }
    results = []
    with opened(raw_file, stage="raw", run_id=run_id, config=config) as guard:
        for name, suite in suites.items():
            query = f"select * from {name} where load_id = '{delivery.load_id}'"
            results += guard.check(name, suite, query=query, **where)
    return results


def _escalate(result: CheckResult, maximum_share: float) -> CheckResult:
    """A row rule broken by too many rows is the extract's fault, not the rows'."""
    is_broken = result.status == "fail" and result.failed_count
    if is_broken and result.failed_count > maximum_share * result.tested_count:
        return replace(result, severity="critical")
    return result


def _suite(stage: str, table: str):
    return import_module(f"expectations.{stage}.{table}").suite
