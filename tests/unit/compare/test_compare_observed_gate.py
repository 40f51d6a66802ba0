"""Each rule of a choice nobody allocated, seen to fail and to pass at its limit."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import (
    LAX,
    by_contract,
    choices,
    new_build,
    over_weeks,
    write,
)

from pipelines.compare import observed_gate, point_exposure, terms, units
from pipelines.compare.duration import Followers, LengthContrast
from pipelines.compare.point_exposure import Weighed
from pipelines.compare.units import Sample

DAY_ZERO = by_contract(target="everyone")
WEEKS = over_weeks()
COUNT = 400
ABOVE, BELOW = 1 + 1e-9, 1 - 1e-9


def rules_of(found, diagnostic_id, arm=None):
    return [
        rule
        for rule in found
        if rule.diagnostic_id == diagnostic_id and arm in (None, rule.arm)
    ]


def rule_of(found, diagnostic_id, arm=None):
    [rule] = rules_of(found, diagnostic_id, arm)
    return rule


@pytest.fixture(scope="module")
def prepared():
    con = new_build()
    made = choices(COUNT, 1, missing=True)
    write(con, "long_vs_short_term_by_contract", made)
    people, _ = units.read(con, DAY_ZERO)
    of = DAY_ZERO.outcomes[0]
    return point_exposure.prepare(units.sample(people, of), DAY_ZERO, of, 0.0)


def first_of_each_arm(sample):
    return [
        np.flatnonzero(arm & sample.is_observed)[0]
        for arm in (sample.is_exposed, ~sample.is_exposed)
    ]


def of_day_zero(prepared, chance=0.5, limits=LAX, protocol=DAY_ZERO, heaviest=1.0):
    chance = np.broadcast_to(np.asarray(chance, float), (COUNT,))
    weight = prepared.sample.is_observed.astype(float)
    weight[first_of_each_arm(prepared.sample)] = heaviest
    weighed = Weighed(None, chance, weight)
    return observed_gate.point_exposure(prepared, weighed, protocol, limits)


def test_nothing_fails_under_lax_limits(prepared):
    found = of_day_zero(prepared)

    assert all(rule.is_passed is not False for rule in found)
    assert {rule.diagnostic_id for rule in found if rule.is_passed} == {
        "largest_imbalance_weighted",
        "prognostic_imbalance_weighted",
        "equipoise",
        "largest_weight_share",
    }


@pytest.mark.parametrize(
    ("diagnostic_id", "said"),
    [
        ("largest_imbalance_weighted", "the arms differ on day 0"),
        ("prognostic_imbalance_weighted", "foretold from day 0"),
    ],
)
def test_arms_left_unlike_fail_and_pass_at_the_limit(prepared, diagnostic_id, said):
    """Weighted by a chance of a half, severe people are still the exposed ones."""
    value = abs(rule_of(of_day_zero(prepared), diagnostic_id).value)
    assert value > 0.3

    for limit, passes in ((value * ABOVE, True), (value * BELOW, False)):
        limits = replace(LAX, maximum_imbalance=limit)
        rule = rule_of(of_day_zero(prepared, limits=limits), diagnostic_id)
        assert rule.is_passed is passes
        assert said in rule.note
        assert f"{value:.2f}" in rule.note


def test_what_chance_brings_is_allowed_where_the_limit_is_nothing(prepared):
    limits = replace(LAX, maximum_imbalance=1e-9)
    rule = rule_of(of_day_zero(prepared, limits=limits), "largest_imbalance_weighted")

    assert 0.1 < rule.limit_high < 0.6
    assert not rule.is_passed
    few = replace(LAX, maximum_imbalance=0.1)
    prognostic = rule_of(
        of_day_zero(prepared, limits=few), "prognostic_imbalance_weighted"
    )
    # 1.96 times what two effective sizes of about 200 leave
    assert prognostic.limit_high == pytest.approx(1.96 * np.sqrt(2 / 200), rel=0.05)
    assert prognostic.limit_low == -prognostic.limit_high


def test_the_right_chance_makes_the_arms_alike(prepared):
    weighed = point_exposure.fit(prepared, "iptw", DAY_ZERO.outcomes[0])
    limits = replace(LAX, maximum_imbalance=0.1)
    found = of_day_zero(prepared, weighed.propensity, limits)

    assert rule_of(found, "largest_imbalance_weighted").is_passed
    assert rule_of(found, "prognostic_imbalance_weighted").is_passed
    before = rule_of(found, "standardised_difference_baseline_phq9_points").value
    after = rule_of(found, "weighted_standardised_difference_baseline_phq9_points")
    assert before > 0.5
    assert abs(after.value) < 0.1
    assert rules_of(found, "variance_ratio_baseline_phq9_points")


def test_the_target_decides_the_weights_that_are_judged(prepared):
    """Overlap weights leave no difference at all in what the chance was fitted on."""
    weighed = point_exposure.fit(prepared, "overlap", DAY_ZERO.outcomes[0])
    name = "weighted_standardised_difference_baseline_phq9_points"
    both, everyone = (
        rule_of(
            of_day_zero(
                prepared, weighed.propensity, protocol=by_contract(target=target)
            ),
            name,
        ).value
        for target in ("overlap", "everyone")
    )

    assert abs(both) < 1e-6
    assert abs(everyone) > 1e-4


def test_too_few_who_could_have_had_either_fail(prepared):
    """A quarter of the people could have had either arm."""
    chance = np.where(np.arange(COUNT) < COUNT / 4, 0.5, 0.02)
    for least, passes in ((0.25, True), (0.2501, False)):
        limits = replace(LAX, minimum_equipoise=least)
        rule = rule_of(of_day_zero(prepared, chance, limits), "equipoise")
        assert rule.value == 0.25
        assert rule.is_passed is passes
        assert "25% of people could well have had either arm" in rule.note
    assert rule_of(of_day_zero(prepared, chance), "smallest_chance").value == 0.02
    assert rule_of(of_day_zero(prepared, 1 - chance), "smallest_chance").value == (
        pytest.approx(0.02)
    )


def test_what_the_weights_make_of_each_arm_is_shown(prepared):
    sample = prepared.sample
    found = of_day_zero(replace(prepared, left_out=(3, 4)), 0.5)

    for arm, members, left_out in (
        (DAY_ZERO.exposed, sample.is_exposed, 3.0),
        (DAY_ZERO.comparator, ~sample.is_exposed, 4.0),
    ):
        seen = (members & sample.is_observed).sum()
        size = rule_of(found, "effective_size", arm.arm)
        share = rule_of(found, "largest_weight_share", arm.arm)
        assert size.value == pytest.approx(seen)  # all weigh the same
        assert share.value == pytest.approx(1 / seen)
        assert rule_of(found, "left_out_without_counterpart", arm.arm).value == left_out
        assert size.is_passed is None


def test_one_person_who_counts_for_too_much_fails(prepared):
    """One who counts as all the others of the arm together has half of its weight."""
    sample = prepared.sample
    for arm, members in (
        (DAY_ZERO.exposed, sample.is_exposed),
        (DAY_ZERO.comparator, ~sample.is_exposed),
    ):
        others = (members & sample.is_observed).sum() - 1
        for most, passes in ((0.5 * ABOVE, True), (0.5 * BELOW, False)):
            limits = replace(LAX, maximum_weight_share_of_a_choice=most)
            found = of_day_zero(prepared, limits=limits, heaviest=float(others))
            rule = rule_of(found, "largest_weight_share", arm.arm)
            assert rule.value == pytest.approx(0.5)
            assert rule.is_passed is passes
            assert "one person has 50% of the weight" in rule.note


@pytest.mark.parametrize("estimator_id", ["iptw", "overlap", "aipw"])
def test_who_stands_for_the_unobserved_counts_for_more(prepared, estimator_id):
    """The weights that are judged are those of the estimate, not of the arm alone."""
    sample = prepared.sample
    weighed = point_exposure.fit(prepared, estimator_id, DAY_ZERO.outcomes[0])
    target = "overlap" if estimator_id == "overlap" else "everyone"
    alone = point_exposure.design_weight(weighed.propensity, target, sample.is_exposed)
    more = weighed.weight[sample.is_observed] / alone[sample.is_observed]

    assert (weighed.weight[~sample.is_observed] == 0).all()
    assert more.max() / more.min() > 1.5


def test_where_nothing_foretells_the_outcome_nothing_is_judged_by_it(prepared):
    nothing = replace(prepared, terms=np.zeros((COUNT, 1)), names=("same",))
    rule = rule_of(of_day_zero(nothing), "prognostic_imbalance_weighted")

    assert rule.value is None
    assert rule.is_passed is None
    assert "No covariate varies" in rule.note


def followers(count=200, weight=2.0, largest=None):
    """Half of the people follow, each standing for one other."""
    weights = np.zeros(COUNT)
    weights[:count] = weight
    if largest is not None:
        weights[0] = largest
    return Followers(weights, np.zeros((COUNT, 1)))


def of_weeks(long=None, short=None, limits=LAX, values=None, observed=None):
    frame = pl.DataFrame(
        {"age": np.arange(COUNT) % 2 * 1.0 if values is None else values}
    )
    seen = np.ones(COUNT, bool) if observed is None else observed
    sample = Sample(frame, np.zeros(COUNT), seen)
    found = LengthContrast(
        None, long or followers(), short or followers(), np.zeros(COUNT), ()
    )
    built = terms.build(frame, ("age",))
    return observed_gate.sustained(sample, built, found, WEEKS, limits)


@pytest.mark.parametrize("position", ["long", "short"])
@pytest.mark.parametrize(
    ("given", "limits", "diagnostic_id", "said", "passes"),
    [
        (
            followers(200),
            {"minimum_effective_size": 200},
            "effective_size",
            "worth 200 people, at least 200",
            True,
        ),
        (
            followers(199),
            {"minimum_effective_size": 200},
            "effective_size",
            "worth 199 people, at least 200",
            False,
        ),
        (
            followers(200, 1.0, largest=50.0),
            {"minimum_effective_size": 100},
            "effective_size",
            "worth 23 people",
            False,
        ),
        (
            followers(20),
            {"maximum_weight_share": 0.05},
            "largest_weight_share",
            "one person has 5% of the weight",
            True,
        ),
        (
            followers(19),
            {"maximum_weight_share": 0.05},
            "largest_weight_share",
            "at most 5% is allowed",
            False,
        ),
        (
            followers(200, 2.25),
            {"maximum_mean_weight_error": 0.125},
            "mean_weight",
            "must average 0.88 to 1.12",
            True,
        ),
        (
            followers(200, 2.26),
            {"maximum_mean_weight_error": 0.125},
            "mean_weight",
            "weights average 1.13",
            False,
        ),
        (
            followers(200, 1.75),
            {"maximum_mean_weight_error": 0.125},
            "mean_weight",
            "weights average 0.88",
            True,
        ),
        (
            followers(200, 1.74),
            {"maximum_mean_weight_error": 0.125},
            "mean_weight",
            "weights average 0.87",
            False,
        ),
    ],
)
def test_followers_fail_and_pass_at_the_limit(
    position, given, limits, diagnostic_id, said, passes
):
    arms = {"long": WEEKS.exposed, "short": WEEKS.comparator}
    limits = replace(LAX, **limits)
    found = of_weeks(**{position: given}, limits=limits)
    rule = rule_of(found, diagnostic_id, arms[position].arm)

    assert rule.is_passed is passes
    assert rule.note.startswith(arms[position].label)
    assert said in rule.note
    [other] = [one for one in rules_of(found, diagnostic_id) if one != rule]
    assert other.is_passed


def test_followers_without_the_outcome_are_worth_nothing():
    """All weigh the same; of 200 followers 40 have it."""
    seen = np.arange(COUNT) % 5 == 0
    found = of_weeks(observed=seen)

    for rule in rules_of(found, "effective_size"):
        assert rule.value == pytest.approx(40)
    for rule in rules_of(found, "largest_weight_share"):
        assert rule.value == pytest.approx(1 / 40)
    for rule in rules_of(found, "mean_weight"):
        assert rule.value == 1
    nobody = of_weeks(observed=np.zeros(COUNT, bool))
    assert {rule.value for rule in rules_of(nobody, "effective_size")} == {0}
    assert {rule.value for rule in rules_of(nobody, "largest_weight_share")} == {1}


@pytest.mark.parametrize("unlike", ["long", "short"])
def test_followers_unlike_the_cohort_fail_and_pass_at_the_limit(unlike):
    """75 % of the followers are old, of everybody half: half a standard deviation."""
    old = np.r_[np.arange(200) % 4 > 0, np.arange(200) % 4 == 0].astype(float)
    alike = Followers(np.ones(COUNT), np.zeros((COUNT, 1)))
    followed = {"long": alike, "short": alike} | {unlike: followers()}
    for limit, passes in ((0.5 * ABOVE, True), (0.5 * BELOW, False)):
        limits = replace(LAX, maximum_imbalance=limit)
        found = of_weeks(values=old, limits=limits, **followed)
        rule = rule_of(found, "largest_imbalance_weighted")
        assert rule.value == pytest.approx(0.5)
        assert rule.is_passed is passes
        assert "followers and the whole cohort" in rule.note
    arms = {"long": WEEKS.exposed.arm, "short": WEEKS.comparator.arm}
    told = rules_of(found, "weighted_standardised_difference_age")
    assert {rule.arm: round(rule.value, 6) for rule in told} == {
        arm: 0.5 if name == unlike else 0.0 for name, arm in arms.items()
    }
