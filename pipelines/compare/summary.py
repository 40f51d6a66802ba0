"""What several estimates of a comparison say together."""

from pipelines.compare import interaction as contrasts
from pipelines.compare import specification
from pipelines.compare.answers import AS_PLANNED, EVERYONE, Result
from pipelines.compare.gate import Rule, shown
from pipelines.compare.protocols import Protocol
from pipelines.compare.results import Estimate, NotEstimableError


def interaction(
    results: list[Result], protocol: Protocol, subgroup: str
) -> list[Result]:
    """Hold a subgroup's estimate against everybody else's, on every scale.

    Args:
        results: With the primary outcome in the subgroup and in `not_` and its name.
        protocol: Names the primary estimate.
        subgroup: `chronic` for example.

    Returns:
        One result, its scales `interaction_` and their name; withheld where one of the
        two is.
    """
    inside, outside = (
        _primary_in(results, protocol, population_id)
        for population_id in (subgroup, f"not_{subgroup}")
    )
    reasons = [
        reason
        for one in (inside, outside)
        for reason in one.estimates.values()
        if isinstance(reason, str)
    ]
    found: dict[str, Estimate | str] = {}
    for scale in inside.estimates:
        between = (
            contrasts.between_ratios
            if scale == "risk_ratio"
            else contrasts.between_differences
        )
        try:
            found[f"interaction_{scale}"] = (
                " ".join(dict.fromkeys(reasons))
                if reasons
                else between(inside.fitted.levels, outside.fitted.levels)
            )
        except NotEstimableError as error:
            found[f"interaction_{scale}"] = str(error)
    return [
        Result(
            outcome=inside.outcome,
            estimator_id=inside.estimator_id,
            exposed=inside.exposed,
            comparator=inside.comparator,
            cluster_count=inside.cluster_count + outside.cluster_count,
            estimates=found,
            rules=(),
            population_id=subgroup,
            effective_sizes=inside.effective_sizes,
        )
    ]


def rules(results: list[Result], protocol: Protocol) -> list[Rule]:
    """Say how far the other ways to analyse the primary outcome agree with it.

    Agreement is a description, not evidence: the ways share their records and faults.
    """
    outcome_id = protocol.primary.outcome_id
    panel = [
        (result, estimate)
        for result in results
        if result.outcome.outcome_id == outcome_id and result.population_id == EVERYONE
        for estimate in list(result.estimates.values())[:1]
        if isinstance(estimate, Estimate)
    ]
    declared = protocol.primary.estimator_id, AS_PLANNED
    main, others = [], []
    for result, estimate in panel:
        is_main = (result.estimator_id, result.specification_id) == declared
        (main if is_main else others).append(estimate)
    if not main or not others:
        return []
    agreed = specification.agreement(main[0], others)
    note = f"Of {len(others)} other ways to analyse the primary outcome, the share "
    return [
        shown(
            "specifications_agreeing_in_sign",
            agreed.same_sign_share,
            note + "whose estimate has the same sign. A description, not evidence.",
        ),
        shown(
            "specifications_within_interval",
            agreed.same_size_share,
            note + "whose estimate lies in its interval. A description, not evidence.",
        ),
    ]


def _primary_in(
    results: list[Result], protocol: Protocol, population_id: str
) -> Result:
    return next(
        one
        for one in results
        if one.outcome.outcome_id == protocol.primary.outcome_id
        and one.estimator_id == protocol.primary.estimator_id
        and one.specification_id == AS_PLANNED
        and one.population_id == population_id
    )
