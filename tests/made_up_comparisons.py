"""Made-up marts of choices nobody allocated, with effects that are known."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import polars as pl
from scipy.special import expit

from pipelines.compare import estimate, protocols
from pipelines.compare.protocols import ColumnOutcome, Primary
from pipelines.settings import Gate

EFFECT = -2.0
"""Points that the exposed arm has less at 12 months, for everybody."""

LAX = Gate(
    minimum_people_per_arm=2,
    minimum_events_per_arm=1,
    minimum_observed_share=0.0,
    maximum_observed_share_difference=1.0,
    maximum_imbalance=100.0,
    minimum_equipoise=0.0,
    minimum_chance=0.0,
    minimum_effective_size=2.0,
    maximum_weight_share=1.0,
    maximum_weight_share_of_a_choice=1.0,
    maximum_mean_weight_error=1.0,
)
"""Limits that nothing breaks."""

BY_DAY_ZERO = ("unadjusted", "iptw", "overlap", "aipw")
BY_WEEKS = ("unadjusted", "clone_censor_weight")

RANGES = """
    create table marts.dim_instruments as
    select 'phq9' as instrument, 0 as min_points, 27 as max_points,
        true as is_lower_better
    union all select 'swls', 5, 35, false
"""


def named(comparison_id, **changes):
    """Return one of our protocols with changes."""
    [found] = [
        one for one in protocols.load_all() if one.comparison_id == comparison_id
    ]
    return replace(found, **changes)


def outcome(outcome_id="phq9_points_12mo", estimators=BY_DAY_ZERO, role="benefit"):
    measure = "points" if "_points_" in outcome_id else "share"
    month = int(outcome_id.rsplit("_", 1)[1].removesuffix("mo"))
    return ColumnOutcome(outcome_id, measure, month, role, estimators)


def by_contract(**changes):
    """Return a choice made on day 0, with the covariates of `choices`."""
    given = {
        "covariates": ("baseline_phq9_points", "is_female", "format"),
        "outcomes": (outcome(),),
        "primary": Primary("phq9_points_12mo", "aipw"),
        "subgroups": (),
    }
    return named("long_vs_short_term_by_contract", **(given | changes))


def over_weeks(**changes):
    """Return a comparison of strategies, with the covariates of `courses`."""
    given = {
        "covariates": ("baseline_phq9_points", "is_female"),
        "outcomes": (outcome(estimators=BY_WEEKS),),
        "primary": Primary("phq9_points_12mo", "clone_censor_weight"),
        "subgroups": (),
    }
    strategies = changes.pop("strategies", {})
    found = named("long_vs_short_term", **(given | changes))
    strategies = {"possible_by": None} | strategies
    return replace(found, strategies=replace(found.strategies, **strategies))


def choices(count, seed, *, missing=False, gain=0.0, confounding=1.0, twisted=0.0):
    """Return units whose severe people get the exposed arm.

    With `missing`, the exposed who fare badly and the others who fare well are not
    seen again. People who are chronic have `gain` more effect. `twisted` makes
    severity push women towards the exposed arm and men away from it.
    """
    rng = np.random.default_rng(seed)
    severity, trend, noise = rng.normal(size=(3, count))
    female = np.random.default_rng([seed, 1]).random(count) < 0.6
    push = confounding + twisted * np.where(female, 1, -1)
    exposed = rng.random(count) < expit(push * severity - 0.2)
    chronic = rng.random(count) < 0.5
    effect = EFFECT + gain * chronic
    last = 13 + 3 * severity + 2 * trend + effect * exposed
    points = 12 + 3 * severity + 2 * trend + effect * exposed + noise
    response = rng.random(count) < expit(-0.3 - 0.4 * severity + 0.8 * exposed)
    seen = np.ones(count, bool)
    has_last = rng.random(count) < 0.9
    if missing:
        fares = np.where(has_last, trend * np.where(exposed, 1.2, -1.2), 0.0)
        seen = rng.random(count) < expit(1.3 - fares)
    lines = [f"unit_{number:06d}" for number in range(count)]
    protocol = by_contract()
    arms = protocol.exposed.arm, protocol.comparator.arm
    found = {
        "comparison_id": protocol.comparison_id,
        "unit_id": lines,
        "episode_id": lines,
        "patient_id": lines,
        "cluster_id": [f"clinician_{number % 150:03d}" for number in range(count)],
        "source": "made_up",
        "arm": np.where(exposed, *arms).tolist(),
        "is_exposed": pl.Series([None] * count, dtype=pl.Boolean),
        "is_randomised": False,
        "baseline_phq9_points": 16 + 3 * severity,
        "is_female": female,
        "format": np.where(rng.random(count) < 0.7, "individual", "group").tolist(),
        "is_chronic": chronic,
        "phq9_points_12mo": pl.Series(np.where(seen, points, np.nan)).fill_nan(None),
        "is_phq9_response_12mo": pl.Series(response.tolist()).set(
            pl.Series(~seen), None
        ),
        "is_injury_12mo": rng.random(count) < 0.2,
        "is_due_12mo": True,
        "is_return_score_12mo": rng.random(count) < 0.1,
        "sessions_12mo_count": rng.integers(1, 30, count),
        **_seen_before(last, has_last, rng),
    }
    return pl.DataFrame(found)


def _seen_before(last, has_last, rng):
    known = pl.Series(np.where(has_last, last, np.nan)).fill_nan(None)
    age = pl.Series(np.where(has_last, rng.integers(1, 90, len(last)), -1.0))
    return {
        "last_phq9_points_before_12mo": known,
        "mean_phq9_points_before_12mo": known,
        "last_phq9_age_days_before_12mo": age.set(pl.Series(~has_last), None),
        "recent_phq9_count_before_12mo": np.where(
            has_last, rng.integers(0, 5, len(last)), 0
        ),
    }


@dataclass(frozen=True)
class Courses:
    """People's scores in each week, when they stopped and how they fared."""

    scores: np.ndarray
    stop: np.ndarray
    lost: np.ndarray
    points: np.ndarray

    def build(self, con, seed=0, *, missing=True):
        """Write the mart and the weeks into a build."""
        rng = np.random.default_rng(seed)
        count = len(self.stop)
        lines = [f"unit_{number:06d}" for number in range(count)]
        last = self.scores[44]
        has_last = rng.random(count) < 0.9
        chance = expit(1.5 - 0.25 * (last - 8))
        seen = rng.random(count) < np.where(has_last, chance, 0.8)
        seen |= not missing
        units = pl.DataFrame(
            {
                "comparison_id": "long_vs_short_term",
                "unit_id": lines,
                "episode_id": lines,
                "patient_id": lines,
                "cluster_id": lines,
                "source": "made_up",
                "arm": pl.Series([None] * count, dtype=pl.String),
                "is_exposed": pl.Series([None] * count, dtype=pl.Boolean),
                "is_randomised": False,
                "baseline_phq9_points": self.scores[0],
                "is_female": rng.random(count) < 0.6,
                "is_chronic": rng.random(count) < 0.5,
                "intended_length": "long_term",
                "stop_week": self.stop,
                "is_stop_censored": self.lost,
                "remitted_week": pl.Series([None] * count, dtype=pl.Int64),
                "phq9_points_12mo": pl.Series(
                    np.where(seen, self.points, np.nan)
                ).fill_nan(None),
                "is_due_12mo": True,
                "has_reentered": rng.random(count) < 0.1,
                **_seen_before(last, has_last, rng),
            }
        )
        write(con, "long_vs_short_term", units)
        person, week = np.nonzero(np.arange(53)[None, :] <= self.stop[:, None])
        sessions = pl.DataFrame(
            {
                "unit_id": np.array(lines)[person].tolist(),
                "week": week,
                "is_last": week == self.stop[person],
                "current_points": self.scores[week, person],
                "previous_points": self.scores[np.maximum(week - 1, 0), person],
                "score_age_days": 0,
                "missed_count": 0,
                "gap_weeks": 1,
                "is_on_medication": False,
                "item_9_points": 0,
            }
        )
        write_table(con, "intermediate.int_episodes_followed_by_session", sessions)


