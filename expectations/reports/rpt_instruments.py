"""Guard on reports.rpt_instruments."""

from great_expectations import ExpectationSuite

from expectations.building import no_rows
from expectations.reports._report import suite_from

SOURCES = {
    "caseness_source": ("caseness_from_points",),
    "reliable_change_source": ("reliable_change_points",),
    "minimal_important_difference_source": (
        "minimal_important_difference_points",
        "minimal_important_difference_share",
    ),
    "bands_source": (
        "mild_from_points",
        "moderate_from_points",
        "moderately_severe_from_points",
        "severe_from_points",
        "very_severe_from_points",
    ),
    "remission_source": ("remission_below_points",),
    "response_floor_source": ("response_floor_points",),
}
"""Where a cut-off comes from, and the columns that hold it."""


def suite(**parameters) -> ExpectationSuite:
    """Return the suite `reports.rpt_instruments`; parameters as in `suite_from`."""
    unsourced = " or ".join(
        f"({source} is null and coalesce({', '.join(columns)}) is not null)"
        for source, columns in SOURCES.items()
    )
    return suite_from(
        "rpt_instruments",
        no_rows(
            "every_cut_off_says_where_it_comes_from",
            f"select instrument from {{batch}} as report where {unsourced}",
            category="completeness",
            why="A reader must see which number is not yet checked against its source.",
        ),
        **parameters,
    )
