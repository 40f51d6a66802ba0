"""The service measures as reports: the registry, by source, and by nine groups."""

from pipelines.release.disclosure import Cell, Rate
from pipelines.release.reports.report import Report

GROUPS = {
    "month": "period_month",
    "site": "site_id",
    "modality": "modality",
    "format": "format",
    "severity_band": "severity_band",
    "sex": "sex",
    "age_band": "age_band",
    "ethnicity": "ethnicity",
    "deprivation": "deprivation_quintile",
}
"""What measures are shown by: the report's last word, and its column."""

CELLS = (
    Cell(
        "people_count",
        reveals=(
            "denominator_count",
            "numerator_count",
            "median_value",
            "rate_status",
            "scorable_count",
            "scored_count",
        ),
    ),
    Cell("denominator_count", reveals=("numerator_count", "median_value")),
    Cell("numerator_count", "denominator_count"),
    # Thirty sessions can be those of two people.
    Cell("numerator_people_count", reveals=("numerator_count",)),
    Cell("rest_people_count", reveals=("numerator_count",)),
    Cell("excluded_count"),
    Cell("excluded_people_count", reveals=("excluded_count",)),
    Cell("scorable_count", reveals=("scored_count", "rate_status")),
    Cell("scored_count", "scorable_count", reveals=("rate_status",)),
)
"""Counts of units and of the people they belong to. A median goes with the
denominator; the word on completeness goes with the counts it is made from."""

MEASURE_REPORTS = (
    Report("rpt_measures", ("measure_id",)),
    Report("rpt_measures_by_source", ("source", "measure_id")),
    *(
        Report(
            f"rpt_measures_by_{name}",
            ("measure_id", column),
            CELLS,
            (
                Rate("rate", "numerator_count", "denominator_count"),
                Rate("completeness_rate", "scored_count", "scorable_count"),
            ),
            coarse=("median_value",),
            unseen=(
                "numerator_people_count",
                "rest_people_count",
                "excluded_people_count",
            ),
        )
        for name, column in GROUPS.items()
    ),
)
"""Reports on the service measures, in the order in which they are made."""
