"""What every comparison that nobody allocated goes through: count, gate, estimate."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.compare import gate, imbalance, scales
from pipelines.compare.answers import AS_PLANNED, EVERYONE, Fitted, Result
from pipelines.compare.gate import ArmCount, Rule
from pipelines.compare.protocols import ColumnOutcome, Protocol
from pipelines.compare.results import Estimate, NotEstimableError
from pipelines.compare.units import Sample
from pipelines.settings import Gate


@dataclass
class Attempt:
    """One outcome in one population, as far as it got.

    Attributes:
        outcome: One of the protocol's.
        population_id: `all`, a subgroup, or `not_` and its name.
        sample: Who could have it.
        counts: Of the exposed and the comparator arm.
        rules: What was checked.
        main: The primary estimator's, once the counts allow it.
        prepared: What the estimators read.
    """

    outcome: ColumnOutcome
    population_id: str
    sample: Sample
    counts: tuple[ArmCount, ArmCount]
    rules: list[Rule] = field(default_factory=list)
    main: Fitted | None = None
    prepared: Any = None


class Engine(ABC):
    """Estimates of one comparison."""

    def __init__(self, protocol: Protocol, limits: Gate) -> None:
        """Take what is planned and the gate's limits."""
        self.protocol, self.limits = protocol, limits

    @abstractmethod
    def begin(self, outcome: ColumnOutcome, population_id: str) -> Attempt:
        """Take the sample and count its arms."""

    @abstractmethod
    def fit_main(self, attempt: Attempt) -> None:
        """Fit the primary estimator and add the rules about its weights.

        Raises:
            NotEstimableError: It cannot be fitted.
        """

    @abstractmethod
    def fit(self, attempt: Attempt, estimator_id: str) -> Fitted:
        """Fit another estimator.

        Raises:
            NotEstimableError: It cannot be fitted.
        """

    @abstractmethod
    def variants(self, attempt: Attempt) -> dict[str, Callable[[], Fitted]]:
        """Name the other ways to analyse the primary outcome."""

    def estimate(
        self, outcome: ColumnOutcome, population_id: str, estimators: Iterable[str]
    ) -> list[Result]:
        """Count, gate and, if the gate passes, estimate by each estimator.

        The gate looks at the weights of the primary estimator and holds for all of
        them: a plain difference is not shown where the adjusted one cannot be.

        Args:
            outcome: One of the protocol's.
            population_id: `all`, a subgroup, or `not_` and its name.
            estimators: The outcome's, or fewer.
        """
        attempt, reasons = self._judged(outcome, population_id)
        main = self.protocol.primary.estimator_id
        results = []
        for estimator_id in estimators:
            if reasons:
                results.append(self._withheld(attempt, estimator_id, reasons))
            elif estimator_id == main:
                results.append(self._result(attempt, main, attempt.main))
            else:
                results.append(
                    self._tried(
                        attempt,
                        estimator_id,
                        lambda e=estimator_id: self.fit(attempt, e),
                    )
                )
        return results

    def vary(self, outcome: ColumnOutcome) -> list[Result]:
        """Estimate the primary outcome in the other ways; withheld where it is."""
        attempt, reasons = self._judged(outcome, EVERYONE)
        main = self.protocol.primary.estimator_id
        results = []
        for name, fit in self.variants(attempt).items():
            if reasons:
                results.append(self._withheld(attempt, main, reasons, name))
            else:
                results.append(self._tried(attempt, main, fit, name))
        return results

    def _judged(
        self, outcome: ColumnOutcome, population_id: str
    ) -> tuple[Attempt, list[str]]:
        """Return an attempt and why it is withheld; no reason, no withholding."""
        attempt = self.begin(outcome, population_id)
        counted = gate.decide(self.protocol.design, *attempt.counts, self.limits)
        attempt.rules[:0] = counted.rules
        reasons = gate.reasons(attempt.rules)
        enough = all(count.observed > 0 for count in attempt.counts)
        is_overridden = self.protocol.comparison_id in self.limits.overridden.split()
        if enough and (not reasons or is_overridden):
            try:
                self.fit_main(attempt)
                scales.refuse_impossible(outcome, attempt.main)
            except NotEstimableError as error:
                attempt.rules.append(
                    Rule("could_be_estimated", None, 0.0, 1.0, None, False, str(error))
                )
            reasons = gate.reasons(attempt.rules)
        if attempt.main is not None:
            reasons, told = gate.overridden(
                reasons, self.protocol.comparison_id, self.limits
            )
            attempt.rules += told
        return attempt, reasons

    def _tried(
        self,
        attempt: Attempt,
        estimator_id: str,
        fit: Callable[[], Fitted],
        specification_id: str = AS_PLANNED,
    ) -> Result:
        try:
            fitted = fit()
            scales.refuse_impossible(attempt.outcome, fitted)
            return self._result(attempt, estimator_id, fitted, specification_id)
        except NotEstimableError as error:
            return self._withheld(attempt, estimator_id, [str(error)], specification_id)

    def _result(
        self,
        attempt: Attempt,
        estimator_id: str,
        fitted: Fitted,
        specification_id: str = AS_PLANNED,
    ) -> Result:
        found = scales.put_on(attempt.outcome, fitted)
        rules: list[Rule] = []
        if self._is_main(estimator_id, specification_id):
            rules = [*self._told(attempt), *self._described(attempt, found)]
        return self._made(attempt, estimator_id, specification_id, found, rules, fitted)

    def _withheld(
        self,
        attempt: Attempt,
        estimator_id: str,
        reasons: list[str],
        specification_id: str = AS_PLANNED,
    ) -> Result:
        found = dict.fromkeys(scales.of(attempt.outcome), " ".join(reasons))
        is_main = self._is_main(estimator_id, specification_id)
        rules = self._told(attempt) if is_main else []
        return self._made(attempt, estimator_id, specification_id, found, rules)

    def _is_main(self, estimator_id: str, specification_id: str) -> bool:
        main = self.protocol.primary.estimator_id
        return estimator_id == main and specification_id == AS_PLANNED

    def _told(self, attempt: Attempt) -> list[Rule]:
        """Leave single covariates to the primary outcome; the verdict has them all."""
        is_primary = attempt.outcome.outcome_id == self.protocol.primary.outcome_id
        if is_primary and attempt.population_id == EVERYONE:
            return attempt.rules
        return [
            rule
            for rule in attempt.rules
            if not rule.diagnostic_id.startswith(imbalance.OF_EACH)
        ]

    def _described(
        self, attempt: Attempt, found: dict[str, Estimate | str]
    ) -> list[Rule]:
        """Return how much it would take to undo an estimate, and the alarm."""
        outcome, sample = attempt.outcome, attempt.sample
        contrast = found[scales.DIFFERENCE[outcome.measure]]
        if outcome.role == "negative_control":
            return [_alarm(contrast)]
        spread = float(np.nanstd(sample.values))
        rules = scales.e_values(outcome, found, spread)
        if outcome.measure == "points":
            missing = tuple(1 - float(c.observed_share) for c in attempt.counts)
            arms = self.protocol.exposed, self.protocol.comparator
            rules += scales.tipping(contrast, missing, arms)
        return rules

    def _made(
        self, attempt, estimator_id, specification_id, found, rules, fitted=None
    ) -> Result:
        exposed, comparator = attempt.counts
        sample = attempt.sample
        return Result(
            outcome=attempt.outcome,
            estimator_id=estimator_id,
            exposed=exposed,
            comparator=comparator,
            cluster_count=len(np.unique(sample.cluster[sample.is_observed])),
            estimates=found,
            rules=tuple(rules),
            population_id=attempt.population_id,
            specification_id=specification_id,
            effective_sizes=fitted and fitted.effective_sizes,
            fitted=fitted,
        )


def _alarm(contrast: Estimate) -> Rule:
    holds_none = contrast.low <= 0 <= contrast.high
    return Rule(
        "negative_control_alarm",
        None,
        float(not holds_none),
        None,
        0.0,
        holds_none,
        "An outcome that no treatment here can change differs between the arms, so "
        "something that was not recorded is at work."
        if not holds_none
        else "An outcome that no treatment here can change does not differ between the "
        "arms. That does not show that nothing is at work.",
    )
