"""Two lengths of therapy compared by cloning, censoring and weighting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from pipelines.compare import clustering, logistic, stopping
from pipelines.compare.results import Estimate, NotEstimableError
from pipelines.compare.stopping import Losses, PersonWeeks, StoppingModel


@dataclass(frozen=True)
class Grace:
    """Stop within these weeks, each equally likely; whether earlier is allowed too."""

    first_week: int
    weeks: int = 1
    allows_earlier: bool = True

    @property
    def last_week(self) -> int:
        """Last of the grace weeks."""
        return self.first_week + self.weeks - 1

    def covered(self, weeks: PersonWeeks) -> NDArray[np.float64]:
        """Return how many of the weeks each session stands for; shape (rows,).

        Those since the session before, as far as they are among the grace weeks.
        """
        begins = np.maximum(weeks.session_before, self.first_week - 1)
        return np.maximum(np.minimum(weeks.week, self.last_week) - begins, 0.0)

    def lets_stay(self, weeks: PersonWeeks) -> NDArray[np.bool_]:
        """Mark the rows in which the strategy still lets people be in therapy."""
        return (weeks.week < self.first_week) | (self.covered(weeks) > 0)


@dataclass(frozen=True)
class Followers:
    """Who follows one strategy, and how much each stands for.

    Attributes:
        weight: Zero for who does not follow it; shape (n,).
        slope: Derivative of the logarithm of the weight in the coefficients of the
            model of stopping; shape (n, terms).
        loss_slope: The same in those of the model of being lost; None without one.
    """

    weight: NDArray[np.float64]
    slope: NDArray[np.float64]
    loss_slope: NDArray[np.float64] | None = None

    @property
    def effective_size(self) -> float:
        """People that the weighted followers are worth (Kish)."""
        return float(self.weight.sum() ** 2 / (self.weight**2).sum())

    @property
    def largest_share(self) -> float:
        """Largest part of the whole weight that one person has, 0-1."""
        return float(self.weight.max() / self.weight.sum())


@dataclass(frozen=True)
class Observation:
    """Who has the outcome, and what that depends on.

    Attributes:
        is_observed: Shape (n,).
        history: Terms, the intercept included; shape (n, k).
    """

    is_observed: NDArray[np.bool_]
    history: NDArray[np.float64]


@dataclass(frozen=True)
class LengthContrast:
    """The contrast, long minus short, and what the gate asks of it."""

    contrast: Estimate
    long: Followers
    short: Followers
    influence: NDArray[np.float64]
    """Of the contrast, by person; shape (n,)."""

    influences: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Of each arm's level, the long one first; shape (n,) each."""


def estimate(
    weeks: PersonWeeks,
    stop_week: ArrayLike,
    long_until: ArrayLike,
    short: Grace,
    outcome: ArrayLike,
    observation: Observation | None = None,
    cluster: ArrayLike | None = None,
    losses: Losses | None = None,
    most_weight: float | None = None,
) -> LengthContrast:
    """Compare staying in therapy with stopping, by clone-censor-weight.

    Each person is copied to both strategies and leaves a copy on the first week that
    departs from it; who still follows stands, weighted, for those who left. Weights
    come from a pooled logistic model of stopping; where outcomes are missing, from
    one of being observed too, by arm. The interval counts the fitting of all models
    (stacked estimating equations).

    Units:
        Those of the outcome.

    Args:
        weeks: Weeks in therapy before the strategies end, with what was known.
        stop_week: Week of the last session; shape (n,).
        long_until: First week in which the long strategy lets a person stop; (n,).
        short: When the short strategy stops people.
        outcome: Shape (n,); anything where not observed.
        observation: None where everyone is observed.
        cluster: Clinician or patient of each person; None makes each their own.
        losses: Who was lost while in therapy, which is no stop; who is left stands
            for them. None where nobody was.
        most_weight: Quantile (0-1) of an arm's weights at which they are cut; None,
            the primary analysis, cuts none.

    Raises:
        NotEstimableError: Nobody follows one strategy, or a model cannot be fitted.

    References:
        Hernán MA. How to estimate the effect of treatment duration on survival
        outcomes using observational data. BMJ 2018;360:k182. Stefanski LA, Boos DD.
        The calculus of M-estimation. Am Stat 2002;56:29-38.
    """
    n = weeks.people_count
    stop, until = np.asarray(stop_week), np.asarray(long_until)
    seen = observation or Observation(np.ones(n, bool), np.ones((n, 1)))
    values = np.where(seen.is_observed, np.asarray(outcome, float), 0.0)
    model = stopping.fit(weeks)
    stays = staying(weeks, model.hazard, stop, until)
    stops = stopping_early(weeks, model.hazard, stop, short)
    lost = None
    if losses is not None and losses.is_lost.any():
        lost = stopping.fit_losses(weeks, losses)
        stays = _not_lost(stays, weeks, losses, lost, weeks.week < until[weeks.person])
        stops = _not_lost(stops, weeks, losses, lost, short.lets_stay(weeks))
    if most_weight is not None:
        stays, stops = _cut(stays, most_weight), _cut(stops, most_weight)
    parts = []
    for arm in (stays, stops):
        if not (arm.weight[seen.is_observed] > 0).any():
            raise NotEstimableError("Nobody with the outcome follows the strategy.")
        fitted = _observed(seen, arm.weight > 0) if observation else None
        parts.append(_mean(arm, seen, values, model, lost, fitted))
    (long_mean, long_influence), (short_mean, short_influence) = parts
    influence = long_influence - short_influence
    numbers, clusters = clustering.numbered(cluster, n)
    error = clustering.error_of_mean(influence, numbers, clusters)
    return LengthContrast(
        contrast=clustering.contrast(
            long_mean, short_mean, error, clusters, "stacked_sandwich"
        ),
        long=stays,
        short=stops,
        influence=influence,
        influences=(long_influence, short_influence),
    )


