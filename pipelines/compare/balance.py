"""How the arms differed at baseline: shown beside the estimates, never gated here."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from pipelines.compare.cohort import as_floats
from pipelines.compare.gate import Rule, shown
from pipelines.compare.protocols import Protocol

NOTES = {
    "randomised": "the arms were made at random, so a difference is chance, and the "
    "adjusted estimators allow for it.",
    "description": "the arms were not made at random and may also differ in what was "
    "not recorded.",
}
"""What a difference at baseline means, by design."""


def standardised_difference(exposed: ArrayLike, comparator: ArrayLike) -> float | None:
    """Give the difference of means in units of the arms' root mean square spread.

    Unlike a test, it does not grow with the number of people.

    Units:
        Those of the covariate in, standard deviations out. A flag is 0 or 1.

    Args:
        exposed: Values of the exposed arm. Shape (n1,); NaN is left out.
        comparator: Values of the comparator arm. Shape (n2,); NaN is left out.

    Returns:
        Exposed minus comparator; None where an arm has fewer than two values or
        neither varies.

    Examples:
        >>> round(standardised_difference([20, 24, 28], [18, 21, 27]), 3)
        0.465
        >>> standardised_difference([1, 1], [1, 1]) is None
        True

    References:
        Austin PC. Balance diagnostics for comparing the distribution of baseline
        covariates between treatment groups in propensity-score matched samples. Stat
        Med 2009;28:3083-3107.
    """
    arms = []
    for values in (exposed, comparator):
        values = np.asarray(values, dtype=float)
        arms.append(values[~np.isnan(values)])
    if min(arm.size for arm in arms) < 2:
        return None
    spread = np.sqrt(np.mean([arm.var(ddof=1) for arm in arms]))
    if spread == 0:
        return None
    return float((arms[0].mean() - arms[1].mean()) / spread)


def rules(rows: pl.DataFrame, protocol: Protocol) -> list[Rule]:
    """Give each covariate's difference at baseline, for each of the questionnaires.

    Args:
        rows: A comparison's rows (`pipelines.compare.cohort.read`).
        protocol: Its covariates and outcomes.

    Returns:
        Numbers that are shown; none of them is a gate.
    """
    found = []
    for instrument in dict.fromkeys(one.instrument for one in protocol.outcomes):
        people = rows.filter(pl.col("instrument") == instrument).unique(
            subset="episode_id", keep="first", maintain_order=True
        )
        is_exposed = people["is_exposed"].to_numpy().astype(bool)
        for name in protocol.covariates:
            values = as_floats(people[name])
            found.append(
                shown(
                    f"{instrument}_standardised_difference_{name}",
                    standardised_difference(values[is_exposed], values[~is_exposed]),
                    "Difference at baseline in standard deviations, shown and not "
                    f"gated: {NOTES[protocol.design]}",
                )
            )
    return found
