"""The service measures as reports: the registry, what is left out, and nine groups."""

from pathlib import Path

from pipelines.release.cells import Cell, Difference, Rate, Status
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
    Cell(
        "scorable_people_count",
        reveals=("scorable_count", "scored_count", "rate_status"),
    ),
    Cell("scored_people_count", reveals=("scored_count", "rate_status")),
    Cell("unscored_people_count", reveals=("scored_count", "rate_status")),
    # Beside the denominator it tells who is scorable and excluded here.
    Cell("scorable_only_people_count", reveals=("scorable_count", "scored_count")),
    # A figure on one clinician's patients is a figure on the clinician.
    Cell(
        "clinicians_count",
        reveals=(
            "numerator_count",
            "median_value",
            "scorable_count",
            "scored_count",
            "rate_status",
        ),
        is_of_clinicians=True,
    ),
)
"""Counts of units, of the people they belong to and of their clinicians. A median
goes with the denominator; the word on completeness with the counts it is made from."""

DIFFERENCES = (
    Difference(
        ("scorable_count", "denominator_count"),
        hides=("scorable_count", "scored_count"),
    ),
)
"""Recovery of 95 beside 100 scorable tells that five did not start at caseness."""

STATUS = Status(
    "rate_status",
    units="denominator_count",
    units_from="rate_from_units",
    scorable="scorable_count",
    scored="scored_count",
    amber_below="amber_below_share",
    suppressed_below="suppressed_below_share",
    hides=("numerator_count",),
)
"""A numerator is there only where its rate may be read."""

UNSEEN = (
    "rate_from_units",
    "amber_below_share",
    "suppressed_below_share",
    "numerator_people_count",
    "rest_people_count",
    "excluded_people_count",
    "scorable_people_count",
    "scored_people_count",
    "unscored_people_count",
    "scorable_only_people_count",
    "clinicians_count",
)

GROUP_QUERY = (Path(__file__).parent / "rpt_measures_by_group.sql").read_text("utf-8")
"""What the nine reports by group read: the same columns, each of its own aggregate."""

MEASURE_REPORTS = (
    Report("rpt_measures", ("measure_id",)),
    Report("rpt_measures_by_source", ("source", "measure_id")),
    Report(
        "rpt_measures_by_exclusion_reason",
        ("measure_id", "exclusion_reason"),
        (
            Cell("excluded_count"),
            Cell("excluded_people_count", reveals=("excluded_count",)),
        ),
        unseen=("excluded_people_count",),
    ),
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
            unseen=UNSEEN,
            differences=DIFFERENCES,
            status=STATUS,
            query=GROUP_QUERY.format(name=name, column=column),
        )
        for name, column in GROUPS.items()
    ),
)
"""Reports on the service measures, in the order in which they are made."""
