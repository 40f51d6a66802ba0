"""The truth: potential outcomes of the same people under two strategies.

Both strategies of a comparison run on the same noise, so a person's difference is
what the strategies make. Scores are those of the stated week from day 0, drawn for
everybody; nobody dies, moves away or is missing. No stage of the pipeline reads
any of it.

Relapse, as the product measures it: two scores below 5 in a row on a grid of four
weeks, the second by week 52; then 10 or more within the next 52 weeks. It is known
for people who remit, and who remits depends on the strategy: the difference between
two arms is one between two groups of people. `phq9_not_well_24mo` has everybody:
no remission by week 52, or a relapse after it.

Questions without a truth here are in `comparisons.WITHOUT_TRUTH`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from pipelines.simulate import (
    course,
    indication,
    instruments,
    moments,
    people,
    service,
    strategies,
    streams,
)
from pipelines.simulate.blocks import people_of, spread
from pipelines.simulate.columns import from_arrow, words
from pipelines.simulate.comparisons import DECISION, among, comparisons
from pipelines.simulate.injuries import injury_days
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters
from pipelines.simulate.strategies import Strategy

WEEKS = 105
"""Day 0 to 24 months."""

MONTHS = {"6mo": 26, "12mo": 52, "24mo": 104}
YEAR_DAYS = 365
GRID_WEEKS, YEAR_WEEKS, DECISION_WEEK = 4, 52, 26
BASELINE_FROM, CASE, REMISSION_BELOW, SEVERE_FROM = 10, 10, 5, 20
BLOCKS_AT_ONCE = 4

OTHERS = {"chronic": "not_chronic", "treatment_resistant": "not_treatment_resistant"}
"""Populations between which interactions are taken."""

POPULATIONS = ("all", *OTHERS, *OTHERS.values(), "severe")


def effects(parameters: Parameters, seed: int, patients: int) -> pl.DataFrame:
    """Return the true effects, by Monte-Carlo over so many referred people.

    They are the service's own, from its whole calendar; people beyond those are more
    of the same kind. Whole blocks are used: `blocks.spread` says which.

    Returns:
        comparison_id, outcome_id, population_id, scale, exposed_level,
        comparator_level, effect, std_error and patients_count (people with the
        outcome in both arms, or in the smaller arm where only some have it).

        scale is `mean_difference`, `risk_difference` or `risk_ratio`. With
        `interaction_mean_difference` and `interaction_risk_difference` the levels
        are differences: exposed_level that of population_id (`chronic` or
        `treatment_resistant`), comparator_level that of everybody else compared
        (`not_chronic` or `not_treatment_resistant`). effect is the first less the
        second, std_error that of two independent groups, and patients_count that of
        the smaller one.
    """
    totals: dict[tuple, np.ndarray] = {}
    blocks = spread(parameters, patients)
    for start in range(0, len(blocks), BLOCKS_AT_ONCE):
        group = _Group.of(parameters, seed, blocks[start : start + BLOCKS_AT_ONCE])
        for comparison, who, exposed, comparator in group.contrasts():
            members = group.populations(who)
            for outcome in exposed:
                pair = exposed[outcome], comparator[outcome]
                for population, inside in members.items():
                    key = comparison, outcome, population
                    found = moments.moments(pair[0][inside], pair[1][inside])
                    totals[key] = totals.get(key, 0) + found
    rows = [row for item in totals.items() for row in moments.effect_rows(*item)]
    rows += moments.interaction_rows(rows, OTHERS)
    return pl.DataFrame(rows, schema=moments.EFFECT_COLUMNS, orient="row").sort(
        "comparison_id", "outcome_id", "population_id", "scale"
    )


def potential_outcomes(
    parameters: Parameters, seed: int, block: int, only: Collection[str] = ()
) -> pl.DataFrame:
    """Return both potential outcomes of everybody in a block who is compared.

    A block of the service has the people whom the service has: its last block can
    have fewer than others. `only` names the comparisons wanted; empty takes all.

    Returns:
        patient_id, comparison_id, outcome_id, exposed_outcome and
        comparator_outcome; blank where relapse is not known.
    """
    group = _Group.of(parameters, seed, [block])
    frames = [pl.DataFrame(schema=PAIR_COLUMNS)]
    for comparison, who, exposed, comparator in group.contrasts(only):
        numbers = block * BLOCK_PATIENTS + who.astype(np.int64)
        ids = from_arrow(streams.pseudonyms(seed, "patient", numbers))
        for outcome, values in exposed.items():
            frames.append(
                pl.DataFrame(
                    {
                        "patient_id": ids,
                        "comparison_id": words([comparison], np.zeros(len(who), int)),
                        "outcome_id": words([outcome], np.zeros(len(who), int)),
                        "exposed_outcome": values,
                        "comparator_outcome": comparator[outcome],
                    }
                ).with_columns(
                    pl.col("exposed_outcome", "comparator_outcome")
                    .cast(pl.Float64)
                    .fill_nan(None)
                )
            )
    return pl.concat(frames)


PAIR_COLUMNS = {
    "patient_id": pl.String,
    "comparison_id": pl.String,
    "outcome_id": pl.String,
    "exposed_outcome": pl.Float64,
    "comparator_outcome": pl.Float64,
}


@dataclass(frozen=True)
class _Group:
    """A few blocks together: strategies run on whoever they concern."""

    parameters: Parameters
    seed: int
    place: service.Service
    who: people.People
    choices: indication.Choices
    drawn: strategies.Noise
    is_counted: np.ndarray
    first_points: np.ndarray
    injured: np.ndarray
    traits: np.ndarray

    @classmethod
    def of(cls, parameters: Parameters, seed: int, blocks) -> "_Group":
        place = service.build(parameters, seed)
        who = [people.draw(parameters, seed, b, place) for b in blocks]
        chosen = [indication.choose(parameters, seed, w, place) for w in who]
        noise = [strategies.noise(seed, b, WEEKS) for b in blocks]
        injured = [_injured(parameters, seed, w) for w in who]
        traits = [streams.normals(seed, "truth", b, 2) for b in blocks]
        counted = [np.arange(BLOCK_PATIENTS) < people_of(parameters, b) for b in blocks]
        points = [
            indication.points_on_day_zero(parameters, seed, w, place) for w in who
        ]
        return cls(
            parameters,
            seed,
            place,
            _joined(who),
            _joined(chosen),
            _joined(noise),
            np.concatenate(counted),
            np.concatenate(points),
            np.concatenate(injured),
            np.concatenate(traits, axis=-1),
        )

    def contrasts(self, only: Collection[str] = ()) -> Iterator[tuple]:
        """Yield comparison_id, people, and the outcomes of both arms."""
        ran: dict[tuple, dict] = {}
        for comparison in comparisons():
            who = self._among(comparison.among)
            if not len(who) or (only and comparison.comparison_id not in only):
                continue
            arms = []
            for strategy in (comparison.exposed, comparison.comparator):
                key = strategy, comparison.among
                if key not in ran:
                    ran[key] = self._outcomes(strategy, who)
                arms.append(dict(ran[key]))
            inside = arms[0].pop("is_in_therapy_at_week_26")
            arms[1].pop("is_in_therapy_at_week_26")
            if comparison.comparison_id == DECISION:
                who = who[inside]
                arms = [
                    {k: v[inside] for k, v in arm.items() if not k.endswith("_6mo")}
                    for arm in arms
                ]
            yield comparison.comparison_id, who, *arms

    def populations(self, who: np.ndarray) -> dict[str, np.ndarray]:
        """Return who belongs to each population."""
        inside = {
            "chronic": self.who.is_chronic[who],
            "treatment_resistant": self.who.is_resistant[who],
        }
        return {
            "all": np.ones(len(who), bool),
            **inside,
            **{OTHERS[name]: ~members for name, members in inside.items()},
            "severe": self.first_points[who] >= SEVERE_FROM,
        }

    def _among(self, kind: str) -> np.ndarray:
        inside = among(kind, self.who, self.choices)
        is_case = self.first_points >= BASELINE_FROM
        return np.flatnonzero(inside & is_case & self.is_counted)

    def _outcomes(self, strategy: Strategy, who: np.ndarray) -> dict[str, np.ndarray]:
        happened = course.run(
            self.parameters,
            self.place,
            _taken(self.who, who),
            _taken(self.choices, who),
            _taken(self.drawn, who),
            strategy,
        )
        first, points = self.first_points[who], happened.points
        made = {}
        for name, week in MONTHS.items():
            made[f"phq9_points_{name}"] = points[week].astype(np.float64)
            made[f"phq9_response_{name}"] = 1.0 * (2 * points[week] <= first)
        made["phq9_remission_12mo"] = 1.0 * (points[YEAR_WEEKS] < REMISSION_BELOW)
        relapse = relapses(points)
        made["phq9_relapse_12mo"] = relapse
        made["phq9_not_well_24mo"] = np.where(np.isnan(relapse), 1.0, relapse)
        shown, i = happened.shown[YEAR_WEEKS], self.parameters.instruments
        for row, (name, own, score) in enumerate(
            (
                ("wsas", self.who.function_trait, instruments.wsas),
                ("swls", self.who.satisfaction_trait, instruments.swls),
            )
        ):
            measured = instruments.mixed(
                i[f"{name}_loading"],
                i.trait_share,
                shown,
                own[who],
                self.traits[row, who],
            )
            made[f"{name}_points_12mo"] = score(i, measured).astype(np.float64)
        made["injury_12mo"] = 1.0 * self.injured[who]
        made["is_in_therapy_at_week_26"] = happened.course_number[DECISION_WEEK] == 1
        return made


def relapses(points: np.ndarray) -> np.ndarray:
    """Return 1 for a relapse, 0 for none, NaN without a remission by week 52.

    Args:
        points: PHQ-9 by week and person, for 105 weeks.
    """
    grid = points[::GRID_WEEKS]
    year = YEAR_WEEKS // GRID_WEEKS
    low = grid < REMISSION_BELOW
    confirmed = low[1:] & low[:-1]
    confirmed[0] &= False  # day 0 is before treatment
    early = confirmed[:year]
    has = early.any(0)
    at = 1 + early.argmax(0)
    following = at + 1 + np.arange(year)[:, None]
    later = np.take_along_axis(grid, following, axis=0)
    return np.where(has, 1.0 * (later >= CASE).any(0), np.nan)


def _injured(parameters, seed, who) -> np.ndarray:
    days = np.stack([day for day, _ in injury_days(parameters, seed, who)])
    return (days - who.start_day <= YEAR_DAYS).any(0)


def _joined(parts: list):
    """Put the people of several blocks side by side."""
    if len(parts) == 1:
        return parts[0]
    made = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts], axis=-1)
        for f in fields(parts[0])
        if isinstance(getattr(parts[0], f.name), np.ndarray)
    }
    return replace(parts[0], **made)


def _taken(part, who: np.ndarray):
    """Keep some of the people."""
    made = {
        f.name: getattr(part, f.name)[..., who]
        for f in fields(part)
        if isinstance(getattr(part, f.name), np.ndarray)
    }
    return replace(part, **made)
