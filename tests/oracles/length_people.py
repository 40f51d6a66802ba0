"""Simulated people in therapies of different lengths, and the product's estimate."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit

from pipelines.compare import bootstrap, duration, stopping
from pipelines.compare.length_refit import LengthRefit

HISTORY = ["score", "change", "time"]
OBSERVATION = ["last_score"]
LAST = 52
GRACE = duration.Grace(first_week=26, weeks=6)


def courses(count, seed, fortnightly=False, missing=True):
    """Simulated people who stop when they are better; nobody's records."""
    rng = np.random.default_rng(seed)
    people, sessions = [], []
    for unit in range(count):
        gap = 2 if unit % 3 == 0 and fortnightly else 1
        base = score = before = float(np.clip(15 + 4 * rng.normal(), 10, 27))
        rate, stop, free, low_since = 0.06 * rng.gamma(2), LAST, None, None
        for week in range(0, LAST, gap):
            stops = bool(rng.random() < gap * expit(-3.2 - 0.12 * (score - 10)))
            seen = {"score": score - 10, "change": score - before, "time": week / 10}
            here = {"unit": unit, "week": week, "until_week": week + gap}
            sessions.append(here | {"is_stop": stops} | seen)
            if score >= 5:
                low_since = None
            elif low_since is None:
                low_since = week
            elif week - low_since >= 4 and free is None:
                free = week
            if stops:
                stop = week
                break
            before = score
            target = score + (3 - score) * rate * gap + 1.5 * rng.normal()
            score = float(np.clip(target, 0, 27))
        outcome = 0.5 * score + 0.15 * base + 3 * rng.normal() + 2 * (stop < LAST)
        if missing and rng.random() > expit(1.2 - 0.1 * (score - 8)):
            outcome = None
        people.append(
            {
                **{"unit": unit, "cluster": unit // 10, "stop_week": stop},
                **{"free_week": free, "outcome": outcome, "last_score": score - 8},
            }
        )
    schema = {"free_week": pl.Int64, "outcome": pl.Float64}
    return (
        pl.DataFrame(people, schema_overrides=schema, infer_schema_length=None),
        pl.DataFrame(sessions),
    )


@dataclass(frozen=True)
class Product:
    """The same people as the product takes them."""

    weeks: stopping.PersonWeeks
    stop: np.ndarray
    until: np.ndarray
    outcome: np.ndarray
    history: np.ndarray
    cluster: np.ndarray | None

    @classmethod
    def of(cls, people, sessions, clustered=False):
        weeks = stopping.PersonWeeks(
            person=sessions["unit"].to_numpy(),
            week=sessions["week"].to_numpy(),
            history=sessions.select(pl.lit(1.0), *HISTORY).to_numpy(),
            is_stop=sessions["is_stop"].to_numpy(),
            people_count=len(people),
            since=sessions.select(
                pl.col("week").diff().over("unit").fill_null(1).cast(pl.Float64)
            )["week"].to_numpy(),
        )
        return cls(
            weeks,
            people["stop_week"].to_numpy(),
            people["free_week"].fill_null(LAST).to_numpy(),
            people["outcome"].to_numpy().astype(float),
            people.select(pl.lit(1.0), *OBSERVATION).to_numpy(),
            people["cluster"].to_numpy() if clustered else None,
        )

    def estimate(self):
        seen = ~np.isnan(self.outcome)
        return duration.estimate(
            self.weeks,
            self.stop,
            self.until,
            GRACE,
            self.outcome,
            None if seen.all() else duration.Observation(seen, self.history),
            self.cluster,
        )

    def refit(self):
        seen = ~np.isnan(self.outcome)
        return LengthRefit.of(
            self.weeks,
            self.stop,
            self.until,
            GRACE,
            self.outcome,
            None if seen.all() else duration.Observation(seen, self.history),
        )

    def drawn(self, drawn):
        return Product(
            bootstrap.person_weeks(self.weeks, drawn),
            self.stop[drawn],
            self.until[drawn],
            self.outcome[drawn],
            self.history[drawn],
            None,
        )
