"""The page of a comparison whose outcome is a time: in 100 people, and in days."""

from dataclasses import replace

import pytest
from unit.reporting import report_database, service_figures
from unit.reporting.service_figures import effect

from pipelines.reporting import check_words, measured, reading, service_words
from pipelines.reporting.site import build
from pipelines.reporting.site.figure import PageContext
from pipelines.reporting.site.service_page import headlines, sections_of
from pipelines.reporting.tables import read_reports

ID = service_figures.RELAPSE
PHQ9 = {"instrument": "phq9", "name": "PHQ-9", "is_lower_better": True}
LABELS = ("Continued therapy", "Stopped therapy")


def what():
    return measured.read("phq9_ill_again_12mo", 12, "benefit", {"phq9": PHQ9})


def test_the_outcome_is_a_share_by_a_month():
    outcome = what()

    assert (outcome.is_time, outcome.is_points, outcome.is_lower_better) == (
        True,
        False,
        True,
    )
    assert outcome.title == "Ill again, 12 months"
    assert outcome.when == "by 12 months"
    assert not measured.read(
        "phq9_response_12mo", 12, "benefit", {"phq9": PHQ9}
    ).is_time


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (
            -0.2,
            -0.02,
            "11 fewer people in 100 had become ill again by 12 months with continued "
            "therapy than with stopped therapy (difference −11 in 100, 95% interval −20 "
            "to −2)",
        ),
        (
            -0.2,
            0.0,
            "no clear difference in how many had become ill again by 12 months for "
            "continued therapy against stopped therapy (difference −11 in 100, 95% "
            "interval −20 to 0)",
        ),
    ],
)
def test_the_finding_counts_people(low, high, told):
    found = service_words.finding(
        LABELS, what(), effect(-0.11, low, high, "risk_difference")
    )

    assert found == f"Estimated effect, not randomised: {told}"


@pytest.mark.parametrize(
    ("estimate", "low", "high", "told"),
    [
        (
            -21.4,
            -40.2,
            -2.6,
            "21 fewer days lost to depression coming back by 12 months with continued "
            "therapy than with stopped therapy, on average (difference −21 days, 95% "
            "interval −40 to −3; 30 against 51)",
        ),
        (
            21.4,
            2.6,
            40.2,
            "21 more days lost to depression coming back by 12 months with continued "
            "therapy than with stopped therapy, on average (difference +21 days, 95% "
            "interval 3 to 40; 30 against 51)",
        ),
        (
            -21.4,
            -40.2,
            0.0,
            "no clear difference in days lost to depression coming back by 12 months, "
            "continued therapy against stopped therapy (difference −21 days, 95% "
            "interval −40 to 0; 30 against 51)",
        ),
    ],
)
def test_days_lost_are_told_in_days(estimate, low, high, told):
    levels = {"exposed_level": 30.1, "comparator_level": 51.2}
    row = effect(estimate, low, high, "time_lost_difference_days", **levels)

    found = service_words.days_lost(LABELS, what(), row)

    assert found == f"Estimated effect, not randomised: {told}"


@pytest.fixture
def read(con):
    """Read the fixture with the comparison of relapse after spoiling it with SQL."""
    service_figures.add(con, run=(*service_figures.RUN, ID))

    def read_it(*statements):
        report_database.spoil(con, *statements)
        reports = read_reports(con)
        page = PageContext(
            reports, report_database.PASSPORT, reading.comparisons(reports)
        )
        (service,) = [one for one in page.services if one.id == ID]
        return page, service

    return read_it


def figures(page, service):
    return {f.id: f for section in sections_of(page, service) for f in section.figures}


def test_the_page_has_days_and_scoring_and_nothing_about_scores_over_time(read):
    page, service = read()
    made = figures(page, service)

    assert {"answer", "in_hundred", "follow_up", "followers", "balance"} <= set(made)
    assert not {"horizons", "effects"} & set(made)
    told = dict(made["follow_up"].content)
    assert "days lost to depression coming back" in told["Days"][0]
    assert told["How often they were scored"] == [
        "Continued therapy: 3.1 scores in 90 days, while followed.",
        "Stopped therapy: 1.4 scores in 90 days, while followed.",
    ]
    assert told["How long they were followed"][1] == (
        "Stopped therapy: 71 in 100 are known of up to the middle of the time."
    )
    assert len(told["Found because they came back"]) == 2
    scales = [row["scale_name"] for row in made["follow_up"].table.rows]
    assert scales == ["share of people", "days lost on average"]


def test_the_title_in_100_people_says_by_when(read):
    page, service = read()

    title = figures(page, service)["in_hundred"].title
    assert title.startswith("By 12 months, an estimated ")
    assert "in 100 had become ill again with continued therapy" in title


def test_who_is_counted_is_known_to_the_last_day(read):
    page, service = read()
    made = figures(page, service)

    names = [column.label for column in made["followers"].table.columns]
    assert "Continued therapy: followed from day 0" in names
    assert "known to the last day" in names
    assert "for as long as they were followed" in made["followers"].caveat
    assert "People known to the last day" in [one.label for one in headlines(service)]
    assert check_words.tipping_point(service) == [
        "Not given for a time: the worst and the best case stand for it."
    ]


def test_hidden_days_are_not_told(read):
    page, service = read(
        "update reports.rpt_effects_by_comparison set estimate = null, "
        "estimate_low = null, estimate_high = null, exposed_level = null, "
        "comparator_level = null, is_suppressed = true "
        "where scale = 'time_lost_difference_days'"
    )
    made = figures(page, service)["follow_up"]

    assert made.title == "How many days were lost is not shown"
    assert "21" not in dict(made.content)["Days"][0]


def test_a_withheld_one_has_its_reason_and_no_figure(read):
    page, service = read(
        "update reports.rpt_effects_by_comparison set estimate = null, "
        "estimate_low = null, estimate_high = null, exposed_level = null, "
        "comparator_level = null, is_withheld = true, "
        "withheld_reason = 'Stopped therapy: 9 people had the event.' "
        f"where comparison_id = '{ID}'"
    )

    assert [section.id for section in sections_of(page, service)] == [
        "answer",
        "protocol",
    ]
    assert "9 people had the event" in figures(page, service)["answer"].title


def test_its_page_is_built_and_listed_under_its_own_heading(con, tmp_path):
    service_figures.add(con, run=(*service_figures.RUN, ID))
    passport = replace(report_database.PASSPORT, disclosure_profile="default")
    build(con, tmp_path, passport)

    page = (tmp_path / f"comparisons/{ID}.html").read_text(encoding="utf-8")
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "days lost to depression coming back" in page
    assert "Whether depression comes back" in index
