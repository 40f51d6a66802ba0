"""Sentences about service comparisons, each on both sides of its condition."""

import pytest
from unit.reporting.service_figures import effect

from pipelines.reporting import check_words, measured, service_words
from pipelines.reporting.balance_rows import covariate

PHQ9 = {
    "instrument": "phq9",
    "name": "PHQ-9",
    "is_lower_better": True,
    "minimal_important_difference_points": 5,
}
SWLS = {"instrument": "swls", "name": "SWLS", "is_lower_better": False}
INSTRUMENTS = {"phq9": PHQ9, "swls": SWLS}
LABELS = ("Long-term therapy", "CBT by contract")


def what(outcome_id="phq9_points_12mo", role="benefit", month=12):
    return measured.read(outcome_id, month, role, INSTRUMENTS)


def share(estimate, low, high):
    return effect(estimate, low, high, "risk_difference")


@pytest.mark.parametrize(
    ("outcome_id", "estimate", "told"),
    [
        (
            "phq9_points_12mo",
            effect(),
            "2.2 points lower on the PHQ-9 at 12 months with long-term therapy than with "
            "CBT by contract (difference −2.2 points, 95% interval −3.1 to −1.3; lower is "
            "better)",
        ),
        (
            "phq9_points_12mo",
            effect(2.2, 1.3, 3.1),
            "2.2 points higher on the PHQ-9 at 12 months with long-term therapy than with "
            "CBT by contract (difference +2.2 points, 95% interval 1.3 to 3.1; lower is "
            "better)",
        ),
        (
            "swls_points_12mo",
            effect(2.2, 0.0, 3.1),
            "no clear difference on the SWLS at 12 months for long-term therapy against "
            "CBT by contract (difference +2.2 points, 95% interval 0.0 to 3.1; higher is "
            "better)",
        ),
        (
            "phq9_response_12mo",
            share(0.09, 0.04, 0.14),
            "9 more people in 100 had responded at 12 months with long-term therapy than "
            "with CBT by contract (difference +9 in 100, 95% interval 4 to 14)",
        ),
        (
            "phq9_item_9_12mo",
            share(-0.02, -0.03, -0.01),
            "2 fewer people in 100 had thoughts of death or self-harm at 12 months with "
            "long-term therapy than with CBT by contract (difference −2 in 100, 95% "
            "interval −3 to −1)",
        ),
        (
            "phq9_response_12mo",
            share(0.02, -0.04, 0.08),
            "no clear difference in how many had responded at 12 months for long-term "
            "therapy against CBT by contract (difference +2 in 100, 95% interval −4 to 8)",
        ),
    ],
)
def test_a_finding_is_an_estimated_effect_not_randomised(outcome_id, estimate, told):
    found = service_words.finding(LABELS, what(outcome_id), estimate)

    assert found == f"Estimated effect, not randomised: {told}"
    assert "because" not in found


@pytest.mark.parametrize("design", ["point_exposure", "sustained"])
def test_an_answer_names_the_people_and_what_it_does_not_show(design):
    answer = service_words.answer(
        design=design,
        labels=LABELS,
        population="Adults who start therapy.",
        what=what(),
        effect=effect(),
    )

    assert "). It is about adults who start therapy. It does not show what a" in answer
    assert answer.endswith(service_words.DOES_NOT_SHOW[design])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            effect(is_withheld=True, withheld_reason="Too far apart."),
            "Withheld. Too far apart.",
        ),
        (effect(is_withheld=True), "Withheld. Its checks did not pass."),
        (effect(is_suppressed=True), "Too few people to show."),
    ],
)
def test_what_is_not_shown_says_why(row, told):
    assert service_words.withheld(row) == told


@pytest.mark.parametrize(
    ("shown", "withheld", "told"),
    [
        (0, 0, "No comparison of this service was run"),
        (1, 0, "1 comparison of this service was run: 1 shown, 0 withheld"),
        (3, 2, "5 comparisons of this service were run: 3 shown, 2 withheld"),
    ],
)
def test_how_many_were_run_and_withheld_is_told(shown, withheld, told):
    assert service_words.counted(shown, withheld) == told


GAINED = share(0.1, 0.05, 0.15)


@pytest.mark.parametrize(
    ("sessions", "response", "told"),
    [
        (
            (34.0, 14.0),
            GAINED,
            "About 200 more sessions for each extra responder at 12 months: 20.0 more "
            "sessions a person, and 10 more responders in 100.",
        ),
        (
            (34.0, 14.0),
            None,
            "Not given: the difference in responders at 12 months is not",
        ),
        (
            (34.0, 14.0),
            effect(None, None, None),
            "Not given: the difference in responders",
        ),
        ((None, 14.0), GAINED, "Not given: the mean number of sessions is not shown."),
        ((34.0, 14.0), share(0.1, 0.0, 0.2), "Not given: the interval for responders"),
        (
            (34.0, 14.0),
            share(-0.1, -0.2, -0.05),
            "Not given: there were fewer responders",
        ),
        (
            (14.0, 14.0),
            GAINED,
            "None: there were more responders with no more sessions.",
        ),
    ],
)
def test_sessions_for_an_extra_responder_are_told_only_where_clear(
    sessions, response, told
):
    assert service_words.sessions_per_responder(sessions, response).startswith(told)


