"""Supplies of antidepressants: fills, gaps, stockpiling, switches and history.

Whether somebody takes medication in a week is decided in `course.py`. Here each
spell of use becomes supplies: 28, 30 or 90 days each, the next one fetched after a
gap (gamma) or early. Supplies end with the spell, so a stock can outlast it.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate import streams
from pipelines.simulate.indication import Choices
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import NEVER
from pipelines.simulate.strategies import Course

INGREDIENTS = (
    ("sertraline", "N06AB06", 100.0),
    ("citalopram", "N06AB04", 20.0),
    ("fluoxetine", "N06AB03", 20.0),
    ("mirtazapine", "N06AX11", 30.0),
    ("escitalopram", "N06AB10", 10.0),
    ("venlafaxine", "N06AX16", 150.0),
    ("duloxetine", "N06AX21", 60.0),
    ("amitriptyline", "N06AA09", 75.0),
)
"""Name, ATC code and the usual daily dose in mg."""

INGREDIENT_SHARES = (0.34, 0.18, 0.15, 0.12, 0.07, 0.08, 0.04, 0.02)
"""Our choice."""

SUPPLY_DAYS = (28, 30, 90)


@dataclass(frozen=True)
class Fills:
    """One entry per supply, by person and day."""

    person: np.ndarray
    day: np.ndarray
    days_supply: np.ndarray
    ingredient: np.ndarray
    dose: np.ndarray


@dataclass(frozen=True)
class _Spells:
    person: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    order: np.ndarray
    """Earlier spells of a person have lower numbers; a new one, a new drug."""


def supplies(
    parameters: Parameters, seed: int, people: People, choices: Choices, course: Course
) -> Fills:
    """Return every supply fetched, before and after day 0.

    Not cut to the data: who asks knows what could be seen.
    """
    draw = streams.stream(seed, "dispensing", people.block)
    person = draw.random((4, BLOCK_PATIENTS))
    spells = _all_spells(
        parameters.medication, people, choices, course, draw.random((6, BLOCK_PATIENTS))
    )
    return _fill(parameters, draw, spells, person)


def _fill(parameters, draw, spells: _Spells, person: np.ndarray) -> Fills:
    m, who = parameters.medication, spells.person
    usual_supply = np.where(
        person[0] < m.ninety_day_share,
        SUPPLY_DAYS[2],
        np.where(person[0] < 0.5 + 0.5 * m.ninety_day_share, *SUPPLY_DAYS[:2]),
    )
    longest = int((spells.ends - spells.begins).max(initial=1))
    count = longest // (min(SUPPLY_DAYS) - int(m.early_refill_days)) + 1
    shape = (len(who), count)
    supply = np.repeat(usual_supply[who][:, None], count, axis=1)
    supply[:, 0] = np.minimum(supply[:, 0], SUPPLY_DAYS[1])  # the first is a month
    gap = np.floor(draw.gamma(m.gap_shape, m.gap_mean_days / m.gap_shape, shape))
    early = draw.random(shape)
    is_early = early < m.early_refill_share
    wait = np.where(
        is_early, -np.floor(early / m.early_refill_share * m.early_refill_days), gap
    )
    days = np.zeros(shape, np.int64)
    days[:, 1:] = np.cumsum(supply[:, :-1] + wait[:, :-1], axis=1)
    days += spells.begins[:, None]
    switches = draw.random(shape) < m.switch_rate * supply / SUPPLY_DAYS[0]
    switches[:, 0] = False
    base = np.searchsorted(np.cumsum(INGREDIENT_SHARES)[:-1], person[1], "right")
    ingredient = base[who][:, None] + spells.order[:, None] + np.cumsum(switches, 1)
    ingredient %= len(INGREDIENTS)
    doses = np.array([dose for _, _, dose in INGREDIENTS])
    low = np.where(person[2] < m.low_dose_share, 0.5, 1.0)
    row, column = np.nonzero(days < spells.ends[:, None])
    kept = days[row, column]
    drug = ingredient[row, column]
    order = np.lexsort((kept, who[row]))
    row, column, kept, drug = row[order], column[order], kept[order], drug[order]
    return Fills(
        person=who[row],
        day=kept,
        days_supply=supply[row, column],
        ingredient=drug,
        dose=doses[drug] * low[who[row]],
    )


def _all_spells(m, people, choices, course, u) -> _Spells:
    start = people.start_day
    seen = _spells_in_weeks(people, course)
    # who is on it on day 0 began before: 6 weeks to a year and a half
    on = choices.on_medication
    before = _days(m.before_start_days, u[0] ** 2)
    at_zero = (seen.begins == start[seen.person]) & on[seen.person]
    begins = np.where(at_zero, start[seen.person] - before[seen.person], seen.begins)
    # a spell over for so long that its last supply is too, METHODS 9's washout long
    past = np.flatnonzero(choices.had_medication & ~on & ~people.is_resistant)
    past_ends = start[past] - _days(m.past_ended_days, u[1, past])
    past_begins = past_ends - _days(m.past_lasted_days, u[2, past])
    # two trials of eight to fifteen weeks that did not work
    tried = np.flatnonzero(people.is_resistant)
    second_ends = start[tried] - np.where(
        on[tried], before[tried], _days(m.trial_ended_days, u[3, tried])
    )
    second_begins = second_ends - _days(m.trial_lasted_days, u[4, tried])
    first_begins = second_begins - _days(m.trial_lasted_days, u[5, tried])
    return _Spells(
        person=np.concatenate([seen.person, past, tried, tried]),
        begins=np.concatenate([begins, past_begins, first_begins, second_begins]),
        ends=np.concatenate([seen.ends, past_ends, second_begins, second_ends]),
        order=np.concatenate(
            [
                seen.order,
                np.zeros(len(past), np.int64),
                np.full(len(tried), -2),
                np.full(len(tried), -1),
            ]
        ),
    )


def _days(limits: tuple[float, float], uniform: np.ndarray) -> np.ndarray:
    """Return whole days from the first limit up to the second."""
    low, high = limits
    return (low + (high - low) * uniform).astype(np.int64)


def _spells_in_weeks(people: People, course: Course) -> _Spells:
    """Runs of weeks on medication, as days."""
    on = course.on_medication.T.astype(np.int8)
    edge = np.zeros((len(on), 1), np.int8)
    turns = np.diff(np.concatenate([edge, on, edge], axis=1), axis=1)
    person, first = np.nonzero(turns == 1)
    _, after = np.nonzero(turns == -1)
    order = np.zeros(len(person), np.int64)
    for back in range(1, 6):
        order[back:] += person[back:] == person[:-back]
    begins = people.start_day[person] + 7 * first
    is_open = after == on.shape[1]
    ends = np.where(is_open, NEVER // 2, people.start_day[person] + 7 * after)
    # an open spell runs on to the end of the weeks that were simulated
    last = people.start_day[person] + 7 * on.shape[1]
    return _Spells(person, begins, np.minimum(ends, last), order)
