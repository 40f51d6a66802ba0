import pytest

from pipelines.compare import gate
from pipelines.compare.gate import ArmCount, Rule, decide
from pipelines.settings import Gate


def verdict(exposed, comparator, design="randomised", limits=None):
    return decide(
        design,
        ArmCount("therapy", "Therapy", *exposed),
        ArmCount("usual_care", "Usual care", *comparator),
        limits or Gate(),
    )


# (people, observed) of each arm, and the rules that must fail.
CASES = [
    ((20, 20), (20, 20), []),
    ((20, 20), (20, 19), ["people_with_the_outcome"]),
    ((20, 19), (20, 20), ["people_with_the_outcome"]),
    ((100, 60), (100, 60), []),
    ((100, 59), (100, 60), ["outcome_observed_share"]),
    ((100, 60), (100, 59), ["outcome_observed_share"]),
    ((100, 85), (100, 100), []),
    ((100, 84), (100, 100), ["outcome_observed_share_difference"]),
    ((100, 100), (100, 84), ["outcome_observed_share_difference"]),
    # As binary fractions 0.75 - 0.6 is above 0.15; it is exactly 15 points.
    ((100, 75), (100, 60), []),
    ((100, 76), (100, 60), ["outcome_observed_share_difference"]),
    ((1000, 599), (1000, 600), ["outcome_observed_share"]),
]


@pytest.mark.parametrize("design", gate.DESIGNS)
@pytest.mark.parametrize(("exposed", "comparator", "failing"), CASES)
def test_each_limit_holds_on_both_sides(exposed, comparator, failing, design):
    found = verdict(exposed, comparator, design)

    assert [r.diagnostic_id for r in found.rules if not r.is_passed] == failing
    assert (found.withheld_reason is None) == (failing == [])


def test_the_reason_is_a_sentence_with_the_arm_and_the_counts():
    assert verdict((30, 30), (14, 12)).withheld_reason == (
        "Usual care: 12 people have this outcome, at least 20 are needed."
    )
    assert verdict((52, 29), (48, 29)).withheld_reason == (
        "Therapy: the outcome is known for 29 of 52 people (55.8%), "
        "at least 60% is needed."
    )
    assert verdict((100, 100), (100, 84)).withheld_reason == (
        "The outcome is known for 100 of 100 in one arm and 84 of 100 in the other, "
        "16 points apart; at most 15 are allowed."
    )


def test_every_failed_rule_is_told():
    reason = verdict((40, 19), (40, 38)).withheld_reason

    assert "19 people" in reason
    assert "47.5%" in reason
    assert "points apart" in reason


def test_an_empty_arm_is_withheld_and_its_share_is_unknown_not_zero():
    found = verdict((30, 30), (0, 0))

    assert found.withheld_reason == (
        "Usual care: 0 people have this outcome, at least 20 are needed."
    )
    shares = [r for r in found.rules if r.diagnostic_id == "outcome_observed_share"]
    assert [rule.value for rule in shares] == [1.0, None]


def test_an_empty_arm_is_withheld_whatever_the_settings():
    assert verdict((3, 3), (0, 0), limits=Gate(minimum_people_per_arm=0))
    found = verdict((3, 3), (0, 0), limits=Gate(minimum_people_per_arm=0))
    assert found.withheld_reason


def test_the_limits_come_from_the_settings():
    assert verdict((10, 10), (10, 10), limits=Gate(minimum_people_per_arm=10))
    strict = Gate(minimum_people_per_arm=1, minimum_observed_share=0.95)

    assert verdict((20, 19), (20, 19), limits=strict).withheld_reason is None
    assert verdict((20, 18), (20, 19), limits=strict).withheld_reason


def test_a_design_without_rules_is_refused():
    with pytest.raises(ValueError, match="crossover has no gate"):
        verdict((30, 30), (30, 30), design="crossover")


def test_more_observed_than_people_is_refused_by_arm_not_by_value():
    with pytest.raises(ValueError, match="arm usual_care") as caught:
        verdict((30, 30), (30, 4242))

    assert "4242" not in str(caught.value)


def rule(is_passed, note, value=1.0):
    return Rule("any", None, value, None, None, is_passed, note)


def test_reasons_are_the_notes_of_what_failed_in_order():
    rules = [
        rule(False, "First."),
        rule(True, "Passed."),
        rule(None, "Shown."),
        rule(False, "Second."),
    ]

    assert gate.reasons(rules) == ["First.", "Second."]
    assert gate.reasons(rules[1:3]) == []


def test_a_rule_that_failed_for_want_of_people_is_told_where_no_other_failed():
    unknown = rule(False, "Nobody could have it.", value=None)

    assert gate.reasons([unknown, rule(False, "Too few.", 0.0)]) == ["Too few."]
    assert gate.reasons([unknown, rule(True, "Passed.")]) == ["Nobody could have it."]


def test_what_is_shown_decides_nothing():
    told = gate.shown("smallest_chance", 0.1, "It is small.")

    assert told == Rule("smallest_chance", None, 0.1, None, None, None, "It is small.")
    assert gate.reasons([told]) == []


@pytest.mark.parametrize(
    ("setting", "is_overridden"),
    [
        ("", False),
        ("modality_cbt_vs_cognitive", True),
        ("format_group_vs_individual modality_cbt_vs_cognitive", True),
        ("modality_cbt_vs_cognitive_behavioural", False),
        ("modality", False),
    ],
)
def test_an_override_names_whole_comparisons(setting, is_overridden):
    failed = ["Too few.", "Too unlike."]
    left, told = gate.overridden(
        failed, "modality_cbt_vs_cognitive", Gate(overridden=setting)
    )

    if is_overridden:
        assert left == []
        [said] = told
        assert said.diagnostic_id == "gate_overridden"
        assert said.note.endswith("settings: Too few. Too unlike.")
        assert said.is_passed is None
    else:
        assert (left, told) == (failed, [])


def test_nothing_failed_is_nothing_to_override():
    assert gate.overridden([], "any", Gate(overridden="any")) == ([], [])
