"""A strategy kept up over weeks: the sample of an outcome, followers and variants."""

from collections.abc import Callable

import numpy as np

from pipelines.compare import (
    gate,
    observed_gate,
    point_exposure,
    sustained,
    terms,
    units,
)
from pipelines.compare.answers import Fitted
from pipelines.compare.duration import LengthContrast
from pipelines.compare.engine import Attempt, Engine
from pipelines.compare.gate import ArmCount, Rule
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.results import NotEstimableError
from pipelines.compare.units import Sample
from pipelines.compare.weeks import Followed
from pipelines.settings import Gate

CUTS = {"truncated_99_5": 0.995, "truncated_99": 0.99}
"""Sensitivity analyses whose weights are cut, and the quantile. Never primary."""


class OverWeeks(Engine):
    """Estimates of one comparison of strategies that last for weeks."""

    def __init__(self, followed: Followed, protocol: Protocol, limits: Gate) -> None:
        """Take the units with their weeks in therapy (`pipelines.compare.weeks`)."""
        super().__init__(protocol, limits)
        can_stay = sustained.possible(followed.units, protocol, limits.minimum_chance)
        self.left_out = int((~can_stay).sum())
        self.followed = followed.only(can_stay) if self.left_out else followed

    def begin(self, outcome: ColumnOutcome, population_id: str) -> Attempt:
        """Take the sample and count the followers of each strategy."""
        people = self.followed.units.with_row_index("number")
        sample = units.sample(units.population(people, population_id), outcome)
        keep = np.zeros(people.height, bool)
        keep[sample.frame["number"].to_numpy()] = True
        prepared = sustained.prepare(self.followed, sample, keep, self.protocol)
        attempt = Attempt(
            outcome,
            population_id,
            sample,
            self._counts(prepared),
            prepared=prepared,
        )
        if self.protocol.strategies.possible_by:
            attempt.rules.append(self._restated())
        for arm, follows in zip(
            (self.protocol.exposed, self.protocol.comparator),
            sustained.follows(prepared, self.protocol),
            strict=True,
        ):
            attempt.rules += units.described(sample.frame, arm, follows)
        return attempt

    def fit_main(self, attempt: Attempt) -> None:
        """Fit by clone-censor-weight and check the followers."""
        found = sustained.fit(attempt.prepared, self.protocol, attempt.outcome)
        built = terms.build(attempt.sample.frame, self.protocol.covariates)
        attempt.main = _fitted(found, attempt.sample)
        attempt.rules += observed_gate.sustained(
            attempt.sample, built, found, self.protocol, self.limits
        )

    def fit(self, attempt: Attempt, estimator_id: str) -> Fitted:
        """Return the plain difference between those who turned out to follow."""
        if estimator_id != "unadjusted":
            raise NotEstimableError("This estimator knows no strategy over weeks.")
        sample = attempt.sample
        follows = sustained.follows(attempt.prepared, self.protocol)
        seen = [arm & sample.is_observed for arm in follows]
        values = [sample.values[arm] for arm in seen]
        return point_exposure.plain_fit(*values, attempt.outcome, *seen, sample.cluster)

    def variants(self, attempt: Attempt) -> dict[str, Callable[[], Fitted]]:
        """Name the other ways to analyse the primary outcome."""
        made: dict[str, Callable[[], Fitted]] = {
            "complete_cases": lambda: self._again(attempt, complete_cases=True),
            "four_sessions": lambda: self._from_fourth_session(attempt),
        }
        for name, quantile in CUTS.items():
            made[name] = lambda q=quantile: self._again(attempt, most_weight=q)
        if self.protocol.strategies.starts_in_week > 0:
            del made["four_sessions"]
        return made

    def _restated(self) -> Rule:
        by = self.protocol.strategies.possible_by.replace("_", " ")
        share = self.limits.minimum_chance
        return gate.shown(
            "left_out_where_not_possible",
            float(self.left_out),
            f"People left out, whose group by {by} has less than {100 * share:.3g}% who "
            "stay to the last week without getting well: records cannot say what "
            "staying would do for them, and the result does not speak of them.",
        )

    def _again(self, attempt: Attempt, **how) -> Fitted:
        found = sustained.fit(attempt.prepared, self.protocol, attempt.outcome, **how)
        return _fitted(found, attempt.sample)

    def _from_fourth_session(self, attempt: Attempt) -> Fitted:
        later = sustained.from_fourth_session(attempt.prepared)
        found = sustained.fit(later, self.protocol, attempt.outcome)
        return _fitted(found, later.sample)

    def _counts(self, prepared: sustained.Prepared) -> tuple[ArmCount, ArmCount]:
        arms = (self.protocol.exposed, self.protocol.comparator)
        counts = []
        for arm, follows in zip(
            arms, sustained.follows(prepared, self.protocol), strict=True
        ):
            observed = int((follows & prepared.sample.is_observed).sum())
            counts.append(ArmCount(arm.arm, arm.label, int(follows.sum()), observed))
        return counts[0], counts[1]


def _fitted(found: LengthContrast, sample: Sample) -> Fitted:
    sizes = []
    for arm in (found.long, found.short):
        used = arm.weight[sample.is_observed]
        sizes.append(float(used.sum() ** 2 / (used**2).sum()))
    return Fitted(
        found.contrast, sample.cluster, (sizes[0], sizes[1]), found.influences
    )
