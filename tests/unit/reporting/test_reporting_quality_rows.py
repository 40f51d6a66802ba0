"""Heat maps, trends and the words of checks: where each value goes, and what it says."""

from datetime import date

import pytest

from pipelines.reporting import heat_rows, trend_chart
from pipelines.reporting import quality_check_words as check_words
from pipelines.reporting import quality_words as words
from pipelines.reporting.quality_rows import LAST_MONTHS, Check, Quality, months_of
from pipelines.reporting.tables import Reports

CATALOGUED = {
    "stage": "landing",
    "table_name": "sessions",
    "check_id": "busy",
    "severity": "warning",
    "tolerated_share": 0.02,
    "tolerated_why": "",
    "query": "select 1 as is_failed",
    "taints": None,
    "owner": None,
}


def month_row(number=0, rate=0.01, check_id="busy", source="north", **values):
    month = date(2024 + number // 12, number % 12 + 1, 1)
    return {
        "source": source,
        "feed": "sessions",
        "check_id": check_id,
        "month": month,
        "tested_count": 1000,
        "failed_count": None if rate is None else round(1000 * rate),
        "failed_rate": rate,
        "is_suppressed": rate is None,
        **values,
    }


def quality(*catalogue):
    names = Reports.__dataclass_fields__
    reports = Reports(
        **{**dict.fromkeys(names, ()), "check_catalogue": tuple(catalogue)}
    )
    return Quality(reports)


def cells(*rows, catalogue=CATALOGUED):
    heat = heat_rows.failures(quality(catalogue), rows)
    return heat.groups[0][1][0].cells


@pytest.mark.parametrize(
    ("rate", "shade"),
    [
        (0, "shade0"),
        (0.0049, "shade1"),
        (0.005, "shade2"),
        (0.0199, "shade2"),
        (0.02, "shade3"),
        (0.0499, "shade3"),
        (0.05, "shade4"),
        (0.1499, "shade4"),
        (0.15, "shade5"),
    ],
)
def test_a_cell_is_darker_from_each_step_on(rate, shade):
    found = cells(month_row(0, rate), month_row(1, 0.01))

    assert found[0].kind == shade


@pytest.mark.parametrize(("rate", "is_strong"), [(0.02, False), (0.0201, True)])
def test_only_more_than_is_tolerated_is_bold(rate, is_strong):
    assert cells(month_row(0, rate))[0].is_strong is is_strong


def test_a_rule_of_the_contract_that_states_no_tolerance_is_never_bold():
    rule = {**CATALOGUED, "check_id": "held_on_is_given", "tolerated_share": 0.0}
    row = month_row(0, 0.5, "held_on_is_given")

    assert not cells(row, catalogue=rule)[0].is_strong
    assert cells(row, catalogue={**rule, "tolerated_share": 0.4})[0].is_strong


def test_a_month_not_tested_is_blank_and_a_hidden_one_says_so():
    found = cells(
        month_row(0, 0.01),
        month_row(2, None),
        month_row(3, 0.0, tested_count=0),
        month_row(4, 0.0),
    )

    assert [cell.kind for cell in found] == [
        *("shade2", "blank", "unseen", "blank", "shade0")
    ]
    assert [cell.text for cell in found] == ["1.0", "", "", "", "0"]
    assert found[2].spoken == "hidden"


def test_checks_that_found_nothing_are_named_apart():
    heat = heat_rows.failures(
        quality(CATALOGUED),
        (
            month_row(0, 0.1),
            month_row(0, 0.0, "quiet_one"),
            month_row(0, None, "hidden_one"),
            month_row(0, 0.0, "untested_one", tested_count=0),
        ),
    )

    assert heat.quiet == (("Sessions", ("Quiet one",)),)
    assert heat.unclear == (("Sessions", ("Hidden one",)),)
    assert [line.name for _, lines in heat.groups for line in lines] == ["Busy"]


def test_rows_stand_under_their_feed_the_worst_first_and_lead_to_their_check():
    rows = (
        month_row(0, 0.01),
        month_row(0, 0.2, "worse"),
        month_row(0, 0.3, feed="patients"),
    )
    heat = heat_rows.failures(quality(CATALOGUED), rows)

    assert [heading for heading, _ in heat.groups] == ["Patients", "Sessions"]
    lines = heat.groups[1][1]
    assert [(line.name, line.address) for line in lines] == [
        ("Worse", ""),
        ("Busy", "checks/sessions.busy.html"),
    ]


def test_only_the_last_months_are_laid_out_under_their_years():
    rows = [month_row(n, 0.01) for n in range(LAST_MONTHS + 5)]
    heat = heat_rows.failures(quality(CATALOGUED), rows)

    assert len(heat.months) == LAST_MONTHS
    assert heat.months[-1] == ("May", "May 2027")
    assert heat.years == (("2024", 7), ("2025", 12), ("2026", 12), ("2027", 5))
    assert len(heat.groups[0][1][0].cells) == LAST_MONTHS


def test_a_check_tested_only_before_the_months_shown_is_left_out():
    rows = [month_row(0, 0.5, "long_ago"), *(month_row(n) for n in range(40))]
    heat = heat_rows.failures(quality(CATALOGUED), rows)

    assert [line.name for line in heat.groups[0][1]] == ["Busy"]
    assert heat.quiet == ()


def test_rows_without_a_day_stand_after_the_months():
    rows = (month_row(month=None, rate=0.2), month_row(5, 0.01))
    heat = heat_rows.failures(quality(CATALOGUED), rows)

    assert heat.months == (("Jun", "June 2024"), ("No day", "Without a day"))
    assert heat.years == (("2024", 1), ("", 1))
    assert [cell.text for cell in heat.groups[0][1][0].cells] == ["1.0", "20"]


def test_no_column_is_kept_for_rows_without_a_day_that_are_not_laid_out():
    rows = (month_row(5, 0.01), month_row(month=None, rate=0.0, check_id="quiet_one"))
    heat = heat_rows.failures(quality(CATALOGUED), rows)

    assert heat.months == (("Jun", "June 2024"),)
    assert len(heat.groups[0][1][0].cells) == 1
    assert heat.quiet == (("Sessions", ("Quiet one",)),)


def test_nothing_tested_is_no_heat_map():
    assert heat_rows.failures(quality(), ()) is None
    assert heat_rows.usability(()) is None


def test_what_has_no_day_is_told_without_a_month():
    without = Check(CATALOGUED, (month_row(month=None, rate=0.2),), ())
    both = Check(CATALOGUED, (month_row(month=None, rate=0.2), month_row(0, 0.01)), ())
    none = Check(CATALOGUED, (month_row(month=None, rate=0.0),), ())

    told = "20% failed of what has no day"
    assert check_words.trend(without) == told
    assert trend_chart.trend(without.months, 0.0) is None
    assert check_words.trend(both) == "1.0% failed in January 2024, the most so far"
    assert check_words.trend(none) == "Nothing failed"
    sound = (*without.months, month_row(0, 0.0))
    assert check_words.trend(Check(CATALOGUED, sound, ())) == told
    assert words.heat(without.months) == (
        "Of rows without a day, 1 of 1 check found rows that fail"
    )
    assert words.heat(both.months).startswith("In January 2024, 1 of 1 check")


def test_months_between_two_are_there_too():
    rows = [month_row(10), month_row(13), month_row(month=None)]

    assert months_of(rows) == ["2024-11-01", "2024-12-01", "2025-01-01", "2025-02-01"]


def test_a_status_by_month_is_a_shape_and_one_nobody_knows_is_not_shown():
    rows = [
        {
            "output_id": "a",
            "title": "A",
            "month": date(2026, n + 1, 1),
            "status": status,
        }
        for n, status in enumerate(("green", "amber", "red", "not_measured", "odd"))
    ]
    found = heat_rows.usability(rows).groups[0][1][0].cells

    assert [cell.kind for cell in found] == [
        *("pass", "warning", "fail", "absent", "unseen")
    ]
    assert [cell.spoken for cell in found][1:3] == [
        "Use with care",
        "Do not rely on it",
    ]


def test_a_trend_breaks_where_nothing_was_tested_and_marks_what_is_hidden():
    rows = (month_row(0, 0.01), month_row(2, None), month_row(3, 0.03))
    data = trend_chart.trend(rows, 0.02)

    assert [row["failed"] for row in data.rows] == [1.0, None, None, 3.0]
    assert data.hidden == [{"month": 2}]
    assert data.tolerated == 2.0
    assert data.top == pytest.approx(3.24)
    assert data.labels == {0: ["Jan", "2024"], 1: ["Feb"], 2: ["Mar"], 3: ["Apr"]}


def test_a_trend_of_many_months_names_quarters_and_years():
    data = trend_chart.trend(tuple(month_row(n) for n in range(1, 15)), 0.0)

    assert data.labels == {
        2: ["Apr", "2024"],
        5: ["Jul"],
        8: ["Oct"],
        11: ["Jan", "2025"],
    }
    assert data.tolerated is None
    assert data.top == pytest.approx(1.08 * trend_chart.LEAST_TOP)


def test_two_sources_are_told_apart_even_when_one_is_simulated():
    rows = (month_row(source="north"), month_row(source="simulated_north"))
    data = trend_chart.trend(rows, 0.0)

    assert data.sources == ("North", "North (simulated)")


@pytest.mark.parametrize("rates", [(), (0.0, 0.0), (None,), (None, 0.0)])
def test_nothing_that_failed_is_no_trend(rates):
    rows = tuple(month_row(n, rate) for n, rate in enumerate(rates))

    assert trend_chart.trend(rows, 0.05) is None


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ((), "No month was tested"),
        ((None,), "Too few rows to show what it found"),
        ((0.0,), "Nothing failed in 1 month"),
        ((0.0, None, 0.0), "Nothing failed in 2 months"),
        ((0.01, 0.03), "3.0% failed in February 2024, the most so far"),
        (
            (0.2, 0.0004),
            "less than 0.1% failed in February 2024; the most was 20%, in January 2024",
        ),
        ((0.2, None), "20% failed in January 2024, the most so far"),
        (
            (0.2, 0.0),
            "Nothing failed in February 2024; the most was 20%, in January 2024",
        ),
    ],
)
def test_the_title_of_a_trend_states_the_newest_month_and_the_most(rates, told):
    rows = tuple(month_row(n, rate) for n, rate in enumerate(rates))

    assert check_words.trend(Check(CATALOGUED, rows, ())) == told


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        *((0, "0"), (0.00049, "<0.1"), (0.0005, "0.1"), (0.0994, "9.9")),
        *((0.0995, "10"), (0.5, "50"), (1, "100")),
    ],
)
def test_a_little_is_never_nothing(rate, told):
    assert words.cell(rate) == told


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["green"], "The one report can be used"),
        (["green", "green"], "All 2 reports can be used"),
        (["red"], "0 of 1 report can be used; 1 should not be relied on"),
        (
            ["green", "not_measured", "odd"],
            "1 of 3 reports can be used; 2 were not measured",
        ),
    ],
)
def test_the_finding_counts_every_status(statuses, told):
    assert words.usability(tuple({"status": status} for status in statuses)) == told


