"""The suppressed `reports` tables, and how a figure's rows are printed or saved.

Nothing is computed here: a number that a table does not hold does not appear.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import duckdb

from pipelines.errors import PipelineError
from pipelines.reporting import formatting as fmt

Row = Mapping[str, Any]
Rows = tuple[Row, ...]

TABLES: Mapping[str, str] = {
    "sources": "source owner contact disclosure_profile data_to patients_count "
    "is_simulated",
    "comparisons": "comparison_id question_ids question population exposed_label "
    "comparator_label design time_zero caveats protocol_version protocol_hash "
    "primary_outcome_id primary_estimator_id family eligibility exposed_arm "
    "exposed_strategy comparator_arm comparator_strategy assignment follow_up "
    "causal_contrast target covariates subgroups decided_on",
    "outcomes_of_comparison": "comparison_id outcome_id measure month role "
    "exposed_treatment comparator_treatment",
    "diagnostics_by_comparison": "comparison_id outcome_id population_id estimator_id "
    "diagnostic_id arm people_count value limit_low limit_high is_passed note "
    "is_suppressed",
    "effects_by_comparison": "comparison_id outcome_id population_id estimator_id "
    "specification_id scale exposed_count comparator_count exposed_observed_count "
    "comparator_observed_count exposed_level comparator_level estimate estimate_low "
    "estimate_high p_value p_value_holm is_randomised is_primary is_withheld "
    "withheld_reason is_suppressed exposed_effective_count comparator_effective_count",
    "scores_by_arm_and_follow_up": "comparison_id arm instrument follow_up_month "
    "people_count observed_count mean_points mean_low mean_high is_suppressed",
    "outcomes_by_arm_and_follow_up": "comparison_id arm instrument follow_up_month "
    "people_count observed_count response_eligible_count response_count "
    "remission_count response_rate remission_rate is_suppressed",
    "patient_flow_by_arm": "comparison_id arm step_number step people_count "
    "is_suppressed",
    "questions": "question_id claim question status answer comparison_id",
    "data_quality_by_check": "stage table_name check_id tool category severity status "
    "tested_count failed_count",
    "data_quality_by_stage": "stage checks_count passed_count warnings_count "
    "failed_count",
    "not_measured": "source table_name column_name needs reason",
    "reconciliation_by_feed": "source feed yielded_count loaded_count "
    "quarantined_count duplicate_count is_supplied",
    "instruments": "instrument name min_points max_points "
    "minimal_important_difference_points mild_from_points moderate_from_points "
    "moderately_severe_from_points severe_from_points remission_below_points "
    "response_floor_points",
}
"""The columns read from each `reports.rpt_<name>`."""

EXTRA: Mapping[str, str] = {
    "instruments": "is_lower_better very_severe_from_points "
    "minimal_important_difference_share",
}
"""Columns read where a table has them; without one the page says less."""

OPTIONAL: Mapping[str, str] = {
    "usability_by_report": "report title status reasons failing_checks_count "
    "late_sources_count worst_check_id",
    "usability_by_month": "output_id title month status reasons",
    "freshness_by_source": "source owner contact kind is_in_force last_sent_on "
    "newest_delivery_on data_to expected_every_days next_due_on is_late",
    "checks_by_feed_and_month": "source feed check_id month tested_count "
    "failed_count failed_rate is_suppressed",
    "refused_deliveries": "source delivery refused_at kind reason tries_count",
    "drift_by_feed": "source feed measure grain earlier_value value limit_value "
    "is_beyond",
    "check_catalogue": "stage table_name check_id category severity owner why "
    "taints fix unit query tolerated_share tolerated_why",
}
"""The columns read from each `reports.rpt_<name>` that a release may lack.

