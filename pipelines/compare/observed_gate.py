"""What a comparison that nobody allocated must show before its estimate is shown.

Of a choice made on day 0: the arms alike once weighted, in every covariate, its square,
products and a prognostic score; enough people who could well have had either; and nobody
counting for too much. Of a strategy kept up over weeks: enough effective followers, nobody counting for too much,
weights that average to one, followers like the cohort (METHODS 9).
"""

import numpy as np
from numpy.typing import NDArray

from pipelines.compare import imbalance, logistic, prognosis, weighting
from pipelines.compare.duration import Followers, LengthContrast
from pipelines.compare.gate import Rule, shown
from pipelines.compare.imbalance import Imbalance
from pipelines.compare.point_exposure import Prepared, Weighed, design_weight
from pipelines.compare.protocols import Arm, Protocol
from pipelines.compare.results import NotEstimableError
from pipelines.compare.terms import Terms
from pipelines.compare.units import Sample
from pipelines.settings import Gate


def point_exposure(
    prepared: Prepared,
    weighed: Weighed,
    protocol: Protocol,
    limits: Gate,
) -> list[Rule]:
    """Check the arms of a choice made on day 0.

    Balance is that of everybody, whose weights are for the arm alone. How many the
    weighted people are worth, and how much one of them counts, is of those with the
    outcome, who also stand for those without it.

    Args:
        prepared: The sample and its terms.
        weighed: By the primary estimator.
        protocol: Its target decides the weights.
        limits: From settings.
    """
    sample, exposed = prepared.sample, prepared.sample.is_exposed
    propensity = weighed.propensity
    weight = design_weight(propensity, protocol.target, exposed)
    found = imbalance.between_arms(prepared.names, prepared.terms, exposed, weight)
    share = weighting.equipoise(propensity, float(exposed.mean()))
    least = limits.minimum_equipoise
    rules = [
        imbalance.verdict(found, limits.maximum_imbalance, "the arms"),
        _prognosis(prepared, weight, limits),
        Rule(
            "equipoise",
            None,
            share,
            least,
            None,
            share >= least,
            f"{_percent(share)} of people could well have had either arm (a preference "
            f"score from 0.3 to 0.7), at least {_percent(least)} are needed.",
        ),
    ]
    smallest = float(np.minimum(propensity, 1 - propensity).min())
    rules.append(
        shown(
            "smallest_chance",
            smallest,
            "Smallest modelled chance of the arm that somebody did not have.",
        )
    )
    for arm, in_arm in _arms(protocol, exposed):
        used = weighed.weight[in_arm & sample.is_observed]
        rules += _sizes(used, arm, limits.maximum_weight_share_of_a_choice)
    for arm, left_out in zip(
        (protocol.exposed, protocol.comparator), prepared.left_out, strict=True
    ):
        rules.append(
            Rule(
                "left_out_without_counterpart",
                arm.arm,
                float(left_out),
                None,
                None,
                None,
                f"{arm.label}: people in a category that the other arm hardly has; they "
                "are left out of the comparison.",
            )
        )
    return [*rules, *imbalance.each(found)]


def sustained(
    sample: Sample,
    built: Terms,
    found: LengthContrast,
    protocol: Protocol,
    limits: Gate,
) -> list[Rule]:
    """Check the followers of two strategies.

    Args:
        sample: Who could have the outcome.
        built: What was recorded of them on day 0.
        found: The contrast and its followers.
        protocol: Its arms.
        limits: From settings.
    """
    rules: list[Rule] = []
    found_in_both: list[Imbalance] = []
    for arm, followers in (
        (protocol.exposed, found.long),
        (protocol.comparator, found.short),
    ):
        rules += _followers(arm, followers, sample, limits)
        found_in_both += imbalance.against_cohort(
            built.names, built.matrix, followers.weight, arm.arm
        )
    rules.append(
        imbalance.verdict(
            found_in_both, limits.maximum_imbalance, "followers and the whole cohort"
        )
    )
    return [*rules, *imbalance.each(found_in_both)]


def _prognosis(prepared: Prepared, weight: NDArray[np.float64], limits: Gate) -> Rule:
    """Check the score that foretells the outcome from day 0, in the comparator."""
    sample, exposed = prepared.sample, prepared.sample.is_exposed
    # What is the same among those whose scores the model is fitted on tells it nothing.
    among = prepared.terms[~exposed & ~np.isnan(sample.values)]
    used = logistic.told_apart(np.column_stack([np.ones(len(among)), among]))[1:]
    named = {str(i): column for i, column in enumerate(prepared.terms[:, used].T)}
    try:
        score = prognosis.score(sample.values, exposed, named)
    except NotEstimableError as error:
        return shown("prognostic_imbalance_weighted", None, str(error))
    one = imbalance.of_term("the foretold outcome", score, exposed, weight)
    if one is None:
        return shown("prognostic_imbalance_weighted", None, "Nobody differs in it.")
    limit = one.limit(limits.maximum_imbalance)
    return Rule(
        "prognostic_imbalance_weighted",
        None,
        one.after,
        -limit,
        limit,
        abs(one.after) <= limit,
        f"The outcome foretold from day 0 differs by {one.after:+.2f} standard "
        f"deviations between the weighted arms; {limit:.2f} is allowed.",
    )


def _followers(
    arm: Arm, followers: Followers, sample: Sample, limits: Gate
) -> list[Rule]:
    used = followers.weight[sample.is_observed & (followers.weight > 0)]
    size = weighting.effective_size(used) if used.size else 0.0
    largest = float(used.max() / used.sum()) if used.size else 1.0
    mean = float(followers.weight.mean())
    least, most = limits.minimum_effective_size, limits.maximum_weight_share
    error = limits.maximum_mean_weight_error
    return [
        Rule(
            "effective_size",
            arm.arm,
            size,
            least,
            None,
            size >= least,
            f"{arm.label}: the weighted followers with the outcome are worth {size:.0f} "
            f"people, at least {least:.0f} are needed.",
        ),
        _largest(largest, most, arm),
        Rule(
            "mean_weight",
            arm.arm,
            mean,
            1 - error,
            1 + error,
            abs(mean - 1) <= error,
            f"{arm.label}: weights average {mean:.2f}; they must average "
            f"{1 - error:.2f} to {1 + error:.2f}, as they do where the model of "
            "stopping is right.",
        ),
    ]


def _sizes(used: NDArray[np.float64], arm: Arm, most: float) -> list[Rule]:
    size = weighting.effective_size(used) if used.size else 0.0
    largest = float(used.max() / used.sum()) if used.size else 1.0
    return [
        Rule(
            "effective_size",
            arm.arm,
            size,
            None,
            None,
            None,
            f"{arm.label}: people that those with the outcome are worth, weighted.",
        ),
        _largest(largest, most, arm),
    ]


def _largest(share: float, most: float, arm: Arm) -> Rule:
    return Rule(
        "largest_weight_share",
        arm.arm,
        share,
        None,
        most,
        share <= most,
        f"{arm.label}: one person has {_percent(share)} of the weight, at most "
        f"{_percent(most)} is allowed.",
    )


def _arms(protocol: Protocol, exposed: NDArray[np.bool_]):
    return ((protocol.exposed, exposed), (protocol.comparator, ~exposed))


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
