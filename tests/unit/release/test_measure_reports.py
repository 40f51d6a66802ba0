"""The reports of service measures hide what points at few people."""

import duckdb
import pytest

from pipelines.release import reports
from pipelines.release.reports.measures import GROUPS, MEASURE_REPORTS, UNSEEN
from pipelines.settings import Disclosure

RULES = Disclosure()
GOOD = {
    "people_count": 100,
    "denominator_count": 200,
    "numerator_count": 50,
    "excluded_count": 20,
    "excluded_people_count": 15,
    "numerator_people_count": 40,
    "rest_people_count": 80,
    "scorable_count": 100,
    "scored_count": 80,
    "scorable_people_count": 60,
    "scored_people_count": 50,
    "unscored_people_count": 15,
    "scorable_only_people_count": 0,
    "clinicians_count": 5,
    "rate_from_units": 30,
    "amber_below_share": 0.9,
    "suppressed_below_share": 0.7,
    "median_value": 3.14159,
}
FIGURES = ("median_value", "amber_below_share", "suppressed_below_share")
OF_CLINICIANS = {
    "numerator_count",
    "rate",
    "rate_status",
    "median_value",
    "scorable_count",
    "scored_count",
    "completeness_rate",
}


def shown(profile="default", **changes):
    """Make rpt_measures_by_site from one row of its aggregate; returns the row."""
    values = {"measure_id": "m", "site_id": "s", **GOOD, **changes}
    with duckdb.connect() as con:
        con.execute("create schema aggregates")
        typed = ", ".join(
            f"{name} "
            + (
                "varchar"
                if name in ("measure_id", "site_id")
                else "double"
                if name in FIGURES
                else "integer"
            )
            for name in values
        )
        con.execute(f"create table aggregates.agg_measures_by_site ({typed})")
        marks = ", ".join("?" for _ in values)
        con.execute(
            f"insert into aggregates.agg_measures_by_site values ({marks})",
            list(values.values()),
        )
        report = next(r for r in MEASURE_REPORTS if r.name == "rpt_measures_by_site")
        reports.make(con, (report,), profile, RULES)
        return con.sql("select * from reports.rpt_measures_by_site").pl().to_dicts()[0]


def test_a_row_of_many_people_is_shown_with_its_rate_and_median():
    row = shown()

    assert (row["rate"], row["completeness_rate"]) == (0.25, 0.8)
    assert row["median_value"] == 3.14
    assert row["excluded_count"] == 20
    assert row["rate_status"] == "amber"
    assert not row["is_suppressed"]
    assert not set(UNSEEN) & set(row)


@pytest.mark.parametrize("people", [1, 10])
def test_many_sessions_of_few_people_are_hidden_with_all_their_figures(people):
    row = shown(people_count=people, numerator_people_count=people)

    kept = {name for name, value in row.items() if value is not None}
    assert kept == {"measure_id", "site_id", "excluded_count", "is_suppressed"}


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"numerator_people_count": 10}, {"numerator_count", "rate"}),
        ({"rest_people_count": 10}, {"numerator_count", "rate"}),
        ({"numerator_count": 195}, {"numerator_count", "rate"}),
        ({"excluded_people_count": 10}, {"excluded_count"}),
        (
            {"scored_count": 95},
            {"scored_count", "completeness_rate", "rate_status"},
        ),
        # thirty courses without a score can be those of two people
        (
            {"unscored_people_count": 10},
            {"scored_count", "completeness_rate", "rate_status"},
        ),
        (
            {"scored_people_count": 10},
            {"scored_count", "completeness_rate", "rate_status"},
        ),
        (
            {"scorable_people_count": 10},
            {"scorable_count", "scored_count", "completeness_rate", "rate_status"},
        ),
        # 95 of 100 scorable in the denominator: five were excluded
        (
            {"scorable_count": 205, "scored_count": 180},
            {"scorable_count", "scored_count", "completeness_rate"},
        ),
        (
            {"scorable_only_people_count": 10},
            {"scorable_count", "scored_count", "completeness_rate"},
        ),
        ({"clinicians_count": 1}, OF_CLINICIANS),
        ({"clinicians_count": 4}, OF_CLINICIANS),
    ],
)
def test_a_part_of_few_people_goes_with_what_is_made_from_it(changes, hidden):
    row = shown(**changes)

    assert {name for name, value in row.items() if value is None} == hidden
    assert row["is_suppressed"]


