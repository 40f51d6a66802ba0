"""Clone-censor-weight's point alone, fitted again on people drawn, for a bootstrap."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pipelines.compare import bootstrap, duration, logistic
from pipelines.compare.duration import Followers, Grace, Observation
from pipelines.compare.results import NotEstimableError
from pipelines.compare.stopping import PersonWeeks


@dataclass(frozen=True)
class LengthRefit:
    """What `duration.estimate` takes; called with people drawn, gives the difference.

    All models are fitted anew. Who is drawn more than once is looked at once and
    counted as often, and nothing is worked out that only an error needs, which takes
    about a third of the time of `duration.estimate` on copies.

    Attributes:
        weeks: As in `duration.estimate`; so are the next five.
        stop_week: Shape (n,).
        long_until: Shape (n,).
        short: When the short strategy stops people.
        outcome: Shape (n,).
        observation: None where everyone is observed.
        start: Coefficients of stopping in everyone, where each fit begins.
    """

    weeks: PersonWeeks
    stop_week: NDArray[np.int64]
    long_until: NDArray[np.int64]
    short: Grace
    outcome: NDArray[np.float64]
    observation: Observation | None
    start: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        weeks: PersonWeeks,
        stop_week: NDArray[np.int64],
        long_until: NDArray[np.int64],
        short: Grace,
        outcome: NDArray[np.float64],
        observation: Observation | None = None,
    ) -> "LengthRefit":
        """Fit the model of stopping once in everyone, so that draws begin there.

        Raises:
            NotEstimableError: The model cannot be fitted.
        """
        start = logistic.fit(weeks.history, weeks.is_stop)
        return cls(weeks, stop_week, long_until, short, outcome, observation, start)

    def __call__(self, drawn: NDArray[np.int64]) -> float:
        """Return the difference, long minus short, in the people drawn.

        Args:
            drawn: Positions of people, with repeats; shape (m,).

        Raises:
            NotEstimableError: Nobody follows one strategy, or a model cannot be fitted.
        """
        people, times = np.unique(drawn, return_counts=True)
        weeks = bootstrap.person_weeks(self.weeks, people)
        coefficients = logistic.fit(
            weeks.history, weeks.is_stop, times[weeks.person], self.start
        )
        hazard = expit(weeks.history @ coefficients)
        stop, until = self.stop_week[people], self.long_until[people]
        # The weights do not look at the history any more; their slopes would.
        thin = replace(weeks, history=weeks.history[:, :1])
        arms = (
            duration.staying(thin, hazard, stop, until),
            duration.stopping_early(thin, hazard, stop, self.short),
        )
        means = [self._mean(arm, people, times) for arm in arms]
        return means[0] - means[1]

    def _mean(self, arm: Followers, people, times) -> float:
        weight, outcome = arm.weight * times, self.outcome[people]
        if self.observation is not None:
            seen = self.observation.is_observed[people]
            weight = np.where(seen, weight, 0.0)
            among = arm.weight > 0
            if not seen[among].all() and weight.any():
                history = self.observation.history[people[among]]
                fitted = logistic.fit(history, seen[among], times[among])
                weight[among] /= expit(history @ fitted)
        if not weight.any():
            raise NotEstimableError("Nobody with the outcome follows the strategy.")
        counted = weight > 0
        return float(np.average(outcome[counted], weights=weight[counted]))
