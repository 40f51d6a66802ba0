"""A choice made on day 0: the sample of an outcome, its estimators and variants."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare import (
    imputation,
    logistic,
    observed_gate,
    point_exposure,
    units,
    weighting,
)
from pipelines.compare.answers import Fitted
from pipelines.compare.engine import Attempt, Engine
from pipelines.compare.gate import ArmCount
from pipelines.compare.point_exposure import Prepared
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.results import Estimate
from pipelines.compare.units import Sample
from pipelines.settings import Gate


class FromDayZero(Engine):
    """Estimates of one comparison whose arms are made on day 0."""

    def __init__(
        self,
        people: pl.DataFrame,
        protocol: Protocol,
        limits: Gate,
        ranges: Mapping[str, tuple[float, float]],
    ) -> None:
        """Take the units, and the best and worst points of each questionnaire."""
        super().__init__(protocol, limits)
        self.people, self.ranges = people, ranges

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
            attempt.prepared, weighed, self.protocol, self.limits
        )

    def fit(self, attempt: Attempt, estimator_id: str) -> Fitted:
        """Fit another estimator."""
        return point_exposure.fit(
            attempt.prepared, estimator_id, attempt.outcome
        ).fitted

    def variants(self, attempt: Attempt) -> dict[str, Callable[[], Fitted]]:
        """Name the other ways to analyse the primary outcome."""
        made: dict[str, Callable[[], Fitted]] = {
            "complete_cases": lambda: self._complete_cases(attempt)
        }
        if attempt.sample.is_observed.all():
            return made
        made["multiple_imputation"] = lambda: self._imputed(attempt)
        instrument = attempt.outcome.outcome_id.partition("_points")[0]
        if instrument in self.ranges:
            for name in ("worst", "best"):
                made[f"{name}_case"] = lambda n=name, i=instrument: self._bound(
                    attempt, n, self.ranges[i]
                )
        return made

    def _imputed(self, attempt: Attempt) -> Fitted:
        """Draw the missing outcomes from arm, covariates and last score."""
        sample, prepared = attempt.sample, attempt.prepared
        known = np.column_stack([prepared.terms, prepared.observation.history])
        # A term may tell people apart in one arm alone; both arms have the same.
        for arm in (sample.is_exposed, ~sample.is_exposed):
            seen = known[arm & sample.is_observed]
            seen = np.column_stack([np.ones(len(seen)), seen])
            known = known[:, logistic.told_apart(seen)[1:]]
        complete = imputation.impute(sample.values, sample.is_exposed, known)
        pooled = imputation.estimate(
            complete,
            ~sample.is_observed,
            sample.is_exposed,
            self._weigh(prepared),
            freedom=len(np.unique(sample.cluster)) - 1,
        )
        return Fitted(pooled.contrast, sample.cluster)

    def _bound(
        self, attempt: Attempt, name: str, points: tuple[float, float]
    ) -> Fitted:
        """Give missing outcomes the worst score in one arm and the best in the other."""
        sample, prepared = attempt.sample, attempt.prepared
        best, worst = points
        found = imputation.bounds(
            sample.values,
            sample.is_exposed,
            worst,
            best,
            self._weigh(prepared),
        )
        return Fitted(getattr(found, name), sample.cluster)

    def _weigh(self, prepared: Prepared) -> Callable[[NDArray[np.float64]], Estimate]:
        """Return an analysis by propensity weights of outcomes that everybody has."""
        sample = prepared.sample
        target = weighting.Target(self.protocol.target)
        exposure = weighting.model(sample.is_exposed, prepared.terms)
        return lambda outcome: (
            weighting.contrast(outcome, exposure, sample.cluster, target).contrast
        )

    def _complete_cases(self, attempt: Attempt) -> Fitted:
        main = self.protocol.primary.estimator_id
        only = attempt.prepared.observed()
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
