"""Make the `reports` schema: the only tables that pages, packs and exports read."""

from importlib import import_module
from pathlib import Path

import duckdb

from pipelines.checks.expectations import opened
from pipelines.checks.results import CheckResult
from pipelines.release.cells import Cell, Rate, Sum
from pipelines.release.disclosure import protect, smallest_shown
from pipelines.release.reports.comparisons import DIAGNOSTICS, EFFECTS
from pipelines.release.reports.measures import MEASURE_REPORTS
from pipelines.release.reports.quality import QUALITY_REPORTS
from pipelines.release.reports.report import Report
from pipelines.settings import Disclosure

FOLDER = Path(__file__).parent

OUTCOME_COUNTS = ("response_eligible_count", "response_count", "remission_count")

PROTECTED_FIRST = (
    Report("rpt_sources", ("source",), (Cell("patients_count"),)),
    Report("rpt_comparisons", ("comparison_id",)),
    Report("rpt_instruments", ("instrument",)),
    Report(
        "rpt_scores_by_arm_and_follow_up",
        ("comparison_id", "arm", "instrument", "follow_up_month"),
        (
            Cell(
                "people_count",
                reveals=("observed_count", "mean_points", "mean_low", "mean_high"),
            ),
            Cell(
                "observed_count",
                "people_count",
                ("mean_points", "mean_low", "mean_high"),
            ),
        ),
        coarse=("mean_points", "mean_low", "mean_high"),
    ),
    Report(
        "rpt_outcomes_by_arm_and_follow_up",
        ("comparison_id", "arm", "instrument", "follow_up_month"),
        (
            Cell("people_count", reveals=("observed_count", *OUTCOME_COUNTS)),
            Cell("observed_count", "people_count", OUTCOME_COUNTS),
            Cell("response_eligible_count", "observed_count", OUTCOME_COUNTS[1:]),
            Cell("response_count", "response_eligible_count"),
            Cell("remission_count", "response_eligible_count"),
        ),
        (
            Rate("response_rate", "response_count", "response_eligible_count"),
            Rate("remission_rate", "remission_count", "response_eligible_count"),
        ),
    ),
    Report(
        "rpt_patient_flow_by_arm",
        ("comparison_id", "arm", "step_number"),
        (Cell("people_count"),),
    ),
    Report("rpt_outcomes_of_comparison", ("comparison_id", "outcome_id")),
    EFFECTS,
    DIAGNOSTICS,
    Report(
        "rpt_reconciliation_by_feed",
        ("source", "feed"),
        # A patient, an episode or a reported medication is one row of one person.
        (
            Cell("loaded_count", reveals=("yielded_count",)),
            Cell("quarantined_count", reveals=("yielded_count",)),
            Cell("duplicate_count", reveals=("yielded_count",)),
        ),
        sums=(
            Sum(
                "yielded_count",
                ("loaded_count", "quarantined_count", "duplicate_count"),
            ),
        ),
    ),
    Report("rpt_not_measured", ("source", "table_name", "column_name")),
    *MEASURE_REPORTS,
)
"""Reports about people and care, made straight from the build."""

TOLD_AFTERWARDS = (Report("rpt_questions", ("question_id",)),)
"""Reports whose sentences repeat figures of the ones above, as these show them."""

REPORTS = (*PROTECTED_FIRST, *TOLD_AFTERWARDS)

__all__ = ["PROTECTED_FIRST", "QUALITY_REPORTS", "REPORTS", "TOLD_AFTERWARDS"]


def make(
    con: duckdb.DuckDBPyConnection,
    reports: tuple[Report, ...],
    profile: str,
    disclosure: Disclosure,
) -> None:
    """Write reports into the schema `reports`, small numbers taken out.

    A report without a SQL file reads the table of the same name in `quality`,
    which Python has made.

    Args:
        con: The build, open for writing.
        reports: Which to make.
        profile: Disclosure profile of this release.
        disclosure: Minimum and rounding base.
    """
    con.execute("create schema if not exists reports")
    for report in reports:
        path = FOLDER / f"{report.name}.sql"
        query = report.query or (
            path.read_text(encoding="utf-8")
            if path.exists()
            else f"select * from quality.{report.name}"
        )
        columns = con.sql(query).columns
        protected = protect(
            query,
            columns,
            report.cells,
            report.rates,
            report.coarse,
            report.told,
            report.sums,
            profile,
            disclosure,
            report.differences,
            report.status,
        )
        left_out = [*report.unseen, *(() if report.cells else ("is_suppressed",))]
        if left_out:
            protected = f"select * exclude ({', '.join(left_out)}) from ({protected})"
        con.execute(
            f"create or replace table reports.{report.name} as "
            f"{protected} order by {', '.join(report.key)}"
        )


def guard(
    build_file: Path,
    reports: tuple[Report, ...],
    run_id: str,
    profile: str,
    disclosure: Disclosure,
) -> list[CheckResult]:
    """Run each report's expectations; nobody else may hold the build open.

    Returns:
        One result per check.
    """
    results = []
    minimum = smallest_shown(profile, disclosure)
    with opened(build_file, stage="reports", run_id=run_id) as opened_build:
        for report in reports:
            suite = import_module(f"expectations.reports.{report.name}").suite(
                key=report.key,
                counts=report.counts,
                rates=tuple(rate.name for rate in report.rates),
                minimum=minimum,
            )
            results += opened_build.check(f"reports.{report.name}", suite)
    return results
