"""A choice made on day 0 and how long it takes until something happens."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare import units, weighted_incidence, weighting
from pipelines.compare.answers import Fitted
from pipelines.compare.gate import Rule
from pipelines.compare.point_exposure import Prepared, Weighed
from pipelines.compare.protocols import Arm, ColumnOutcome
from pipelines.compare.survival import Status
from pipelines.compare.units import Sample
from pipelines.compare.weighted_incidence import FollowUp
from pipelines.compare.weighting import Target
from pipelines.errors import EstimateFailedError

PER_DAYS = 90
"""Scores are counted per so many days: the longest gap of somebody followed."""

TARGETS = {"iptw": Target.everyone, "overlap": Target.overlap}


def sample(people: pl.DataFrame, outcome: ColumnOutcome) -> Sample:
    """Keep the units whose last day had passed by the end of the data.

    Observed are those whose fate to that day is known: who had the event, died, or was
    followed all the time. Others are not missing but censored: they count for as long
    as they were followed. The values say who was seen to have the event, of everybody.

    Args:
        people: From `units.read`.
        outcome: A time to an event.

    Raises:
        EstimateFailedError: Days or what ended them are missing or impossible. The
            message counts rows and never repeats a value.
    """
    due = people.filter(pl.col(outcome.is_due_column).fill_null(False))
    days, status = (due[name] for name in outcome.columns)
    wrong = (
        days.is_null()
        | ~days.is_between(0, outcome.until_day).fill_null(False)
        | ~status.is_in(list(Status.__members__)).fill_null(False)
    )
    if wrong.any():
        raise EstimateFailedError(
            f"{wrong.sum()} of {due.height} row(s) that are due lack {outcome.columns[0]} "
            f"from 0 to {outcome.until_day}, or a known {outcome.columns[1]}.\n"
            "Mend the comparison's mart and its contract."
        )
    is_lost = (status == Status.censored.name) & (days < outcome.until_day)
    had_event = (status == Status.event.name).to_numpy().astype(float)
    return Sample(due, had_event, ~is_lost.to_numpy())


def follow_up(one: Sample, outcome: ColumnOutcome) -> FollowUp:
    """Return how long each unit of a sample was followed, and what ended it."""
    days, status = (one.frame[name] for name in outcome.columns)
    codes = {member.name: int(member) for member in Status}
    return FollowUp(
        days=days.cast(pl.Float64).to_numpy(),
        status=np.array([codes[name] for name in status.to_list()], dtype=np.int64),
        is_exposed=one.is_exposed,
        cluster=one.cluster,
        until=float(outcome.until_day),
    )


def fit(
    prepared: Prepared,
    estimator_id: str,
    outcome: ColumnOutcome,
    people: FollowUp | None = None,
) -> Weighed:
    """Estimate by one estimator.

    Args:
        prepared: From `point_exposure.prepare`.
        estimator_id: unadjusted, iptw or overlap.
        outcome: A time to an event.
        people: Their follow-up as it might have been; None for what was seen.

    Raises:
        NotEstimableError: An arm is empty, nobody in it had the event or was followed
            that long, or the chance of the arm cannot be modelled.
    """
    one = prepared.sample
    people = people or follow_up(one, outcome)
    if estimator_id == "unadjusted":
        return Weighed(_fitted(weighted_incidence.estimate(people), one))
    exposure = weighting.model(one.is_exposed, prepared.terms)
    found = weighted_incidence.estimate(people, exposure, TARGETS[estimator_id])
    used = np.where(one.is_observed, found.weight, 0.0)
    sizes = tuple(
        weighting.effective_size(used[arm & one.is_observed])
        for arm in (one.is_exposed, ~one.is_exposed)
    )
    return Weighed(
        replace(_fitted(found, one), effective_sizes=sizes), exposure.chance, used
    )


def _fitted(found: weighted_incidence.Found, one: Sample) -> Fitted:
    return Fitted(
        contrast=found.share,
        cluster=one.cluster,
        influences=found.influences,
        days_lost=found.days_lost,
        curves=found.curves,
    )


def bound(people: FollowUp, name: str) -> FollowUp:
    """Take everybody lost to have become ill at once in one arm, never in the other.

    Args:
        people: Who was followed, and how long.
        name: `worst`: the exposed become ill; `best`: the others do.
    """
    is_lost = (people.status == Status.censored) & (people.days < people.until)
    becomes_ill = is_lost & (people.is_exposed == (name == "worst"))
    return replace(
        people,
        days=np.where(is_lost & ~becomes_ill, people.until, people.days),
        status=np.where(becomes_ill, int(Status.event), people.status),
    )


def described(one: Sample, outcome: ColumnOutcome, arm: Arm, among) -> list[Rule]:
    """Return how closely an arm was followed; nothing is gated here.

    Args:
        one: The sample.
        outcome: A time to an event.
        arm: Whose.
        among: Who has the arm; shape (n,).
    """
    people = follow_up(one, outcome)
    half = people.until / 2
    is_known = (people.days >= half) | (people.status != Status.censored)
    of_arm = one.frame.filter(pl.Series(among))
    counted, over, at_return = units.followed(outcome)
    scores, days = of_arm[counted].sum(), of_arm[over].sum()
    return [
        _shown(
            "followed_half_share",
            arm,
            _share(is_known[among]),
            f"people whose fate is known up to day {half:.0f}",
        ),
        _shown(
            "scores_per_90_days",
            arm,
            PER_DAYS * scores / days if days else None,
            f"scores per {PER_DAYS} days while followed",
        ),
        _shown(
            "found_at_return_share",
            arm,
            _share(of_arm[at_return].cast(pl.Float64).to_numpy()),
            "people found ill again by a score given because they had come back ill",
        ),
    ]


def _share(flags: NDArray) -> float | None:
    return float(np.mean(flags)) if len(flags) else None


def _shown(diagnostic_id: str, arm: Arm, value: float | None, meaning: str) -> Rule:
    note = f"{arm.label}: {meaning}."
    return Rule(diagnostic_id, arm.arm, value, None, None, None, note)
