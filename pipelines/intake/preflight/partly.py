"""What can be said of the feeds of a delivery that does not load as it is."""

import duckdb

from pipelines.checks.results import CheckResult
from pipelines.intake.contract import Feed, instrument_ranges
from pipelines.intake.preflight.columns import Examined
from pipelines.intake.preflight.findings import FeedFound


def feeds_examined(
    examined: list[Examined], results: tuple[CheckResult, ...]
) -> tuple[FeedFound, ...]:
    """Return what is in each feed of a delivery that would be refused.

    Args:
        examined: How each feed's columns fit.
        results: What the guards said about the rows.
    """
    found = []
    for one in examined:
        if not one.rows:
            continue
        failed = [
            result.failed_count or 0
            for result in results
            if result.table_name == one.feed.name and quarantines(one.feed, result)
        ]
        names = {name.removesuffix("_day") for name in one.sent}
        sent = tuple(
            column.name
            for column in one.feed.columns
            if column.name in one.sent or column.name.removesuffix("_on") in names
        )
        absent = tuple(c.name for c in one.feed.columns if c.name not in sent)
        found.append(
            # rows that break several rules are counted once, by the rule that most do
            FeedFound(
                one.feed.name, one.row_count, None, max(failed, default=0), sent, absent
            )
        )
    return tuple(found)


def instruments_in(
    con: duckdb.DuckDBPyConnection, rows: dict[str, str]
) -> frozenset[str]:
    """Return the instruments of the contract that the rows name.

    Args:
        con: The delivery's confined connection.
        rows: Rows of each feed, as a query in brackets.
    """
    if "assessments" not in rows:
        return frozenset()
    try:
        found = con.execute(
            f"select distinct instrument::varchar from {rows['assessments']}"
        ).fetchall()
    except duckdb.BinderException:
        return frozenset()  # the column is missing, which has been told
    return frozenset(row[0] for row in found) & frozenset(instrument_ranges())


def quarantines(feed: Feed | None, result: CheckResult) -> bool:
    """Tell whether a check is a row rule, whose rows are quarantined."""
    rules = feed.row_rules if feed else ()
    return any(rule.check_id == result.check_id for rule in rules)
