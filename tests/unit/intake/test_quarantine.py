"""Rows that break a rule: which are set aside, and from how many on it is too many."""

from dataclasses import replace

import duckdb
import pytest
from one_home import RUN, deliver, refusal, rows
from support import FEEDS

from expectations.landing._contract import REFUSED_SHARE
from pipelines.intake.ingest import ingest
from pipelines.settings import Intake


def many(count, **of_first):
    rows = [dict(FEEDS["assessments"][0], assessment_id=f"a{n}") for n in range(count)]
    rows[0].update(of_first)
    return {**FEEDS, "assessments": rows}


def test_one_bad_row_in_twenty_is_quarantined_and_reconciled(home, clinic, settings):
    deliver(home, many(20, total_points="28"))
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(19,)]
    assert rows(
        home,
        "select yielded_count, loaded_count, quarantined_count, duplicate_count "
        "from load_feeds where feed = 'assessments'",
    ) == [(20, 19, 1, 0)]
    (kept,) = home.quarantine.glob("clinic/*/assessments.parquet")
    found = duckdb.sql(f"select check_id, row_position from '{kept}'").fetchall()
    assert found == [("total_points_is_possible", 1)]


def test_one_bad_row_in_nineteen_is_too_many(home, clinic, settings):
    deliver(home, many(19, total_points="28"))

    assert "total_points_is_possible" in str(refusal(home, settings))


def with_broken_by_rule(of_rules):
    """100 scores; each rule is broken by as many rows as are told."""
    spoil = {
        "total_points": {"total_points": "28"},
        "instrument": {"instrument": "unheard_of"},
        "completed_on": {"completed_on": "soon"},
        "patient_id": {"patient_id": "nobody"},
    }
    scores = many(100)["assessments"]
    left = iter(scores)
    for column, count in of_rules.items():
        for _ in range(count):
            next(left).update(spoil[column])
    return {**FEEDS, "assessments": scores}


def test_rules_that_refuse_one_row_in_ten_together_quarantine(home, clinic, settings):
    deliver(home, with_broken_by_rule({"total_points": 5, "patient_id": 5}))
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(90,)]


def test_rules_that_refuse_more_than_one_row_in_ten_together_refuse(
    home, clinic, settings
):
    deliver(
        home, with_broken_by_rule({"total_points": 5, "patient_id": 5, "instrument": 1})
    )

    told = "assessments.few_rows_are_refused does not hold in 11 of 100 row"
    assert told in str(refusal(home, settings))


def test_a_row_that_breaks_several_rules_is_refused_once(home, clinic, settings):
    spoiled = with_broken_by_rule({"total_points": 5, "patient_id": 5})
    for row in spoiled["assessments"][:5]:
        row["completed_on"] = "soon"
    deliver(home, spoiled)
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(90,)]


def test_rows_without_one_that_is_sound_are_an_empty_feed(home, clinic, settings):
    all_allowed = replace(
        settings,
        intake=Intake(
            maximum_quarantined_share=1.0, maximum_quarantined_rows_share=1.0
        ),
    )
    deliver(home, many(1, total_points="28"))
    error = str(refusal(home, all_allowed))

    assert "assessments.assessments_are_not_empty does not hold" in error
    assert "few_rows_are_refused" not in error


def test_the_catalogue_tells_the_limit_that_is_set_by_default():
    assert Intake().maximum_quarantined_rows_share == REFUSED_SHARE


@pytest.mark.parametrize(
    ("points", "is_kept"),
    [("0", 1), ("27", 1), ("28", 0), ("-1", 0), ("7.0", 1), ("7.5", 0)],
)
def test_a_total_is_kept_only_inside_its_range_and_whole(
    home, clinic, settings, points, is_kept
):
    deliver(home, many(40, total_points=points))
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(39 + is_kept,)]


def test_exact_duplicates_are_counted_and_loaded_once(home, clinic, settings):
    deliver(home, {**FEEDS, "patients": [*FEEDS["patients"], FEEDS["patients"][0]]})
    ingest(home, settings, RUN)

    assert rows(
        home,
        "select yielded_count, loaded_count, quarantined_count, duplicate_count "
        "from load_feeds where feed = 'patients'",
    ) == [(3, 2, 0, 1)]


def test_a_quarantined_patient_takes_their_rows_along(home, clinic, settings):
    """One impossible birth year must not keep the other patients out."""
    patients = [{"patient_id": f"p{n}", "birth_year": "1980"} for n in range(100)]
    patients[0]["birth_year"] = "1780"
    scores = [
        {**FEEDS["assessments"][0], "assessment_id": f"a{n}", "patient_id": f"p{n}"}
        for n in range(100)
    ]
    deliver(home, {"patients": patients, "assessments": scores})

    assert ingest(home, settings, RUN).loaded == ["clinic/2026-03-01"]
    assert rows(
        home,
        "select loaded_count, quarantined_count from load_feeds where is_supplied order by feed",
    ) == [
        (99, 1),
        (99, 1),
    ]