def test_agreement_counts_the_side_and_the_size_and_is_no_evidence():
    others = [effect(-2.0), effect(-4.0), effect(0.1), effect(-1.3)]

    told = service_words.agreement(effect(), others)

    assert told == (
        "Of 4 other estimates, 3 (75%) lie on the same side of no difference and 2 (50%) "
        "lie inside the interval of the pre-declared one. Agreement across specifications "
        "is a description, not evidence."
    )
    one = service_words.agreement(effect(), others[:1])
    assert one.startswith("Of 1 other estimate, 1 (100%) lies on the same side")
    none = service_words.agreement(effect(), [])
    assert none.startswith("No other estimate of it is shown. Agreement across")


@pytest.mark.parametrize(
    ("others", "title"),
    [
        ([], "No other estimate is shown beside the pre-declared −2.2"),
        (
            [effect(-2.0)],
            "Estimated in 1 other way, the difference is −2.0, beside the pre-declared −2.2",
        ),
        (
            [effect(-2.0), effect(-4.0), effect(0.1)],
            "Estimated in 3 other ways, the difference is −4.0 to +0.1, beside the "
            "pre-declared −2.2",
        ),
    ],
)
def test_the_title_of_other_ways_gives_their_range(others, title):
    assert service_words.other_ways(effect(), others) == title


@pytest.mark.parametrize(
    ("row", "amount", "limits", "none"),
    [
        (effect(-0.04, -1, 1), "0.0", "−1.0 to 1.0", True),
        (share(0.091, 0.04, 0.14), "+9", "4 to 14", False),
        (effect(1.3, 1.1, 1.5, "risk_ratio"), "1.30", "1.10 to 1.50", False),
        (effect(1.1, 0.9, 1.3, "risk_ratio"), "1.10", "0.90 to 1.30", True),
        (effect(1.1, 1, 1.3, "interaction_risk_ratio"), "1.10", "1.00 to 1.30", True),
        (
            effect(0.2, 0.1, 0.3, "interaction_risk_difference"),
            "+20",
            "10 to 30",
            False,
        ),
    ],
)
def test_numbers_are_written_in_the_unit_of_their_scale(row, amount, limits, none):
    assert service_words.amount(row) == amount
    assert service_words.limits(row) == limits
    assert service_words.includes_none(row) is none


@pytest.mark.parametrize(
    ("outcome_id", "title", "is_lower_better"),
    [
        ("phq9_points_12mo", "PHQ-9 score, 12 months", True),
        ("swls_points_12mo", "SWLS score, 12 months", False),
        ("phq9_response_12mo", "Responded, 12 months", False),
        ("phq9_not_well_12mo", "Not well, 12 months", True),
        ("phq9_item_9_12mo", "Thoughts of death or self-harm, 12 months", True),
        ("injury_12mo", "Injury, 12 months", True),
        ("new_harm_12mo", "New harm, 12 months", True),
    ],
)
def test_an_outcome_has_a_name(outcome_id, title, is_lower_better):
    assert what(outcome_id).title == title
    assert what(outcome_id).is_lower_better is is_lower_better
    assert what(outcome_id).said or what(outcome_id).is_points


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("baseline_phq9_points", "PHQ-9 at the start"),
        ("baseline_phq9_points_squared", "PHQ-9 at the start squared"),
        ("baseline_phq9_item_9_points", "PHQ-9 item 9 at the start"),
        ("age_at_start_years", "Age at start (years)"),
        ("is_treatment_resistant", "Treatment-resistant"),
        ("prior_episodes_count", "Prior episodes"),
    ],
)
def test_a_covariate_has_a_name(code, name):
    assert covariate(code) == name


@pytest.mark.parametrize(
    ("after", "title"),
    [
        ((), "How alike both sides are is not shown"),
        ((None,), "How alike both sides are is not shown"),
        (
            (0.1, -0.1),
            "After weighting the sides are alike in all of 2 things recorded",
        ),
        ((0.11, 0), "After weighting, 1 of 2 things recorded was more than 0.1 apart"),
        (
            (0.2, -0.3),
            "After weighting, 2 of 2 things recorded were more than 0.1 apart",
        ),
    ],
)
def test_balance_is_told_by_its_limit(after, title):
    assert check_words.balance(tuple({"after": value} for value in after)) == title


def test_of_strategies_balance_is_with_everybody():
    told = check_words.balance(({"after": 0.05},), is_sustained=True)

    assert told == (
        "After weighting those who keep to a strategy are like everybody in all of "
        "1 thing recorded"
    )