def staying(
    weeks: PersonWeeks,
    hazard: NDArray[np.float64],
    stop: NDArray[np.int64],
    until: NDArray[np.int64],
) -> Followers:
    """Weigh those who stay until the long strategy lets them go.

    One over the chance of staying through each week before it.
    """
    counts = weeks.week < until[weeks.person]
    logs = weeks.summed(np.where(counts, -np.log1p(-hazard), 0.0))
    slope = weeks.summed(weeks.history * np.where(counts, hazard, 0.0)[:, None])
    follows = stop >= until
    return Followers(
        np.where(follows, np.exp(logs), 0.0), np.where(follows[:, None], slope, 0.0)
    )


def stopping_early(
    weeks: PersonWeeks,
    hazard: NDArray[np.float64],
    stop: NDArray[np.int64],
    grace: Grace,
) -> Followers:
    """Weigh those who stop as the short strategy has it.

    Before the grace weeks a person counts once, where that is allowed. Within them:
    the even chance of ending there over the modelled one. Who is to stop in a week
    without a session comes to the next one, and it is the last; so a session stands
    for the weeks since the one before.
    """
    covered = grace.covered(weeks)
    inside = covered > 0
    chance = np.where(weeks.is_stop, np.log(hazard), np.log1p(-hazard))
    logs = weeks.summed(np.where(inside, -chance, 0.0))
    even = weeks.summed(np.where(inside & weeks.is_stop, covered / grace.weeks, 0.0))
    change = np.where(weeks.is_stop, hazard - 1, hazard)
    slope = weeks.summed(weeks.history * np.where(inside, change, 0.0)[:, None])
    weight = even * np.exp(logs)
    if grace.allows_earlier:
        weight[stop < grace.first_week] = 1.0
    return Followers(weight, np.where((even > 0)[:, None], slope, 0.0))


def _not_lost(
    arm: Followers,
    weeks: PersonWeeks,
    losses: Losses,
    model: StoppingModel,
    counts: NDArray[np.bool_],
) -> Followers:
    """Let the followers who were not lost stand for those who were."""
    was_lost = weeks.summed((losses.is_lost & counts).astype(float)) > 0
    chance = np.where(counts, model.hazard, 0.0)
    weight = arm.weight * np.exp(weeks.summed(-np.log1p(-chance)))
    slope = weeks.summed(losses.history * chance[:, None])
    follows = (arm.weight > 0) & ~was_lost
    return Followers(
        np.where(follows, weight, 0.0),
        np.where(follows[:, None], arm.slope, 0.0),
        np.where(follows[:, None], slope, 0.0),
    )


def _cut(arm: Followers, quantile: float) -> Followers:
    """Cut weights at a quantile of the followers'; a cut one no longer moves."""
    most = np.quantile(arm.weight[arm.weight > 0], quantile)
    moves = (arm.weight < most)[:, None]
    return Followers(
        np.minimum(arm.weight, most),
        np.where(moves, arm.slope, 0.0),
        None if arm.loss_slope is None else np.where(moves, arm.loss_slope, 0.0),
    )


@dataclass(frozen=True)
class _Observed:
    """The fitted chance of having the outcome, among an arm's followers."""

    history: NDArray[np.float64]
    chance: NDArray[np.float64]
    score: NDArray[np.float64]
    inverse: NDArray[np.float64]


def _observed(seen: Observation, among: NDArray[np.bool_]) -> _Observed:
    history = seen.history[:, logistic.told_apart(seen.history[among])]
    rows = PersonWeeks(
        person=np.flatnonzero(among),
        week=np.zeros(among.sum(), np.int64),
        history=history[among],
        is_stop=seen.is_observed[among],
        people_count=len(among),
    )
    if seen.is_observed[among].all():
        ones, k = np.ones(len(among)), history.shape[1]
        return _Observed(history, ones, np.zeros((len(among), k)), np.eye(k))
    fitted = stopping.fit(rows)
    return _Observed(
        history=history,
        chance=expit(history @ fitted.coefficients),
        score=fitted.score,
        inverse=np.linalg.inv(fitted.information),
    )


def _mean(
    arm: Followers,
    seen: Observation,
    values: NDArray[np.float64],
    model: StoppingModel,
    lost: StoppingModel | None,
    fitted: _Observed | None,
) -> tuple[float, NDArray[np.float64]]:
    """Return an arm's weighted mean and each person's influence on it."""
    weight = arm.weight * seen.is_observed
    if fitted is not None:
        weight = weight / fitted.chance
    mean = (weight * values).sum() / weight.sum()
    off = weight * (values - mean)
    influence = off.copy()
    for part, slope in ((model, arm.slope), (lost, arm.loss_slope)):
        if part is not None and slope is not None:
            change = np.linalg.solve(part.information, (off[:, None] * slope).mean(0))
            influence += part.score @ change
    if fitted is not None:
        lost = ((1 - fitted.chance) * off)[:, None] * fitted.history
        influence = influence - fitted.score @ (fitted.inverse @ lost.mean(0))
    return float(mean), influence / weight.mean()
