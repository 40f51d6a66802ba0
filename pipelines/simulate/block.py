"""Everything that happens to one block of people, before it is written down."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate import (
    course,
    dispensing,
    endings,
    indication,
    instruments,
    observation,
    people,
    service,
    strategies,
    streams,
)
from pipelines.simulate.parameters import Parameters


@dataclass(frozen=True)
class Block:
    """One block as it happens by itself."""

    parameters: Parameters
    seed: int
    number: int
    service: service.Service
    people: people.People
    choices: indication.Choices
    course: strategies.Course
    endings: endings.Endings
    fills: dispensing.Fills
    seen: np.ndarray
    first_shown: np.ndarray
    """Latent severity at the assessment, as a questionnaire would measure it."""

    first_points: np.ndarray
    """PHQ-9 at the assessment."""

    homework: np.ndarray
    """Uniforms of the homework: weeks x people."""

    day_shift: np.ndarray
    """Uniforms that move a contact within its week: weeks x people."""


def happen(parameters: Parameters, seed: int, number: int) -> Block:
    """Return a block up to the end of the data; always the whole block."""
    place = service.build(parameters, seed)
    who = people.draw(parameters, seed, number, place)
    chosen = indication.choose(parameters, seed, who, place)
    weeks = weeks_to_the_end(parameters, who)
    drawn = strategies.noise(seed, number, weeks)
    happened = course.run(parameters, place, who, chosen, drawn)
    ended = endings.find(parameters, seed, who, place, happened)
    shown, points = _at_assessment(parameters, seed, who, place)
    return Block(
        parameters=parameters,
        seed=seed,
        number=number,
        service=place,
        people=who,
        choices=chosen,
        course=happened,
        endings=ended,
        fills=dispensing.supplies(parameters, seed, who, chosen, happened),
        seen=observation.observe(
            parameters, seed, place, who, chosen, happened, ended, points
        ),
        first_shown=shown,
        first_points=points,
        homework=drawn.homework,
        day_shift=streams.uniforms(seed, "day_shift", number, weeks),
    )


def weeks_to_the_end(parameters: Parameters, who: people.People) -> int:
    """Return how many weeks reach the end of the data for everybody."""
    return max(1, (parameters.data_days - int(who.start_day.min())) // 7 + 1)


def _at_assessment(parameters, seed, who, place) -> tuple[np.ndarray, np.ndarray]:
    """Before day 0 people are a little worse: they came at a crest."""
    passing = parameters.course.passing_noise * who.bad_weeks
    season = place.season_on(who.assessed_day)
    shown = (
        who.severity + parameters.people.worse_at_assessment + passing + season
    ).astype(np.float32)
    uniform = streams.uniforms(seed, "assessment", who.block, 1)[0]
    phq9 = instruments.phq9(parameters.instruments.item_coupling)
    return shown, phq9.totals(shown, uniform)
