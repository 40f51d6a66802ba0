"""Reports about the checks, the sources and the deliveries."""

from pipelines.release.cells import Cell, Rate, Told
from pipelines.release.reports.report import Report

FIGURES = ("earlier_value", "value", "limit_value")

QUALITY_REPORTS = (
    Report(
        "rpt_data_quality_by_check",
        ("stage", "table_name", "check_id", "tool"),
        (
            Cell("tested_count", reveals=("failed_count",)),
            Cell("failed_count", "tested_count"),
        ),
    ),
    Report("rpt_data_quality_by_stage", ("stage",)),
    Report("rpt_check_catalogue", ("stage", "table_name", "check_id")),
    Report("rpt_freshness_by_source", ("source",)),
    Report(
        "rpt_checks_by_feed_and_month",
        ("source", "feed", "check_id", "month"),
        (
            Cell("tested_count", reveals=("failed_count",)),
            Cell("failed_count", "tested_count"),
        ),
        (Rate("failed_rate", "failed_count", "tested_count"),),
    ),
    Report(
        "rpt_refused_deliveries",
        ("source", "delivery", "refused_at", "kind", "reason"),
        told=(Told("reason", "reason_without_counts"),),
        unseen=("reason_without_counts",),
    ),
    Report(
        "rpt_drift_by_feed",
        ("source", "feed", "measure", "grain"),
        (Cell("least_count", reveals=FIGURES),),
        coarse=FIGURES,
        unseen=("least_count",),
    ),
    Report("rpt_usability_by_report", ("report",)),
    Report("rpt_usability_by_month", ("output_id", "month")),
)
"""Reports about the checks; made last, so that they count the reports' own."""
