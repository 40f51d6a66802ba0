"""The product's clone-censor-weight against one written apart from it."""

import numpy as np
import polars as pl
import pytest
from oracles import clone_censor_weight
from scipy.special import expit

from pipelines.compare import duration, stopping

HISTORY = ["score", "change", "time"]
OBSERVATION = ["last_score"]
PEOPLE, LAST = 600, 52


def courses(seed, fortnightly, missing):
    """Simulated people who stop when they are better; nobody's records."""
    rng = np.random.default_rng(seed)
    people, sessions = [], []
    for unit in range(PEOPLE):
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
                **{"unit": unit, "cluster": unit % 60, "stop_week": stop},
                **{"free_week": free, "outcome": outcome, "last_score": score - 8},
            }
        )
    schema = {"free_week": pl.Int64, "outcome": pl.Float64}
    return (
        pl.DataFrame(people, schema_overrides=schema, infer_schema_length=None),
        pl.DataFrame(sessions),
    )


def product(people, sessions, clustered):
    """The same contrast by the product."""
    terms = sessions.select(pl.lit(1.0), *HISTORY).to_numpy()
    weeks = stopping.PersonWeeks(
        person=sessions["unit"].to_numpy(),
        week=sessions["week"].to_numpy(),
        history=terms,
        is_stop=sessions["is_stop"].to_numpy(),
        people_count=len(people),
        gap=(sessions["until_week"] - sessions["week"]).to_numpy().astype(float),
    )
    outcome = people["outcome"].to_numpy().astype(float)
    observation = duration.Observation(
        ~np.isnan(outcome), people.select(pl.lit(1.0), *OBSERVATION).to_numpy()
    )
    return duration.estimate(
        weeks,
        people["stop_week"].to_numpy(),
        people["free_week"].fill_null(LAST).to_numpy(),
        duration.Grace(first_week=26, weeks=6),
        outcome,
        None if observation.is_observed.all() else observation,
        people["cluster"].to_numpy() if clustered else None,
    )


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("fortnightly", [False, True])
def test_the_product_and_the_oracle_agree(fortnightly, missing, clustered):
    people, sessions = courses(7, fortnightly, missing)
    of_cluster = people if clustered else people.with_columns(cluster="unit")

    theirs = clone_censor_weight.estimate(of_cluster, sessions, HISTORY, OBSERVATION)
    ours = product(people, sessions, clustered)

    contrast = ours.contrast
    assert contrast.exposed_level == pytest.approx(theirs.long_mean, abs=1e-6)
    assert contrast.comparator_level == pytest.approx(theirs.short_mean, abs=1e-6)
    assert contrast.std_error == pytest.approx(theirs.std_error, abs=1e-6)
    for strategy, found in (("long", ours.long), ("short", ours.short)):
        weights = theirs.weights.filter(strategy=strategy)
        assert weights.height > 30
        expected = np.zeros(PEOPLE)
        expected[weights["unit"].to_numpy()] = weights["weight"].to_numpy()
        np.testing.assert_allclose(found.weight, expected, atol=1e-6)
