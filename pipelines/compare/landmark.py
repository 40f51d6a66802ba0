"""People still in care on a set day, with the exposure as it was on that day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.compare.results import NotEstimableError


@dataclass(frozen=True)
class Landmark:
    """Who is compared from the landmark on, and who had left before it.

    Attributes:
        is_kept: In care on the landmark; shape (n,).
        is_exposed: Of those kept; shape (kept,).
        left_count: People who had left or died: the contrast does not speak of them.
    """

    is_kept: NDArray[np.bool_]
    is_exposed: NDArray[np.bool_]
    left_count: int

    def estimate(self, estimator: Any, outcome: ArrayLike, *columns, **options) -> Any:
        """Run an estimator of this package on the people kept.

        Args:
            estimator: Takes outcome, is_exposed and further columns, such as
                `pipelines.compare.aipw.estimate` with covariates and cluster.
            outcome: Seen after the landmark; of all n people.
            columns: Further columns of all n people; None stays None.
            options: Handed on as they are.
        """
        kept = [
            None if column is None else np.asarray(column)[self.is_kept]
            for column in (outcome, *columns)
        ]
        return estimator(kept[0], self.is_exposed, *kept[1:], **options)


def select(landmark: float, last_day: ArrayLike, exposed_day: ArrayLike) -> Landmark:
    """Keep who is in care on the landmark; exposed is who was so by then.

    To be exposed later one must have stayed in care for longer. Fixing the exposure on
    a day that all have reached takes that head start away; who left earlier is no
    longer spoken of.

    Units:
        Days since day 0, or numbers of sessions: the same in all three.

    Args:
        landmark: The day; an exposure that starts on it counts.
        last_day: Last day in care or alive; shape (n,). Who is there on the landmark
            is kept.
        exposed_day: Day the exposure started, NaN for never; shape (n,).

    Raises:
        ValueError: The lengths differ, or a last day is missing.
        NotEstimableError: Nobody in care on the landmark was exposed, or everybody.

    Examples:
        >>> found = select(21, last_day=[20, 21, 90, 90], exposed_day=[7, 21, 22, None])
        >>> found.is_kept.tolist(), found.is_exposed.tolist(), found.left_count
        ([False, True, True, True], [True, False, False], 1)

    References:
        Anderson JR, Cain KC, Gelber RD. Analysis of survival by tumor response. J Clin
        Oncol 1983;1:710-719.
    """
    last, exposed = np.asarray(last_day, float), np.asarray(exposed_day, float)
    if last.shape != exposed.shape:
        raise ValueError("Landmark: all columns must have the same length.")
    if np.isnan(last).any():
        raise ValueError(
            "Landmark: the last day in care is missing at positions "
            f"{np.flatnonzero(np.isnan(last)).tolist()}."
        )
    kept = last >= landmark
    is_exposed = exposed[kept] <= landmark
    if not 0 < is_exposed.sum() < len(is_exposed):
        raise NotEstimableError(
            "Everybody or nobody in care on the landmark was exposed by then."
        )
    return Landmark(kept, is_exposed, int((~kept).sum()))
