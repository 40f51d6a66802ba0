"""Titles are made by rules; each rule is shown on both sides."""

import pytest

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, record_words, words

EFFECT = {
    "outcome_id": "bdi_ii_points_2mo",
    "estimate": -5.13,
    "estimate_low": -8.5,
    "estimate_high": -1.8,
    "exposed_level": 0.46,
    "comparator_level": 0.22,
    "is_randomised": True,
    "is_primary": True,
    "is_withheld": False,
    "withheld_reason": None,
    "is_suppressed": False,
}


def comparison(design="randomised", **effect):
    main = {**EFFECT, "is_randomised": design == "randomised", **effect}
    return reading.Comparison(
        row={"comparison_id": "therapy_vs_usual_care", "design": design},
        exposed=reading.Arm("therapy", "Therapy"),
        comparator=reading.Arm("usual_care", "Usual care"),
        main=main,
    )


def scores(*rows):
    """Rows of (arm, month, mean, observed) among 50 people."""
    return tuple(
        {
            "comparison_id": "therapy_vs_usual_care",
            "arm": arm,
            "follow_up_month": month,
            "mean_points": mean,
            "observed_count": seen,
            "people_count": 50,
        }
        for arm, month, mean, seen in rows
    )


def flow(*rows):
    """Rows of (arm, step number, step, people)."""
    keys = ("arm", "step_number", "step", "people_count")
    return tuple(dict(zip(keys, row, strict=True)) for row in rows)


@pytest.mark.parametrize(
    ("item", "title"),
    [
        (
            comparison(),
            "Estimated effect of therapy at 2 months: 5.1 points lower than usual "
            "care, which is better",
        ),
        (
            comparison(estimate=5.13, estimate_low=1.8, estimate_high=8.5),
            "Estimated effect of therapy at 2 months: 5.1 points higher than usual "
            "care, which is worse",
        ),
        (
            comparison(estimate_high=0.01),
            "Estimated effect of therapy at 2 months: 5.1 points lower, but the "
            "interval includes no difference",
        ),
        (
            comparison(outcome_id="bdi_ii_points_all_follow_ups", estimate_high=2.0),
            "Estimated effect of therapy over all follow-ups: 5.1 points lower, but "
            "the interval includes no difference",
        ),
        (
            comparison("description"),
            "Therapy went with scores 5.1 points lower than usual care at 2 months",
        ),
        (
            comparison("description", estimate_high=0.0),
            "Therapy and usual care did not differ clearly at 2 months",
        ),
        (
            comparison(is_withheld=True, withheld_reason="Therapy: 9 people. More."),
            "Therapy v usual care: withheld. Therapy: 9 people (and more)",
        ),
        (
            comparison(is_suppressed=True, estimate=None),
            "Too few people to show the comparison of therapy v usual care",
        ),
        (None, "No comparison could be made from these records"),
    ],
)
def test_the_main_estimate_is_stated_as_what_it_is(item, title):
    assert words.main_estimate(item, is_lower_better=True) == title


def test_an_estimate_that_was_not_randomised_is_never_called_an_effect():
    by_protocol = comparison("point_exposure")
    by_estimate = comparison("randomised", is_randomised=False)

    for item in (by_protocol, by_estimate):
        title = words.main_estimate(item, is_lower_better=True)
        assert "effect" not in title
        assert "went with" in title


@pytest.mark.parametrize(
    ("low", "high", "includes"),
    [(-3.0, -0.01, False), (-3.0, 0.0, True), (0.0, 3.0, True), (0.01, 3.0, False)],
)
def test_a_limit_at_zero_reaches_no_difference(low, high, includes):
    effect = {**EFFECT, "estimate_low": low, "estimate_high": high}

    assert words.includes_zero(effect) is includes


def test_no_side_is_favoured_when_it_is_not_known_which_way_is_better():
    known = words.favours(comparison(), is_lower_better=True)
    unknown = words.favours(comparison(), is_lower_better=False)

    assert known == ("favours therapy", "favours usual care")
    assert unknown == ("lower with therapy", "higher with therapy")
    title = words.main_estimate(comparison(), is_lower_better=False)
    assert "better" not in title


@pytest.mark.parametrize(
    ("effect", "title"),
    [
        (
            {"estimate_low": 0.1, "estimate_high": 0.3},
            "At 2 months, 46 in 100 had responded with therapy against 22 with usual "
            "care",
        ),
        (
            {"estimate_low": -0.1, "estimate_high": 0.3},
            "At 2 months, 46 in 100 had responded with therapy against 22 with usual "
            "care; the interval includes no difference",
        ),
        (
            {"is_withheld": True, "withheld_reason": "Usual care: 11 people."},
            "Response to therapy: withheld. Usual care: 11 people",
        ),
        ({"is_suppressed": True, "estimate": None}, "Too few people to show response"),
    ],
)
def test_response_is_stated_in_people(effect, title):
    assert words.response(comparison(), {**EFFECT, **effect}) == title


