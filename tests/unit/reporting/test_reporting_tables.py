"""What is read from the reports, and what leaves in a table or a CSV."""

import csv
import io

import pytest

from pipelines.errors import PipelineError
from pipelines.reporting import reading
from pipelines.reporting.tables import Column, Table, read_reports

COLUMNS = (Column("arm", "Arm"), Column("mean", "Mean", "points"))


def test_a_missing_table_is_an_error_that_names_it(con):
    con.execute("drop table reports.rpt_questions")

    with pytest.raises(PipelineError, match=r"reports\.rpt_questions"):
        read_reports(con)


def test_a_missing_column_is_an_error_that_names_the_table(con):
    con.execute("alter table reports.rpt_sources drop column owner")

    with pytest.raises(PipelineError, match=r"reports\.rpt_sources .*\n?.*owner"):
        read_reports(con)


def test_columns_that_only_some_releases_have_are_read_where_they_are(con):
    con.execute("alter table reports.rpt_instruments add is_lower_better boolean")
    con.execute("update reports.rpt_instruments set is_lower_better = instrument = 'x'")

    rows = read_reports(con).instruments

    assert [reading.is_lower_better(row) for row in rows] == [False] * 3


def test_an_instrument_with_severity_bands_is_better_when_lower(con):
    by_name = {row["name"]: row for row in read_reports(con).instruments}

    assert reading.is_lower_better(by_name["BDI-II"])
    assert not reading.is_lower_better(by_name["SWLS"])
    assert reading.severity_bands(by_name["SWLS"]) == []
    assert reading.severity_bands(by_name["BDI-II"]) == [
        ("Minimal", 0, 13),
        ("Mild", 14, 19),
        ("Moderate", 20, 28),
        ("Severe", 29, 63),
    ]


def test_a_number_that_is_not_shown_says_why():
    rows = (
        {"arm": "a", "mean": -1.25},
        {"arm": "b", "mean": None, "is_suppressed": True},
        {"arm": "c", "mean": None, "is_withheld": True, "is_suppressed": False},
        {"arm": "d", "mean": None},
    )

    table = Table(COLUMNS, rows)

    assert [cell for _, cell in table.cells()] == ["−1.2", "hidden", "withheld", ""]
    assert list(csv.reader(io.StringIO(table.csv()))) == [
        ["Arm", "Mean"],
        ["a", "-1.25"],
        ["b", "hidden"],
        ["c", "withheld"],
        ["d", ""],
    ]


def test_an_estimate_has_the_decimals_of_its_scale():
    columns = (Column("estimate", "Difference", "estimate"),)
    rows = (
        {"estimate": -2.991, "scale": "mean_difference"},
        {"estimate": 0.1484, "scale": "risk_difference"},
        {"estimate": -0.4461, "scale": "hedges_g"},
    )

    assert Table(columns, rows).cells() == [["−3.0"], ["0.15"], ["−0.45"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_text_that_a_spreadsheet_would_run_is_defused(text):
    table = Table(COLUMNS, ({"arm": text, "mean": -1.0},))

    rows = list(csv.reader(io.StringIO(table.csv())))

    assert rows[1] == [f"'{text}", "-1.0"]


def test_an_arm_that_no_comparison_names_is_an_error(con):
    con.execute(
        "update reports.rpt_patient_flow_by_arm set arm = 'other' where arm = 'therapy'"
    )

    with pytest.raises(PipelineError, match=r"rpt_patient_flow_by_arm has 2 arm"):
        reading.comparisons(read_reports(con))


@pytest.mark.parametrize(
    ("outcome_id", "found"),
    [
        ("bdi_ii_points_2mo", ("bdi_ii", "points", 2)),
        ("qids_sr16_response_12mo", ("qids_sr16", "response", 12)),
        ("phq9_points_all_follow_ups", ("phq9", "points", None)),
        ("days_to_relapse", ("", "days_to_relapse", None)),
    ],
)
def test_an_outcome_id_is_taken_apart(outcome_id, found):
    what = reading.outcome(outcome_id)

    assert (what.instrument, what.measure, what.month) == found


def test_the_page_is_led_by_the_randomised_comparison_that_is_shown(read_page):
    order = [item.id for item in read_page().comparisons]

    assert order == [
        "therapy_vs_usual_care",
        "trial_therapy_plus_medication_vs_medication",
        "trial_therapy_plus_medication_vs_therapy",
    ]
