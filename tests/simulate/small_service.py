"""One block of a small service, and runs of it, made once for all tests."""

from functools import cache
from types import SimpleNamespace

from pipelines.simulate import (
    block,
    course,
    indication,
    people,
    records,
    service,
    strategies,
)
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters, scenario

SEED = 20261122
PATIENTS = 4 * BLOCK_PATIENTS


@cache
def default() -> Parameters:
    """Parameters of four blocks over three years."""
    return scenario("default", patients=PATIENTS, years=3)


@cache
def happened(number: int) -> block.Block:
    """One block as it happens by itself."""
    return block.happen(default(), SEED, number)


@cache
def feeds(number: int) -> dict:
    """The frames of one block."""
    return records.clean_block(default(), SEED, number, BLOCK_PATIENTS)


def drawn(parameters: Parameters, weeks: int = 60, number: int = 0) -> SimpleNamespace:
    """What a run needs: service, people, choices and noise."""
    place = service.build(parameters, SEED)
    who = people.draw(parameters, SEED, number, place)
    return SimpleNamespace(
        parameters=parameters,
        place=place,
        people=who,
        choices=indication.choose(parameters, SEED, who, place),
        noise=strategies.noise(SEED, number, weeks),
    )


def run(made: SimpleNamespace, **strategy) -> strategies.Course:
    """Run the weeks under a strategy."""
    return course.run(
        made.parameters,
        made.place,
        made.people,
        made.choices,
        made.noise,
        strategies.Strategy(**strategy),
    )
