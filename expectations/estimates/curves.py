"""Guard on estimates.curves: one row per comparison, curve, arm, instrument, month."""

from great_expectations import ExpectationSuite

from expectations.building import columns_are, no_rows, suite_of

COLUMNS = [
    "comparison_id",
    "curve_id",
    "arm",
    "instrument",
    "time_month",
    "people_count",
    "observed_count",
    "estimate",
    "estimate_low",
    "estimate_high",
]
"""What a release offers to its readers, in their order."""


def suite(**parameters) -> ExpectationSuite:
    """Return the guard; it takes no parameters."""
    return suite_of(
        "estimates.curves",
        [
            columns_are(
                COLUMNS,
                check_id="columns_as_published",
                category="conformance",
                why="Readers query these columns by name.",
            ),
            no_rows(
                "key_unique",
                "select comparison_id, curve_id, arm, instrument, time_month "
                "from {batch} group by all having count(*) > 1",
                category="conformance",
                why="A line would jump between two points of one month.",
            ),
            no_rows(
                "numbers_finite",
                "select * from {batch} where not isfinite(estimate) "
                "or not isfinite(estimate_low) or not isfinite(estimate_high)",
                category="conformance",
                why="A number that is not one comes from a mean over nobody.",
            ),
            no_rows(
                "mean_exactly_where_somebody_was_observed",
                "select * from {batch} "
                "where (observed_count > 0) <> (estimate is not null)",
                category="completeness",
                why="A mean over nobody, or an observed mean that was lost.",
            ),
            no_rows(
                "interval_exactly_where_two_were_observed",
                "select * from {batch} "
                "where (observed_count > 1) <> (estimate_low is not null) "
                "or (observed_count > 1) <> (estimate_high is not null)",
                category="completeness",
                why="One score has no spread; more than one has.",
            ),
            no_rows(
                "mean_inside_its_interval",
                "select * from {batch} where estimate < estimate_low "
                "or estimate > estimate_high",
                category="plausibility",
                why="The limits belong to another mean, or are swapped.",
            ),
            no_rows(
                "observed_at_most_count",
                "select * from {batch} where observed_count < 0 "
                "or observed_count > people_count",
                category="plausibility",
                why="A join has repeated people.",
            ),
            no_rows(
                "month_not_before_baseline",
                "select * from {batch} where time_month < 0",
                category="plausibility",
                why="Month 0 is the baseline; nothing is followed up before it.",
            ),
            no_rows(
                "every_line_starts_at_baseline",
                "select comparison_id, curve_id, arm, instrument from {batch} "
                "group by all having min(time_month) <> 0",
                category="completeness",
                why="Arms cannot be compared without where they began.",
            ),
        ],
    )