def courses(count, seed, strategy=None):
    """Return people who stop when they are better; stopping is worse.

    `long` makes everybody stay to week 52; `short` makes who is in therapy in week 26
    stop in weeks 26 to 31, each equally likely. Then nobody is lost either.
    """
    rng = np.random.default_rng(seed)
    own, ends = rng.normal(size=count), rng.integers(26, 32, count)
    score = 15 + 3 * own
    scores = np.empty((54, count))
    stop, lost = np.full(count, 52), np.zeros(count, bool)
    inside = np.ones(count, bool)
    for week in range(54):
        scores[week] = score
        draws = rng.random((2, count))
        stops = draws[0] < expit(-3.6 - 0.2 * (score - 9))
        gone = draws[1] < 0.003
        if strategy is not None:
            gone[:] = False
        if strategy == "long":
            stops[:] = False
        if strategy == "short":
            stops = np.where(week < 26, stops, week == ends)
        leaves = inside & (stops | gone) & (week > 0) & (week < 52)
        stop[leaves] = week
        lost[leaves] = (gone & ~stops)[leaves]
        inside &= ~leaves
        score = score - 0.12 * inside + 0.4 * rng.normal(size=count)
    return Courses(scores, stop, lost, scores[52])


def new_build():
    """Return an open build in memory without a comparison."""
    con = duckdb.connect(config={"threads": 1})
    con.execute("create schema marts; create schema intermediate")
    con.execute(RANGES)
    return con


def write(con, comparison_id, units):
    """Write one comparison's mart."""
    write_table(con, f"marts.cmp_{comparison_id}", units)


def write_table(con, name, rows):
    """Write one table of a build."""
    con.register("given", rows)
    con.execute(f"create or replace table {name} as from given")
    con.unregister("given")


def rows_of(con, table):
    """Return one table of estimates, a dictionary per row."""
    found = con.execute(f"select * from estimates.{table}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def run(con, planned, limits=LAX):
    """Estimate and return the rows of effects and of diagnostics."""
    estimate.estimate_all(con, tuple(planned), limits)
    return rows_of(con, "effects"), rows_of(con, "diagnostics")


def told(diagnostics, diagnostic_id, **where):
    """Return the rows of one diagnostic, of those where these columns have it so."""
    return [
        row
        for row in diagnostics
        if row["diagnostic_id"] == diagnostic_id
        and all(row[name] == value for name, value in where.items())
    ]


def protocol_of(design, **changes):
    """Return a protocol whose primary is fast: of day 0, or over weeks."""
    main = "iptw" if design == "day_zero" else "clone_censor_weight"
    primary = Primary("phq9_points_12mo", main)
    if design == "day_zero":
        return by_contract(primary=primary, **changes)
    strategies = {"long_ends": "week", "possible_by": changes.pop("possible_by", None)}
    return over_weeks(strategies=strategies, **changes)
