"""Every record check with rows on both sides: what it doubts, and what it lets be."""

from collections import Counter

import pytest
from records import (
    cases_of_answers,
    cases_of_assessments,
    cases_of_people,
    cases_of_sessions,
    cases_of_supplies,
)
from records.judging import Case, empty_feeds, judge

from expectations.outputs import OUTPUTS
from expectations.records import CATEGORIES, OWNERS, all_record_checks

CASES = (
    *cases_of_people.CASES,
    *cases_of_sessions.CASES,
    *cases_of_answers.CASES,
    *cases_of_assessments.CASES,
    *cases_of_supplies.CASES,
)


@pytest.fixture(scope="module")
def con():
    with empty_feeds() as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_finds_its_rows_and_no_other(con, case: Case):
    found, tested = judge(con, case)

    assert found == set(case.doubted)
    assert tested > len(found), "a sound unit stands beside the doubted ones"


def test_every_check_has_rows_on_both_sides():
    told = Counter((case.feed, case.check_id) for case in CASES if case.doubted)

    assert set(told) == {(c.feed, c.check_id) for c in all_record_checks()}


@pytest.mark.parametrize(
    "check", all_record_checks(), ids=lambda check: f"{check.feed}.{check.check_id}"
)
def test_a_check_says_who_does_what_and_for_which_output(check):
    assert check.category in CATEGORIES
    assert check.owner in OWNERS
    assert check.severity == "warning"
    assert check.taints
    assert set(check.taints) <= set(OUTPUTS)
    assert check.why.endswith(".")
    assert check.fix.endswith(".")
    assert bool(check.tolerated_share) == bool(check.tolerated_why)
    assert 0 <= check.tolerated_share <= 0.1