Absent is not empty: a page says that a release does not tell of refused deliveries,
never that none was refused.
"""


@dataclass(frozen=True)
class Reports:
    """Every table of `reports`, each row a mapping from column to value."""

    sources: Rows
    comparisons: Rows
    outcomes_of_comparison: Rows
    diagnostics_by_comparison: Rows
    effects_by_comparison: Rows
    scores_by_arm_and_follow_up: Rows
    outcomes_by_arm_and_follow_up: Rows
    patient_flow_by_arm: Rows
    questions: Rows
    data_quality_by_check: Rows
    data_quality_by_stage: Rows
    not_measured: Rows
    reconciliation_by_feed: Rows
    instruments: Rows
    usability_by_report: Rows | None = None
    usability_by_month: Rows | None = None
    freshness_by_source: Rows | None = None
    checks_by_feed_and_month: Rows | None = None
    refused_deliveries: Rows | None = None
    drift_by_feed: Rows | None = None
    check_catalogue: Rows | None = None


def read_reports(con: duckdb.DuckDBPyConnection) -> Reports:
    """Read the `reports` schema, each table ordered by all its columns.

    Args:
        con: A connection that can see the schema `reports`; it is only read.

    Returns:
        The rows; a table of `OPTIONAL` that is not there is None.

    Raises:
        PipelineError: A table or a column of the contract is missing.
    """
    found = con.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'reports'"
    ).fetchall()
    there = {table.removeprefix("rpt_") for (table,) in found}
    wanted = [*TABLES, *(name for name in OPTIONAL if name in there)]
    return Reports(**{name: _read(con, name) for name in wanted})


def _read(con: duckdb.DuckDBPyConnection, name: str) -> Rows:
    columns = {**TABLES, **OPTIONAL}[name].split()
    extra = set(EXTRA.get(name, "").split())
    try:
        relation = con.table(f"reports.rpt_{name}")
        columns += sorted(extra & set(relation.columns))
        rows = relation.project(", ".join(columns)).order("all").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise PipelineError(
            f"reports.rpt_{name} lacks a table or column that pages are made from. It "
            f"must have: {', '.join(columns)}. Run `outcomes build --stage reports`."
        ) from error
    return tuple(
        dict(zip(columns, map(_plain, values), strict=True)) for values in rows
    )


def _plain(value: Any) -> Any:
    """Turn a decimal into a float: charts and JSON know no decimals."""
    return float(value) if isinstance(value, Decimal) else value


Kind = Literal["text", "count", "points", "deviations", "share", "estimate", "p"]
"""How a value is printed; an estimate has a decimal more where it is not in points."""


@dataclass(frozen=True)
class Column:
    """One column of a figure's table: which value, under which heading, printed how."""

    key: str
    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """The rows behind a figure: its alternative on the page and its CSV."""

    columns: tuple[Column, ...]
    rows: Rows

    def cells(self) -> list[list[str]]:
        """Return the rows as text for people; a value not shown says why."""
        return [[_shown(row, column) for column in self.columns] for row in self.rows]

    def csv(self) -> str:
        """Return the rows for a spreadsheet, values as they were published.

        Text that a spreadsheet would run as a formula is quoted with an apostrophe.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(column.label for column in self.columns)
        for row in self.rows:
            writer.writerow(_saved(row, column.key) for column in self.columns)
        return out.getvalue()


ESTIMATE_DIGITS = {"mean_difference": 1, "time_lost_difference_days": 0}
"""Decimals of an estimate by its scale; two where it is not here."""


def why_absent(row: Row) -> str:
    """Say why a row's numbers are null: withheld, hidden, or nothing to say."""
    if row.get("is_withheld"):
        return "withheld"
    return "hidden" if row.get("is_suppressed") else ""


def _shown(row: Row, column: Column) -> str:
    value = row.get(column.key)
    if value is None:
        return why_absent(row) if column.kind != "text" else ""
    match column.kind:
        case "count":
            return fmt.count(int(value))
        case "points":
            return fmt.number(value, 1)
        case "deviations":
            return fmt.number(value, 2)
        case "share":
            return f"{fmt.per_hundred(value, 1)}%"
        case "estimate":
            return fmt.number(value, ESTIMATE_DIGITS.get(row["scale"], 2))
        case "p":
            return "below 0.001" if value < 0.001 else fmt.number(value, 3)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _saved(row: Row, key: str) -> str:
    value = row.get(key)
    if value is None:
        return why_absent(row)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    is_formula = isinstance(value, str) and text[:1] in "=+-@\t\r"
    return f"'{text}" if text and is_formula else text