@pytest.mark.parametrize(
    "changes",
    [
        {"unscored_people_count": 13},
        {"scorable_only_people_count": 13, "scorable_count": 220, "scored_count": 190},
        {"scorable_count": 200, "scored_count": 180},
        {"clinicians_count": 5},
        {"clinicians_count": 0},
    ],
)
def test_enough_people_or_clinicians_or_none_hide_nothing(changes):
    row = shown(**changes)

    assert None not in row.values()
    assert not row["is_suppressed"]


def test_what_a_single_clinician_leaves_is_how_many_people_there_were():
    row = shown(clinicians_count=1)

    assert (row["people_count"], row["denominator_count"]) == (100, 200)
    assert shown("public_data", clinicians_count=1)["rate"] == 0.25


def test_a_median_goes_with_the_denominator():
    row = shown(denominator_count=10, people_count=100)

    assert row["median_value"] is None
    assert row["denominator_count"] is None


@pytest.mark.parametrize(
    ("changes", "status", "denominator"),
    [
        ({"scored_count": 67}, "too_incomplete", 200),
        (
            {"denominator_count": 27, "people_count": 20, "numerator_count": 0},
            "too_few",
            25,
        ),
    ],
)
def test_a_rate_that_must_not_be_read_takes_its_numerator_along(
    changes, status, denominator
):
    row = shown(**changes)

    assert (row["rate"], row["numerator_count"]) == (None, None)
    assert (row["rate_status"], row["denominator_count"]) == (status, denominator)
    assert not row["is_suppressed"]


def test_a_measure_without_a_limit_needs_no_scores():
    nothing = dict.fromkeys(("amber_below_share", "suppressed_below_share"))

    assert shown(scored_count=20, **nothing)["rate_status"] == "shown"


@pytest.mark.parametrize(
    ("units", "people", "kept"), [(20, 15, 20), (20, 10, None), (10, 10, None)]
)
def test_a_reason_for_exclusion_of_few_people_has_no_count(units, people, kept):
    with duckdb.connect() as con:
        con.execute("create schema aggregates")
        con.execute(
            "create table aggregates.agg_measures_by_exclusion_reason as select "
            f"'m' as measure_id, 'died' as exclusion_reason, {units} as excluded_count, "
            f"{people} as excluded_people_count, 90 as eligible_count"
        )
        report = next(r for r in MEASURE_REPORTS if r.name.endswith("_reason"))
        reports.make(con, (report,), "default", RULES)
        rows = con.sql(f"select * from reports.{report.name}").fetchall()

    assert rows == [("m", "died", kept, kept is None)]


def test_public_data_hide_nothing_and_round_nothing():
    row = shown("public_data", people_count=3, numerator_people_count=2)

    assert (row["people_count"], row["median_value"]) == (3, 3.14159)
    assert not row["is_suppressed"]


@pytest.mark.parametrize("name", GROUPS)
def test_every_group_reads_its_own_column_of_its_own_aggregate(name):
    (report,) = [r for r in reports.REPORTS if r.name == f"rpt_measures_by_{name}"]
    columns = {word.strip(" ,") for word in report.query.splitlines()}
    others = set(GROUPS.values()) - {GROUPS[name]}

    assert report.query.rstrip().endswith(f"from aggregates.agg_measures_by_{name}")
    assert report.key == ("measure_id", GROUPS[name])
    assert set(report.key) | {cell.count for cell in report.cells} <= columns
    assert columns & others == set()