@pytest.mark.parametrize(
    ("late", "told"),
    [
        ([False], "The one source is on time"),
        ([False, False], "No source is late"),
        ([True, False], "S0 is late"),
        ([True, True], "S0 and S1 are late"),
    ],
)
def test_late_sources_are_named(late, told):
    rows = tuple(
        {"source": f"s{n}", "is_late": one, "is_in_force": True}
        for n, one in enumerate(late)
    )

    assert words.freshness(rows) == told


def test_a_source_without_a_load_in_force_is_named():
    rows = (
        {"source": "s0", "is_late": True, "is_in_force": False},
        {"source": "s1", "is_late": False, "is_in_force": True},
    )

    assert words.freshness(rows) == "S0 is late; of S0, nothing in force"


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ((0.0, 0.0), "In January 2024, none of 2 checks found a row that fails"),
        ((0.0, 0.1), "In January 2024, 1 of 2 checks found rows that fail"),
        (
            (0.1, None),
            "In January 2024, 1 of 1 check found rows that fail; 1 more may not be shown",
        ),
        ((None,), "Too few rows to show what the checks found"),
        ((), "Too few rows to show what the checks found"),
    ],
)
def test_the_title_of_a_heat_map_counts_the_newest_month(rates, told):
    rows = tuple(month_row(0, rate, f"c{n}") for n, rate in enumerate(rates))

    assert words.heat(rows) == told
