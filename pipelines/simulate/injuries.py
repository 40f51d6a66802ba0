"""Injuries: the negative control, which depends on the person and on no treatment."""

import numpy as np

from pipelines.simulate import streams
from pipelines.simulate.parameters import DAYS_PER_YEAR, Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import NEVER

INJURIES = ("S52.5", "S61.0", "S93.4", "S06.0", "T14.0")
INJURIES_AT_MOST = 3


def injury_days(
    parameters: Parameters, seed: int, people: People
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return days and codes of each person's first three injuries after day 0.

    Most lie past the end of the data. The rate depends on severity on day 0, so a
    plain average between groups that differ in it sees an effect.
    """
    p, n = parameters.diagnoses, len(people.age)
    draw = streams.stream(seed, "injuries", people.block)
    rate = p.injury_rate * np.exp(
        p.injury_severity * people.severity
        + parameters.unmeasured.injury_log_rate
        * (people.unmeasured - parameters.unmeasured.share)
    )
    day, made = people.start_day.astype(np.int64), []
    for _ in range(INJURIES_AT_MOST):
        wait = draw.exponential(1.0, n) / rate * DAYS_PER_YEAR
        day = day + 1 + np.minimum(wait, NEVER // 8).astype(np.int64)
        made.append((day, draw.integers(0, len(INJURIES), n)))
    return made
