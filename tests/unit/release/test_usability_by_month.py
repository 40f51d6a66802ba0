"""Can this month be trusted: every rule of a month with one on each side."""

from datetime import date

import pytest
from usability_release import CHECK, OUTPUT, Entry, Release


@pytest.fixture
def release() -> Release:
    return Release().load()


def month(release, number, failed, tested=1_000, source="clinic", check_id=CHECK):
    release.con.execute(
        "insert into quality.checks_by_month values (?, 'sessions', ?, ?, ?, ?)",
        [source, check_id, date(2026, number, 1), tested, failed],
    )


def refused_in(release, number, refused, rows=1_000, source="clinic"):
    release.con.execute(
        "insert into quality.refused_by_month values (?, 'sessions', ?, ?, ?)",
        [source, date(2026, number, 1), rows, refused],
    )


def test_each_month_has_its_own_answer():
    release = Release().load()
    # What is tolerated: 4 in 100; red from 10 in 100.
    release.entries = [Entry(taints=("outcomes", OUTPUT), tolerated_share=0.04)]
    for number, failed in enumerate((40, 41, 100, 101), start=1):
        month(release, number, failed)
    month(release, 5, 0, tested=0)

    assert [row[1] for row in release.judged_month()] == [
        "green",
        "amber",
        "amber",
        "red",
        "not_measured",
    ]


def test_a_month_with_too_few_rows_of_a_site_is_amber(release):
    month(release, 1, 0)
    month(release, 2, 0)
    release.con.execute(
        "insert into quality.drift values ('clinic', 'sessions', "
        "'rows_by_site_and_month', 'clinic:a 2026-02', true)"
    )

    assert [row[1] for row in release.judged_month()] == ["green", "amber"]


def test_a_month_s_share_of_few_people_is_not_told(release):
    month(release, 1, 7, tested=50)

    ((_, status, told),) = release.judged_month()

    assert status == "red"
    assert told == "In sessions of Clinic, some fail: session is not after death."


def test_a_month_counts_the_rows_that_all_rules_together_refuse(release):
    rules = ("held_on_is_given", "attendance_is_given", "patient_id_is_given")
    release.entries = [Entry(check_id=rule) for rule in rules]
    for number, refused in enumerate((10, 11, 50, 51), start=1):
        for rule in rules:
            month(release, number, 9, check_id=rule)
        refused_in(release, number, refused)

    told = release.judged_month()

    assert [row[1] for row in told] == ["green", "amber", "amber", "red"]
    assert told[3][2] == "5.0 % of the rows of sessions of Clinic were refused."


def test_a_month_of_one_source_is_not_hidden_by_another(release):
    month(release, 1, 50, tested=50)
    month(release, 1, 0, tested=9_000, source="pharmacy")
    month(release, 2, 0)
    refused_in(release, 2, 51)
    refused_in(release, 2, 0, rows=9_000, source="pharmacy")

    assert [row[1:] for row in release.judged_month()] == [
        ("red", "100.0 % in sessions of Clinic fail: session is not after death."),
        ("red", "5.0 % of the rows of sessions of Clinic were refused."),
    ]
