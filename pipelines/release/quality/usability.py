"""`quality.usability`: can this output be trusted, and if not, why (docs/drift.md).

Red: a critical check that feeds it failed or could not be evaluated, or a warning is
beyond its red share, or too many rows of its feeds were refused. Amber: a warning is
beyond what is tolerated, rows were refused, a source is late, or the newest delivery is
not as the ones before. Not measured: no source sends what it needs, or nothing is red
and the release shows nothing of it. Else green.
"""

from pathlib import Path

import duckdb

from expectations.outputs import BY_COLUMN, BY_FEED, OUTPUTS, Output
from pipelines.intake.drift import checks
from pipelines.intake.feeds import FEEDS
from pipelines.reporting.quality_rows import source_label

RED_SHARE = 0.10
"""Share of failed units (0-1) from which a warning makes an output red: one in ten of
what it rests on is in doubt, more than the difference between any two sites or months
that is worth telling."""

RED_OF_TOLERATED = 2.0
"""A check that tolerates more than half of that is red at twice what it tolerates."""

AMBER_REFUSED_SHARE = 0.01
"""Share of a feed's rows (0-1) refused by row rules from which its outputs are amber:
the slips of typing of a sound extract lie below it."""

RED_REFUSED_SHARE = 0.05
"""The same for red. One rule alone refuses the delivery at this share by default
(`maximum_quarantined_share`); several rules together can pass it."""

FEWEST_OF_NEWEST = 30
"""Units of the newest delivery from which it is judged by itself as well: of fewer, red
would rest on three of them or less. Its source is judged whatever it sends."""

REASONS_TOLD = 3
"""Reasons that are told in full; the others are counted."""

BY_MONTH = "rpt_measures_by_month"
"""Outputs with this report are judged month by month as well."""

NAMING_SOURCES = (
    "check_results",
    "checks_by_month",
    "freshness",
    "reconciliation",
    "refused_by_month",
)
"""Tables whose sources a reason can name."""

FOLDER = Path(__file__).parent


def make(con: duckdb.DuckDBPyConnection, minimum: int, base: int) -> None:
    """Write quality.usability and quality.usability_by_month.

    Args:
        con: The build, open for writing; quality.check_catalogue, .check_results,
            .checks_by_month, .refused_by_month, .reconciliation, .freshness and .drift
            are there.
        minimum: Smallest count of people that may be told; 1 hides nothing.
        base: Counts are rounded to a multiple of it before a share is told.
    """
    _describe_outputs(con)
    _name_sources(con)
    con.execute(
        "create or replace temp table limits as select $red_share as red_share, "
        "$red_of_tolerated as red_of_tolerated, $amber_refused as amber_refused, "
        "$red_refused as red_refused, $minimum as minimum, $base as base, "
        "$reasons_told as reasons_told, $fewest_of_newest as fewest_of_newest",
        {
            "red_share": RED_SHARE,
            "red_of_tolerated": RED_OF_TOLERATED,
            "amber_refused": AMBER_REFUSED_SHARE,
            "red_refused": RED_REFUSED_SHARE,
            "minimum": minimum,
            "base": base,
            "reasons_told": REASONS_TOLD,
            "fewest_of_newest": FEWEST_OF_NEWEST,
        },
    )
    for name in ("findings", "usability", "usability_by_month"):
        con.execute((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def _describe_outputs(con: duckdb.DuckDBPyConnection) -> None:
    """Make `outputs`, `output_feeds` and `drift_checks`, from what the checks name."""
    con.execute(
        "create or replace temp table outputs (output_id varchar, title varchar, "
        "is_measured boolean, is_by_month boolean)"
    )
    con.executemany(
        "insert into outputs values (?, ?, ?, ?)",
        [
            (name, output.title, _has_content(con, output), BY_MONTH in output.reports)
            for name, output in OUTPUTS.items()
        ],
    )
    con.execute(
        "create or replace temp table output_feeds (output_id varchar, feed varchar, "
        "column_name varchar)"
    )
    con.executemany("insert into output_feeds values (?, ?, ?)", _used())
    con.execute(
        "create or replace temp table drift_checks (table_name varchar, check_id varchar)"
    )
    con.executemany(
        "insert into drift_checks values (?, ?)",
        [(check.table_name, check.check_id) for check in checks.entries()],
    )
    con.execute(
        "create or replace temp table row_rules (feed varchar, check_id varchar)"
    )
    con.executemany(
        "insert into row_rules values (?, ?)",
        [
            (feed.name, rule.check_id)
            for feed in FEEDS.values()
            for rule in feed.row_rules
        ],
    )


def _name_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Make `label_of`: a source as the pages call it; one without a label is quoted."""
    rows = con.execute(
        " union ".join(f"select source from quality.{name}" for name in NAMING_SOURCES)
    ).fetchall()
    con.execute(
        "create or replace temp table source_labels (source varchar, label varchar)"
    )
    named = [(source, source_label(source)) for (source,) in rows if source]
    if named:
        con.executemany("insert into source_labels values (?, ?)", named)
    con.execute(
        "create or replace temp macro label_of(name) as coalesce("
        "(select label from source_labels where source_labels.source = name), "
        "'\"' || name || '\"')"
    )


def _used() -> list[tuple[str, str, str]]:
    """Return output, feed and column: which rows each output is made of.

    The column is empty where the whole feed counts; an output that no feed feeds as a
    whole needs one of the columns that are named.
    """
    of_feeds = {(output, feed, "") for feed in FEEDS for output in BY_FEED[feed]}
    whole = {output for output, _, _ in of_feeds}
    of_columns = {
        (output, feed.name, column.name)
        for feed in FEEDS.values()
        for column in feed.columns
        for output in BY_COLUMN.get(column.name, ())
        if output not in whole
    }
    return sorted(of_feeds | of_columns)


def _has_content(con: duckdb.DuckDBPyConnection, output: Output) -> bool:
    """Say whether this release shows anything under the output's title.

    An output of no report, comparison or measure is judged by its feeds alone.
    """
    tests = []
    if output.measures:
        listed = ", ".join(f"'{name}'" for name in output.measures)
        tests.append(
            "from reports.rpt_measures where status = 'measured' "
            f"and measure_id in ({listed})"
        )
    else:
        tests += [
            f"from reports.{name} limit 1"
            for name in output.reports
            if _exists(con, "reports", name)
        ]
    if output.comparisons and _exists(con, "estimates", "effects"):
        named = " or ".join(
            f"starts_with(comparison_id, '{name}')" for name in output.comparisons
        )
        tests.append(f"from estimates.effects where exposed_count > 0 and ({named})")
    if not tests:
        return not output.comparisons
    return any(con.execute(f"select 1 {test}").fetchone() for test in tests)


def _exists(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    row = con.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = ? "
        "and database_name = current_database()",
        [schema, table],
    ).fetchone()
    return row[0] > 0
