"""Who takes an antidepressant, week by week, and how strongly it acts."""

import numpy as np

from pipelines.simulate.indication import FAMILY, GRACE_WEEKS, Choices
from pipelines.simulate.parameters import Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import NEVER
from pipelines.simulate.strategies import Strategy, expit

EARLY_WEEKS = 8
"""Most stops because of side effects come this soon."""

LONG_ON = 99
"""Weeks of use of people who were on medication before day 0."""


class Taking:
    """Medication of everybody in a run; a week changes it."""

    def __init__(
        self,
        parameters: Parameters,
        people: People,
        choices: Choices,
        strategy: Strategy,
        format_: np.ndarray,
    ) -> None:
        m, f = parameters.medication, np.float32
        self.m = m
        self.is_on = choices.on_medication.copy()
        self.first_week = choices.medication_week
        if strategy.starts_medication is True:
            self.first_week = np.where(choices.on_medication, NEVER, choices.grace_week)
        if strategy.starts_medication is False:
            self.first_week = np.full(len(self.first_week), NEVER)
        self.weeks = np.where(self.is_on, LONG_ON, 0).astype(f)
        resistant = np.where(people.is_resistant, m.resistant_strength, 1.0)
        kept = np.where(choices.on_medication, m.long_use_strength, 1.0)
        self.strength = (resistant * kept).astype(f)
        self.is_new_use = ~choices.on_medication
        self.level = self.is_on.astype(f)
        self.stop_factor = np.exp(m.stop_side_effects * people.side_effects).astype(f)
        self.in_therapy_factor = np.where(format_ == FAMILY, m.stop_family, 1.0)
        self.in_therapy_factor *= m.stop_in_therapy

    @property
    def action(self) -> np.ndarray:
        """How strongly it acts now, 0 to 1."""
        return self.level * self.strength

    def alone(self, had_therapy: np.ndarray) -> np.ndarray:
        """Return its own pull without therapy.

        Little once therapy is over, and none in people who were on it before: they
        are at their usual level.
        """
        after = np.float32(self.m.after_therapy_strength)
        return self.action * self.is_new_use * np.where(had_therapy, after, 1)

    def begin(self, week: int) -> None:
        """New use within the grace period begins in its week."""
        self.is_on |= self.first_week == week

    def step(
        self,
        week: int,
        uniform: np.ndarray,
        points: np.ndarray,
        in_therapy: np.ndarray,
    ) -> None:
        """Stops and starts of one week; both take effect in the next."""
        m, f = self.m, np.float32
        rate = np.where(self.weeks < EARLY_WEEKS, f(m.stop_early), f(m.stop_later))
        rate *= self.stop_factor
        rate = np.where(in_therapy, rate * self.in_therapy_factor.astype(f), rate)
        stops = self.is_on & (uniform < rate)
        starts = np.zeros(len(stops), bool)
        if week >= GRACE_WEEKS:
            logit = f(m.later_start) + f(m.later_start_points) * points
            starts = ~self.is_on & (uniform < expit(logit))
        self.is_on = (self.is_on & ~stops) | starts
        self.weeks = np.where(self.is_on, self.weeks + 1, f(0))
        self.level += f(1 - np.exp(-1 / m.weeks_to_act)) * (self.is_on - self.level)
