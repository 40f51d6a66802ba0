"""A choice made on day 0: how long it takes until something happens, weighted."""

from collections.abc import Callable
from dataclasses import replace

from pipelines.compare import gate, observed_gate, point_exposure, timed, units
from pipelines.compare.answers import Fitted
from pipelines.compare.engine import Attempt
from pipelines.compare.from_day_zero import FromDayZero
from pipelines.compare.protocols import ColumnOutcome

BOUNDS = ("worst", "best")


class ToAnEvent(FromDayZero):
    """Estimates of one comparison whose main outcome is a time to an event.

    Its other outcomes, scores and shares, go through `FromDayZero`.
    """

    def begin(self, outcome: ColumnOutcome, population_id: str) -> Attempt:
        """Take the sample and count its arms, and who had the event in each."""
        if not outcome.is_time:
            return super().begin(outcome, population_id)
        chosen = units.population(self.people, population_id)
        sample = timed.sample(chosen, outcome)
        exposed, comparator = self._counts(sample)
        counts = replace(exposed, is_timed=True), replace(comparator, is_timed=True)
        attempt = Attempt(outcome, population_id, sample, counts)
        for arm, among in self._arms(sample):
            events = int(sample.values[among].sum())
            attempt.rules += [
                gate.enough_events(arm, events, self.limits),
                *units.described(sample.frame, arm, among),
                *timed.described(sample, outcome, arm, among),
            ]
        return attempt

    def fit_main(self, attempt: Attempt) -> None:
        """Fit the primary estimator and check what its weights make of the arms."""
        outcome = attempt.outcome
        if not outcome.is_time:
            return super().fit_main(attempt)
        attempt.prepared = point_exposure.prepare(
            attempt.sample, self.protocol, outcome, self.limits.minimum_chance
        )
        main = self.protocol.primary.estimator_id
        weighed = timed.fit(attempt.prepared, main, outcome)
        attempt.sample = attempt.prepared.sample
        attempt.main = weighed.fitted
        attempt.rules += observed_gate.point_exposure(
            attempt.prepared, weighed, self.protocol, self.limits
        )
        return None

    def fit(self, attempt: Attempt, estimator_id: str) -> Fitted:
        """Fit another estimator."""
        if not attempt.outcome.is_time:
            return super().fit(attempt, estimator_id)
        return timed.fit(attempt.prepared, estimator_id, attempt.outcome).fitted

    def variants(self, attempt: Attempt) -> dict[str, Callable[[], Fitted]]:
        """Name the other ways to analyse the primary outcome: bounds of who is lost."""
        if not attempt.outcome.is_time:
            return super().variants(attempt)
        if attempt.sample.is_observed.all():
            return {}
        return {
            f"{name}_case": lambda n=name: self._lost(attempt, n) for name in BOUNDS
        }

    def _lost(self, attempt: Attempt, name: str) -> Fitted:
        prepared, outcome = attempt.prepared, attempt.outcome
        people = timed.bound(timed.follow_up(prepared.sample, outcome), name)
        main = self.protocol.primary.estimator_id
        return timed.fit(prepared, main, outcome, people).fitted