def test_scores_are_told_at_the_follow_up_of_the_main_estimate():
    rows = scores(
        *(("therapy", 0, 22.5, 50), ("usual_care", 0, 24.2, 50)),
        *(("therapy", 2, 14.7, 50), ("usual_care", 2, 19.5, 50)),
        *(("therapy", 8, 8.9, 27), ("usual_care", 8, 13.6, 25)),
    )

    at_two = words.trajectory(comparison(), rows)
    later = comparison(outcome_id="bdi_ii_points_all_follow_ups")
    at_eight = words.trajectory(later, rows)

    assert at_two == (
        "At 2 months the mean score was 14.7 with therapy against 19.5 with usual care"
    )
    assert at_eight == (
        "At 8 months the mean score was 8.9 with therapy against 13.6 with usual care, "
        "among the 52 of 100 people still scored"
    )


def test_scores_of_a_withheld_comparison_are_not_set_against_each_other():
    rows = scores(("therapy", 2, 14.7, 50), ("usual_care", 2, 19.5, 50))
    item = comparison(is_withheld=True, withheld_reason="Too few.")

    assert words.trajectory(item, rows) == (
        "Therapy v usual care: scores as recorded; the comparison is withheld"
    )


def test_hidden_scores_are_said_to_be_hidden():
    one_arm = scores(("therapy", 2, 14.7, 50), ("usual_care", 2, None, None))

    assert words.trajectory(comparison(), one_arm) == (
        "Too few people to show scores over time"
    )
    assert words.follow_up_gaps(comparison(), one_arm) == (
        "How many people were scored at each follow-up is hidden."
    )


def test_the_flow_says_who_is_missing():
    start = (("therapy", 1, "eligible", 50), ("usual_care", 1, "eligible", 40))
    last = "followed_up_month_8"
    some = flow(*start, ("therapy", 2, last, 27), ("usual_care", 2, last, 30))
    none = flow(*start, ("therapy", 2, last, 50), ("usual_care", 2, last, 40))
    hidden = flow(*start, ("therapy", 2, last, 27), ("usual_care", 2, last, None))

    assert words.flow(comparison(), some) == (
        "33 of 90 people have no score at 8 months: 23 of 50 with therapy, "
        "10 of 40 with usual care"
    )
    assert words.flow(comparison(), none) == "All 90 people have a score at 8 months"
    assert words.flow(comparison(), hidden) == (
        "Too few people to show who was lost to follow-up"
    )
    assert words.flow(comparison(), ()) == "The patient flow was not recorded"


@pytest.mark.parametrize(
    ("passed", "warnings", "failed", "title"),
    [
        (9, 0, 0, "All 9 checks passed"),
        (8, 1, 0, "8 of 9 checks passed, with 1 warning"),
        (7, 1, 1, "1 check of 9 failed"),
        (0, 0, 0, "No check was recorded"),
    ],
)
def test_checks_are_counted(passed, warnings, failed, title):
    row = {
        "checks_count": passed + warnings + failed,
        "passed_count": passed,
        "warnings_count": warnings,
        "failed_count": failed,
    }

    assert record_words.quality((row,)) == title


@pytest.mark.parametrize(
    ("counts", "title"),
    [
        ((5, 5, 0, 0), "Every record is accounted for: 5 in, 5 loaded"),
        (
            (9, 5, 3, 1),
            "Every record is accounted for: 9 in, 5 loaded, 3 set aside and 1 exact "
            "duplicate left out",
        ),
        ((9, 5, 3, 0), "1 record is not accounted for"),
        ((9, 5, None, 0), "Too few people to show every record count"),
    ],
)
def test_records_must_add_up(counts, title):
    keys = ("yielded_count", "loaded_count", "quarantined_count", "duplicate_count")
    row = {**dict(zip(keys, counts, strict=True)), "is_supplied": True}

    assert record_words.reconciliation((row,)) == title


def test_no_title_claims_a_cause():
    for design in words.DESIGNS:
        for high in (-1.0, 1.0):
            item = comparison(design, estimate_high=high)
            assert "because" not in words.main_estimate(item, is_lower_better=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.04, "0.0"), (-0.05, "−0.1"), (1234.0, "1,234.0"), (0.0, "0.0")],
)
def test_numbers_have_a_real_minus_sign_and_no_negative_zero(value, text):
    assert fmt.number(value) == text
