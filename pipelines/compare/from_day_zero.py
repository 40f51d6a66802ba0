"""A choice made on day 0: the sample of an outcome, its estimators and variants."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from pipelines.compare import observed_gate, point_exposure, units
from pipelines.compare.answers import Fitted
from pipelines.compare.engine import Attempt, Engine
from pipelines.compare.gate import ArmCount
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.units import Sample
from pipelines.settings import Gate


class FromDayZero(Engine):
    """Estimates of one comparison whose arms are made on day 0."""

    def __init__(self, people: pl.DataFrame, protocol: Protocol, limits: Gate) -> None:
        """Take the units (`pipelines.compare.units.read`)."""
        super().__init__(protocol, limits)
        self.people = people

    def begin(self, outcome: ColumnOutcome, population_id: str) -> Attempt:
        """Take the sample and count its arms."""
        chosen = units.population(self.people, population_id)
        sample = units.sample(chosen, outcome)
        attempt = Attempt(outcome, population_id, sample, self._counts(sample))
        for arm, among in self._arms(sample):
            attempt.rules += units.described(sample.frame, arm, among)
        return attempt

    def fit_main(self, attempt: Attempt) -> None:
        """Fit the primary estimator and check what its weights make of the arms."""
        attempt.prepared = point_exposure.prepare(
            attempt.sample,
            self.protocol,
            attempt.outcome,
            self.limits.minimum_chance,
        )
        weighed = point_exposure.fit(
            attempt.prepared, self.protocol.primary.estimator_id, attempt.outcome
        )
        attempt.sample = attempt.prepared.sample
        attempt.main = weighed.fitted
        attempt.rules += observed_gate.point_exposure(
            attempt.prepared, weighed.propensity, self.protocol, self.limits
        )

    def fit(self, attempt: Attempt, estimator_id: str) -> Fitted:
        """Fit another estimator."""
        return point_exposure.fit(
            attempt.prepared, estimator_id, attempt.outcome
        ).fitted

    def variants(self, attempt: Attempt) -> dict[str, Callable[[], Fitted]]:
        """Name the other ways to analyse the primary outcome."""
        return {
            "complete_cases": lambda: self._complete_cases(attempt),
        }

    def _complete_cases(self, attempt: Attempt) -> Fitted:
        seen = attempt.sample.is_observed
        only = replace(
            attempt.prepared,
            sample=attempt.sample.only(seen),
            terms=attempt.prepared.terms[seen],
            observation=None,
        )
        main = self.protocol.primary.estimator_id
        return point_exposure.fit(only, main, attempt.outcome).fitted

    def _counts(self, sample: Sample) -> tuple[ArmCount, ArmCount]:
        counts = []
        for arm, among in self._arms(sample):
            observed = int((among & sample.is_observed).sum())
            counts.append(ArmCount(arm.arm, arm.label, int(among.sum()), observed))
        return counts[0], counts[1]

    def _arms(self, sample: Sample):
        exposed = sample.is_exposed
        return (self.protocol.exposed, exposed), (self.protocol.comparator, ~exposed)
