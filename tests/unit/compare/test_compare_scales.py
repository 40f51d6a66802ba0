"""Scales, what would undo an estimate, and what several estimates say together."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_up_comparisons import by_contract, outcome

from pipelines.compare import scales, summary
from pipelines.compare.answers import Fitted, Result
from pipelines.compare.gate import ArmCount
from pipelines.compare.results import Estimate, NotEstimableError

POINTS, SHARE = outcome(), outcome("phq9_response_12mo")
PROTOCOL = by_contract()
ARMS = PROTOCOL.exposed, PROTOCOL.comparator
CLUSTER = np.arange(4)


def one(estimate, low=None, high=None, levels=(0.6, 0.4)):
    low = estimate - 1 if low is None else low
    high = estimate + 1 if high is None else high
    return Estimate(*levels, estimate, low, high, 0.5, "", 0.5)


def fitted(estimate, levels=(0.6, 0.4), size=0.1, influences=True):
    """Four people, of whom each moves one level by as much."""
    moves = (
        size * np.array([1.0, -1, 0, 0]),
        size * np.array([0.0, 0, 1, -1]),
    )
    return Fitted(
        one(estimate, levels=levels), CLUSTER, influences=moves if influences else None
    )


def test_points_have_one_scale_and_shares_two():
    assert scales.of(POINTS) == ("mean_difference",)
    assert scales.of(SHARE) == ("risk_difference", "risk_ratio")
    assert list(scales.put_on(POINTS, fitted(-2.0))) == ["mean_difference"]

    found = scales.put_on(SHARE, fitted(0.2))

    assert found["risk_difference"].estimate == 0.2
    assert found["risk_ratio"].estimate == pytest.approx(1.5)
    assert found["risk_ratio"].low < 1.5 < found["risk_ratio"].high


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (fitted(0.2, influences=False), "gives no ratio"),
        (fitted(0.6, levels=(0.6, 0.0)), "A level of 0 has no ratio"),
    ],
)
def test_a_ratio_that_cannot_be_had_says_why_and_the_difference_stays(given, said):
    found = scales.put_on(SHARE, given)

    assert said in found["risk_ratio"]
    assert isinstance(found["risk_difference"], Estimate)


def values(rules):
    return {rule.diagnostic_id: rule.value for rule in rules}


def test_e_values_of_points_by_hand():
    """0.91 x 2 / 4 = 0.455: a risk ratio of 1.576 below one; of the limit, 1.255."""
    found = {"mean_difference": one(-2.0, -3.0, -1.0)}
    ratio, limit = math.exp(0.455), math.exp(0.2275)

    assert values(scales.e_values(POINTS, found, 4.0)) == {
        "e_value": pytest.approx(ratio + math.sqrt(ratio * (ratio - 1))),
        "e_value_of_limit": pytest.approx(limit + math.sqrt(limit * (limit - 1))),
    }


def test_e_values_of_a_share_come_from_its_ratio():
    found = {"risk_difference": one(0.2), "risk_ratio": one(1.25, 1.1, 1.4)}
    told = scales.e_values(SHARE, found, 0.5)

    assert values(told) == {
        "e_value": pytest.approx(1.25 + math.sqrt(1.25 * 0.25)),
        "e_value_of_limit": pytest.approx(1.1 + math.sqrt(1.1 * 0.1)),
    }
    assert all(rule.is_passed is None for rule in told)
    across = {"risk_ratio": one(1.25, 0.9, 1.7)}
    assert values(scales.e_values(SHARE, across, 0.5))["e_value_of_limit"] == 1
    assert scales.e_values(SHARE, {"risk_ratio": "It has none."}, 0.5) == []


@pytest.mark.parametrize(
    ("low", "high", "missing", "expected"),
    [
        (-3.0, -1.0, (0.1, 0.25), (10.0, 4.0)),
        (1.0, 3.0, (0.1, 0.25), (10.0, 4.0)),
        (-3.0, -2.7, (0.1, 0.05), (27.0, None)),  # no score is 54 points off
        (-3.0, 1.0, (0.1, 0.25), (0.0, 0.0)),
        (-3.0, -1.0, (0.0, 0.5), (None, 2.0)),
    ],
)
def test_how_far_off_missing_scores_would_have_to_be(low, high, missing, expected):
    told = scales.tipping(one(-2.0, low, high), missing, ARMS)

    assert [rule.arm for rule in told] == [arm.arm for arm in ARMS]
    for rule, points in zip(told, expected, strict=True):
        assert rule.value == (None if points is None else pytest.approx(points))
        assert "missing scores would have to differ" in rule.note


def result(
    estimates, estimator_id="aipw", population="all", spec="protocol", of=POINTS
):
    counts = [ArmCount(arm.arm, arm.label, 30, 20) for arm in ARMS]
    return Result(
        of,
        estimator_id,
        *counts,
        cluster_count=10,
        estimates=estimates,
        rules=(),
        population_id=population,
        specification_id=spec,
        fitted=fitted(0.0),
    )


def points(estimate, *args, **how):
    return result({"mean_difference": one(estimate)}, *args, **how)


def test_the_others_agree_or_not_and_the_primary_is_none_of_them():
    panel = [
        points(-2.0),
        points(-2.9, "iptw"),
        points(-4.0, "overlap"),
        points(0.5, "unadjusted"),
        points(-1.1, spec="complete_cases"),
        result({"mean_difference": "Withheld."}, spec="multiple_imputation"),
        points(9.0, population="chronic"),
        points(9.0, of=outcome("wsas_points_12mo")),
    ]
    told = summary.rules(panel, PROTOCOL)

    assert values(told) == {
        "specifications_agreeing_in_sign": 0.75,
        "specifications_within_interval": 0.5,
    }
    assert all("Of 4 other ways" in rule.note for rule in told)


def test_without_the_primary_or_without_another_nothing_agrees():
    withheld = result({"mean_difference": "Withheld."})

    assert summary.rules([withheld, points(-2.0, "iptw")], PROTOCOL) == []
    assert summary.rules([points(-2.0)], PROTOCOL) == []


def group(levels, population, of=POINTS, size=0.1, share=False):
    found = {scales.DIFFERENCE[of.measure]: one(levels[0] - levels[1], levels=levels)}
    if share:
        found["risk_ratio"] = one(levels[0] / levels[1])
    return replace(
        result(found, population=population, of=of),
        fitted=fitted(0.0, levels=levels, size=size),
    )


def test_a_subgroup_is_held_against_the_others_on_every_scale():
    primary = replace(PROTOCOL.primary, outcome_id=SHARE.outcome_id)
    protocol = by_contract(outcomes=(SHARE,), primary=primary)
    both = [
        group((0.6, 0.3), "chronic", SHARE, share=True),
        group((0.5, 0.4), "not_chronic", SHARE, size=0.3, share=True),
    ]
    [found] = summary.interaction(both, protocol, "chronic")

    assert list(found.estimates) == [
        "interaction_risk_difference",
        "interaction_risk_ratio",
    ]
    difference = found.estimates["interaction_risk_difference"]
    assert difference.estimate == pytest.approx(0.2)
    assert (difference.exposed_level, difference.comparator_level) == pytest.approx(
        (0.3, 0.1)
    )
    # the same four clusters, who move both groups: 0.3 less 0.1, twice
    assert difference.std_error == pytest.approx(
        math.sqrt(4 / 3 * 4 * 0.4**2) / 8, abs=1e-9
    )
    ratio = found.estimates["interaction_risk_ratio"]
    assert ratio.estimate == pytest.approx(2.0 / 1.25)
    assert found.population_id == "chronic"
    assert found.cluster_count == 20
    assert found.rules == ()


def test_an_interaction_is_withheld_where_one_of_the_two_is():
    withheld = result({"mean_difference": "Too few people."}, population="not_chronic")
    both = [group((8.0, 10.0), "chronic"), withheld]
    [found] = summary.interaction(both, PROTOCOL, "chronic")

    assert found.estimates == {"interaction_mean_difference": "Too few people."}
    twice = [replace(withheld, population_id="chronic"), withheld]
    [found] = summary.interaction(twice, PROTOCOL, "chronic")
    assert found.estimates == {"interaction_mean_difference": "Too few people."}


def test_an_interaction_without_influences_says_so():
    both = [group((8.0, 10.0), name) for name in ("chronic", "not_chronic")]
    both[1] = replace(both[1], fitted=fitted(0.0, influences=False))
    [found] = summary.interaction(both, PROTOCOL, "chronic")

    assert "gives no ratio" in found.estimates["interaction_mean_difference"]


@pytest.mark.parametrize(
    ("levels", "limits", "std_error", "reason"),
    [
        ((0.0, 1.0), (-1.0, 1.0), 1e-6, ""),
        ((-0.001, 0.5), (-0.6, -0.4), 0.1, "outside 0 to 1"),
        ((0.5, 1.001), (-0.6, -0.4), 0.1, "outside 0 to 1"),
        ((0.2, 0.8), (-1.001, -0.2), 0.1, "wider than"),
        ((0.8, 0.2), (0.2, 1.001), 0.1, "wider than"),
        ((0.2, 0.8), (-0.7, -0.5), 4e-7, "determine the estimate's error"),
    ],
)
def test_what_no_share_can_be_is_refused(levels, limits, std_error, reason):
    exposed, comparator = levels
    contrast = Estimate(
        exposed, comparator, exposed - comparator, *limits, 0.5, "made_up", std_error
    )
    found = Fitted(contrast, CLUSTER)

    if not reason:
        scales.refuse_impossible(SHARE, found)
        return
    with pytest.raises(NotEstimableError, match=reason):
        scales.refuse_impossible(SHARE, found)


def test_points_may_be_anything():
    contrast = Estimate(30.0, -2.0, 32.0, -50.0, 90.0, 0.5, "made_up", 2.0)

    scales.refuse_impossible(POINTS, Fitted(contrast, CLUSTER))
