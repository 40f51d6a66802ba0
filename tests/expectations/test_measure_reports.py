"""Every guard on the reports of service measures is seen to fail."""

from importlib import import_module

import duckdb
import pytest

from pipelines.checks.expectations import run_suite
from pipelines.release.reports.measures import GROUPS, MEASURE_REPORTS

REPORTS = {report.name: report for report in MEASURE_REPORTS}
GOOD = {
    "measure_id": "'attendance'",
    "group": "'a'",
    "rate_status": "'shown'",
    "people_count": "100",
    "denominator_count": "200",
    "numerator_count": "50",
    "excluded_count": "0",
    "median_value": "3.0",
    "scorable_count": "100",
    "scored_count": "80",
    "rate": "0.25",
    "completeness_rate": "0.8",
}
TYPES = {"rate_status": "varchar", "measure_id": "varchar", "group": "varchar"}


def failing(tmp_path, name, rows):
    """Run one report's own suite on these rows; returns the checks that stop."""
    report = REPORTS[name]
    path = tmp_path / "outcomes.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema reports")
        con.execute("create table reports.rpt_measures (measure_id varchar)")
        con.execute("insert into reports.rpt_measures values ('attendance')")
        con.execute(f"create or replace table reports.{name} as {rows}")
    suite = import_module(f"expectations.reports.{name}").suite(
        key=report.key,
        counts=report.counts,
        rates=tuple(rate.name for rate in report.rates),
        minimum=11,
    )
    results = run_suite(path, f"reports.{name}", suite, stage="reports", run_id="r")
    return [result.check_id for result in results if result.stops_the_run]


def row(column, **changes):
    values = {**GOOD, **changes}
    if column == "period_month" and "group" not in changes:
        values["group"] = "date '2025-03-01'"
    return "select " + ", ".join(
        f"({value})::{TYPES.get(name, 'double')} as {name}"
        if name != "group"
        else f"{value} as {column}"
        for name, value in values.items()
    )


@pytest.mark.parametrize("name", GROUPS)
def test_every_report_of_measures_has_a_guard_that_passes_and_fails(tmp_path, name):
    group, table = GROUPS[name], f"rpt_measures_by_{name}"

    assert failing(tmp_path, table, row(group)) == []
    (tmp_path / "outcomes.duckdb").unlink()
    assert failing(tmp_path, table, row(group, people_count="10")) == [
        "people_count_is_zero_or_large_enough"
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rate": "null", "numerator_count": "null"}, []),
        (
            {
                "rate_status": "'too_few'",
                "rate": "null",
                "numerator_count": "null",
            },
            [],
        ),
        (
            {"rate_status": "'too_few'", "rate": "null"},
            ["a_rate_that_must_not_be_read_is_not_there"],
        ),
        (
            {"rate_status": "'too_incomplete'", "numerator_count": "null"},
            ["a_rate_that_must_not_be_read_is_not_there"],
        ),
        ({"rate_status": "'amber'"}, []),
        (
            {"rate_status": "'perhaps'", "rate": "null", "numerator_count": "null"},
            ["rate_status_is_a_known_code"],
        ),
        ({"measure_id": "'unheard_of'"}, ["measure_is_in_the_registry"]),
        (
            {"denominator_count": "null", "numerator_count": "null", "rate": "null"},
            ["a_median_has_its_denominator"],
        ),
        ({"people_count": "null"}, ["a_median_has_its_denominator"]),
        ({"people_count": "201"}, ["no_more_people_than_units"]),
        (
            {"numerator_count": "195", "rate": "0.975"},
            ["numerator_count_leaves_zero_or_enough_of_denominator_count"],
        ),
        ({"numerator_count": "5"}, ["numerator_count_is_zero_or_large_enough"]),
        ({"excluded_count": "3"}, ["excluded_count_is_zero_or_large_enough"]),
        (
            {"scored_count": "95"},
            ["scored_count_leaves_zero_or_enough_of_scorable_count"],
        ),
        ({"scorable_count": "200"}, []),
        ({"scorable_count": "211"}, []),
        ({"scorable_count": "210"}, ["scorable_count_tells_no_hidden_exclusion"]),
        ({"scorable_count": "199"}, ["scorable_count_tells_no_hidden_exclusion"]),
        ({"rate": "1.5"}, ["rate_is_a_share"]),
        ({"completeness_rate": "-0.1"}, ["completeness_rate_is_a_share"]),
        ({"group": "null::varchar"}, ["every_row_names_its_group"]),
    ],
)
def test_a_figure_that_misleads_or_points_at_people_stops_the_run(
    tmp_path, changes, expected
):
    rows = row("site_id", **changes)

    assert failing(tmp_path, "rpt_measures_by_site", rows) == expected


def test_a_day_in_place_of_a_month_stops_the_run(tmp_path):
    rows = row("period_month", group="date '2025-03-02'")

    assert failing(tmp_path, "rpt_measures_by_month", rows) == [
        "a_month_is_its_first_day"
    ]


@pytest.mark.parametrize(
    ("status", "bias", "expected"),
    [
        ("'measured'", "'b'", []),
        ("'maybe'", "'b'", ["status_is_a_known_code"]),
        ("'measured'", "null", ["every_measure_says_where_it_comes_from"]),
    ],
)
def test_a_measure_has_a_known_status_and_says_where_it_comes_from(
    tmp_path, status, bias, expected
):
    rows = (
        f"select 'm' as measure_id, 'd' as definition, 's' as source, "
        f"'l' as licence_note, {bias}::varchar as known_bias, {status} as status"
    )

    assert failing(tmp_path, "rpt_measures", rows) == expected


@pytest.mark.parametrize(
    ("measure", "reason", "count", "expected"),
    [
        ("attendance", "'died'", "11", []),
        ("attendance", "'died'", "null", []),
        ("attendance", "'died'", "10", ["excluded_count_is_zero_or_large_enough"]),
        ("attendance", "null", "11", ["every_row_says_why"]),
        ("unheard_of", "'died'", "11", ["measure_is_in_the_registry"]),
    ],
)
def test_units_left_out_say_why_and_point_at_nobody(
    tmp_path, measure, reason, count, expected
):
    rows = (
        f"select '{measure}' as measure_id, {reason}::varchar as exclusion_reason, "
        f"{count}::bigint as excluded_count"
    )

    assert failing(tmp_path, "rpt_measures_by_exclusion_reason", rows) == expected


@pytest.mark.parametrize(
    ("status", "by_month", "reason", "expected"),
    [
        ("measured", "measured", "null", []),
        ("measured", "not_measured", "'no days'", []),
        ("measured", "not_measured", "null", ["what_is_not_measured_says_why"]),
        ("not_measured", "measured", "null", ["what_is_not_measured_says_why"]),
        ("maybe", "measured", "null", ["status_is_a_known_code"]),
        ("measured", "maybe", "null", ["by_month_status_is_a_known_code"]),
        ("not_measured", "measured", "'7 people'", ["reason_tells_no_hidden_count"]),
    ],
)
def test_what_a_source_cannot_measure_says_why(
    tmp_path, status, by_month, reason, expected
):
    rows = (
        f"select 's' as source, 'm' as measure_id, '{status}' as status, "
        f"'{by_month}' as by_month_status, {reason}::varchar as reason"
    )

    assert failing(tmp_path, "rpt_measures_by_source", rows) == expected
