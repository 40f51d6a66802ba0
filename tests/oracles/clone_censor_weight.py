"""Long against short therapy by clone, censor, weight: once more, from METHODS part 9.

Written before its author had read `pipelines.compare.duration` or `stopping`, and not
alike: everyone is copied into both strategies, a strategy is a chance of stopping in
each week, and a copy's weight is the product over its weeks of that chance over the one
that was modelled. The product telescopes to METHODS' W_L and W_S.

Choices that METHODS leaves:

- C1 A session stands for its own week and those since `before_week` (the week of the
  session before, weekly: week - 1). The short strategy draws a week of grace for each
  person and stops at the session that stands for it: at a session standing for k weeks
  of grace the chance is k over the weeks of grace not yet passed.
- C2 A session that stands for no week of grace is left to nature under the short
  strategy, its stops included: who stops before week 26 has stopped "by week 26".
- C3 A row with `is_stop` null (moved away, died, end of data) tells of no decision: it is
  in no model, and its copy is no follower unless the strategy was over before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import statsmodels.api as sm

LONG_UNTIL = 52
GRACE = range(26, 32)


@dataclass(frozen=True)
class Result:
    """Means under both strategies, the error of their difference, and the parts."""

    long_mean: float
    short_mean: float
    std_error: float
    weights: pl.DataFrame
    """unit, strategy, weight: the followers' alone."""

    @property
    def difference(self) -> float:
        """Long minus short."""
        return self.long_mean - self.short_mean


def estimate(
    people: pl.DataFrame,
    sessions: pl.DataFrame,
    history: Sequence[str],
    observation: Sequence[str],
) -> Result:
    """Estimate the mean outcome under both strategies.

    Args:
        people: unit, cluster, outcome (null: not observed), free_week (first week in
            which the long strategy lets one stop, null: never before its end) and the
            columns named by `observation`.
        sessions: unit, week, before_week, is_stop and the columns named by `history`.
        history: Terms of the model of stopping, without the intercept.
        observation: Terms of the models of being observed, without the intercept.
    """
    sessions = sessions.sort("unit", "week").with_row_index("row")
    decisions = sessions.filter(pl.col("is_stop").is_not_null())
    terms = _terms(sessions, history)
    rows = decisions["row"].to_numpy()
    stopping = _glm(decisions["is_stop"].to_numpy(), terms[rows])
    chance = _expit(terms @ stopping)

    # Bread and meat of the model of stopping, person by person.
    size, place = len(people), {u: i for i, u in enumerate(people["unit"])}
    score = np.zeros((size, terms.shape[1]))
    bread = np.zeros((terms.shape[1], terms.shape[1]))
    for row in decisions.iter_rows(named=True):
        h, p = terms[row["row"]], chance[row["row"]]
        score[place[row["unit"]]] += h * (row["is_stop"] - p)
        bread += p * (1 - p) * np.outer(h, h) / size

    means, influences, weights = {}, {}, []
    for strategy in ("long", "short"):
        clones = _clones(people, sessions, strategy, chance)
        weight, slope = np.ones(size), np.zeros_like(score)
        for clone in clones.iter_rows(named=True):
            person = place[clone["unit"]]
            weight[person] *= clone["factor"]
            slope[person] += clone["slope"] * terms[clone["row"]]
        means[strategy], influences[strategy] = _mean(
            people, observation, weight, slope, score, bread
        )
        weights.append(
            people.select("unit")
            .with_columns(strategy=pl.lit(strategy), weight=pl.Series(weight))
            .filter(pl.col("weight") > 0)
        )
    per_cluster = (
        people.select("cluster")
        .with_columns(influence=pl.Series(influences["long"] - influences["short"]))
        .group_by("cluster")
        .sum()["influence"]
        .to_numpy()
    )
    groups = len(per_cluster)
    variance = groups / (groups - 1) * (per_cluster**2).sum() / size**2
    return Result(
        means["long"], means["short"], float(np.sqrt(variance)), pl.concat(weights)
    )


def _clones(people, sessions, strategy, chance) -> pl.DataFrame:
    """One row per copy and session: its factor and the factor's d log / d linear part.

    The factor is the strategy's chance of what happened over the modelled one; 0 where
    the strategy could not have done it.
    """
    free = dict(people.select("unit", "free_week").iter_rows())
    found = []
    for row in sessions.iter_rows(named=True):
        p, week = chance[row["row"]], row["week"]
        if strategy == "long":
            end = LONG_UNTIL if free[row["unit"]] is None else free[row["unit"]]
            wanted = 0.0 if week < min(end, LONG_UNTIL) else None
        else:
            stands_for = range(row["before_week"] + 1, week + 1)
            now = len([w for w in GRACE if w in stands_for])
            left = len([w for w in GRACE if w > row["before_week"]])
            wanted = now / left if now else (None if week < GRACE.start else 1.0)
        if wanted is None:  # left to nature
            factor, slope = 1.0, 0.0
        elif row["is_stop"] is None:
            factor, slope = 0.0, 0.0
        elif row["is_stop"]:
            factor, slope = wanted / p, -(1 - p)
        else:
            factor, slope = (1 - wanted) / (1 - p), p
        found.append((row["unit"], row["row"], strategy, factor, slope))
    return pl.DataFrame(
        found, schema=["unit", "row", "strategy", "factor", "slope"], orient="row"
    )


def _mean(people, observation, weight, slope, score, bread):
    """Return mu_a and phi_a, person by person (METHODS 9)."""
    size, z = len(people), _terms(people, observation)
    outcome = people["outcome"].to_numpy().astype(float)
    seen = ~np.isnan(outcome)
    followed = weight > 0
    if seen[followed].all():
        gamma, pi = None, np.ones(size)
    else:
        gamma = _glm(seen[followed], z[followed])
        pi = _expit(z @ gamma)
    total = np.where(followed & seen, weight / pi, 0.0)
    mean = (total[seen] * outcome[seen]).sum() / total.sum()
    off = np.where(seen, outcome - mean, 0.0)

    d, e = np.zeros(score.shape[1]), np.zeros(z.shape[1])
    information = np.zeros((z.shape[1], z.shape[1]))
    for i in range(size):
        d += total[i] * off[i] * slope[i] / size
        e -= total[i] * off[i] * (1 - pi[i]) * z[i] / size
        if followed[i]:
            information += pi[i] * (1 - pi[i]) * np.outer(z[i], z[i]) / size
    via_stopping = np.linalg.inv(bread) @ d
    via_observing = np.zeros(z.shape[1])
    if gamma is not None:
        via_observing = np.linalg.inv(information) @ e
    influence = np.zeros(size)
    for i in range(size):
        u = z[i] * (seen[i] - pi[i]) if followed[i] else np.zeros(z.shape[1])
        influence[i] = total[i] * off[i] + score[i] @ via_stopping + u @ via_observing
    return mean, influence / total.mean()


def _terms(frame: pl.DataFrame, names: Sequence[str]) -> np.ndarray:
    columns = [frame[name].to_numpy().astype(float) for name in names]
    return np.column_stack([np.ones(len(frame)), *columns])


def _glm(is_case, terms) -> np.ndarray:
    model = sm.GLM(is_case.astype(float), terms, family=sm.families.Binomial())
    return np.asarray(model.fit(tol=1e-14, maxiter=100, tol_criterion="params").params)


def _expit(linear: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-linear))
