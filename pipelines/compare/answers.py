"""What was found about one outcome by one estimator, on its way to the tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.compare.gate import ArmCount, Rule
from pipelines.compare.interaction import Levels
from pipelines.compare.protocols import ColumnOutcome, Outcome
from pipelines.compare.results import Estimate, NotEstimableError
from pipelines.compare.weighted_incidence import Point

EVERYONE = "all"
"""Everyone eligible; a subgroup has a name of its own."""

AS_PLANNED = "protocol"
"""The analysis as the protocol has it; a sensitivity analysis has a name of its own."""


@dataclass(frozen=True)
class Fitted:
    """What one estimator found.

    Attributes:
        contrast: A difference, exposed minus comparator.
        cluster: Whose patient each unit is; shape (n,).
        effective_sizes: People that each arm's weighted ones are worth.
        influences: Of each arm's level, the exposed first; None where the interval does
            not come from them; shape (n,) each.
        days_lost: Of a time to an event: the difference in mean days lost to it.
        curves: Of a time to an event: points of each arm's cumulative incidence.
    """

    contrast: Estimate
    cluster: NDArray
    effective_sizes: tuple[float, float] | None = None
    influences: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    days_lost: Estimate | None = None
    curves: tuple[Point, ...] = ()

    @property
    def levels(self) -> Levels:
        """Both levels with what moves them, for ratios and interactions.

        Raises:
            NotEstimableError: The interval does not come from influences.
        """
        if self.influences is None:
            raise NotEstimableError("This way of estimating gives no ratio.")
        found = self.contrast
        return Levels(
            found.exposed_level, found.comparator_level, *self.influences, self.cluster
        )


@dataclass(frozen=True)
class Result:
    """Everything found about one outcome by one estimator.

    `estimates` has one entry per scale: the estimate, or the sentence that says why
    it is withheld. Of the effective sizes, None means that everyone observed counts for
    one.
    """

    outcome: Outcome | ColumnOutcome
    estimator_id: str
    exposed: ArmCount
    comparator: ArmCount
    cluster_count: int
    estimates: dict[str, Estimate | str]
    rules: tuple[Rule, ...]
    """What was checked and what describes the fit, in order."""

    population_id: str = EVERYONE
    specification_id: str = AS_PLANNED
    effective_sizes: tuple[float, float] | None = None
    fitted: Fitted | None = None
    """Kept where a subgroup is held against the others."""
