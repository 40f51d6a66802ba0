"""Latent severity, week by week.

    in therapy       floor + (severity - floor) e^-rate
    after therapy    towards the first level, slower after a long course
    without therapy  towards the usual level
    in a new bout    towards the first level, fast

Where therapy's length has no effect, what it does goes on after it; where therapy
has none, everybody fares as if in it.
"""

import numpy as np

from pipelines.simulate.indication import Choices
from pipelines.simulate.parameters import Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import Service
from pipelines.simulate.strategies import Noise
from pipelines.simulate.taking import Taking


class Illness:
    """Severity of everybody in a run; a week changes it."""

    def __init__(
        self,
        parameters: Parameters,
        people: People,
        drawn: Noise,
        floors: np.ndarray,
        reaches: np.ndarray,
        started: np.ndarray,
    ) -> None:
        c, f = parameters.course, np.float32
        self.c, self.medication, self.drawn = c, parameters.medication, drawn
        self.floors, self.reaches = floors, reaches
        self.floor, self.reach = floors[0].copy(), reaches[0].copy()
        self.alone_floor = self.floor + f(self.medication.alone_floor)
        self.alone_reach = self.reach * f(self.medication.alone_rate)
        self.severity, self.first = people.severity.copy(), people.severity
        self.passing = drawn.passing[0].copy()
        drift = c.return_rate * np.exp(
            c.return_rate_chronic * people.is_chronic
            + c.return_rate_spread * people.return_own
        )
        self.drift = drift.astype(f)
        self.length_effect = np.where(
            people.is_chronic, c.length_effect_chronic, c.length_effect_other
        ).astype(f)
        self.off_weight = np.where(started, self.length_effect, f(c.therapy_effect))
        self.off_target = np.where(started, self.first, people.usual)
        self.off_rate = np.where(started, self.drift, f(parameters.people.usual_rate))
        self.in_bout = np.zeros(len(people.age), bool)
        self.well_weeks = np.zeros(len(people.age), f)

    @property
    def shown(self) -> np.ndarray:
        """Severity of a good or a bad week; `passing` is in its own SD."""
        return self.severity + self.passing * np.float32(self.c.passing_noise)

    def begin(self, who: np.ndarray, course: np.ndarray) -> None:
        """A later course begins: `course` 0 is the first one of that person."""
        self.floor[who] = self.floors[course, who]
        self.reach[who] = self.reaches[course, who]
        self.off_weight[who] = self.length_effect[who]
        self.off_target[who] = self.first[who]
        new = who[course == 0]
        self.off_rate[new] = self.drift[new]

    def step(
        self,
        week: int,
        in_therapy: np.ndarray,
        had_therapy: np.ndarray,
        taking: Taking,
        homework_gain: np.ndarray,
        points: np.ndarray,
    ) -> None:
        """One week's change."""
        c, m, f = self.c, self.medication, np.float32
        severity, action = self.severity, taking.action
        self._bouts(week, in_therapy, taking.is_on, points)
        target = self.floor - action * f(m.floor_gain)
        target += self.in_bout * f(c.relapse_pull_in_therapy) * (self.first - target)
        treated = (target - severity) * self.reach * (1 + action * f(m.rate_gain))
        off_target = np.where(self.in_bout, self.first, self.off_target)
        off_rate = np.where(self.in_bout, f(c.relapse_pull), self.off_rate)
        alone = (self.alone_floor - severity) * self.alone_reach
        off = (off_target - severity) * off_rate + alone * taking.alone(had_therapy)
        weight = np.where(in_therapy, f(0), self.off_weight)
        lasting = self.drawn.lasting[week] * f(c.weekly_noise)
        self.severity = (
            severity + treated + weight * (off - treated) - homework_gain + lasting
        )
        self.off_rate[in_therapy] *= f(np.exp(-1 / c.dose_weeks))
        following = self.drawn.passing[min(week + 1, self.drawn.weeks - 1)]
        fresh = f(np.sqrt(1 - c.passing_carry**2))
        self.passing = f(c.passing_carry) * self.passing + fresh * following

    def _bouts(self, week, in_therapy, on_medication, points) -> None:
        """Begin bouts in people who are well, and end some.

        One uniform does both, read from its two sides.
        """
        c, f = self.c, np.float32
        uniform = self.drawn.relapse[week]
        well = self.severity < f(c.relapse_well_below)
        self.well_weeks = np.where(well, self.well_weeks + 1, f(0))
        rate = f(c.relapse_rate) * np.exp(
            self.well_weeks * f(-1 / c.relapse_fading_weeks)
        )
        rate *= np.where(points >= 5, f(np.exp(c.relapse_residual)), f(1))
        rate *= np.where(in_therapy, f(c.relapse_in_therapy), f(1))
        rate *= np.where(on_medication, f(c.relapse_on_medication), f(1))
        ends = self.in_bout & (uniform > f(1 - c.relapse_ends))
        begins = well & ~self.in_bout & (uniform < rate)
        self.in_bout = (self.in_bout & ~ends) | begins


def levels(
    parameters: Parameters,
    service: Service,
    people: People,
    choices: Choices,
    modality: np.ndarray,
    format_: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return where therapy leads, and the share of the way in a week, by course."""
    c, u = parameters.course, parameters.unmeasured
    who, sick = choices.clinicians, people.severity_sd
    on_severity = c.floor_severity * parameters.people.severity_spread
    own = np.sqrt(max(c.floor_spread**2 - on_severity**2, 0))
    floors = (
        c.floor_mean
        + c.floor_chronic * people.is_chronic
        + c.floor_resistant * people.is_resistant
        + on_severity * sick
        + own * people.floor_own
        + service.site_intercept[people.site]
        + np.array(c.modality_floor)[modality]
        + np.array(c.format_floor)[format_]
        + u.floor_shift * (people.unmeasured - u.share)
        + service.clinician_intercept[who]
        + service.clinician_slope[who] * sick
        + c.match_spread * people.match
    )
    own_rate = np.sqrt(max(c.rate_spread**2 - c.alliance_rate**2, 0))
    rates = c.rate_median * np.exp(
        c.rate_chronic * people.is_chronic
        + own_rate * people.rate_own
        + np.array(c.modality_rate)[modality]
        + c.alliance_rate * people.alliance
    )
    reach = 1 - np.exp(-np.minimum(rates, c.rate_at_most))
    # where therapy does nothing, another clinician changes nothing
    floors = floors[0] + c.therapy_effect * (floors - floors[0])
    reach = reach[0] + c.therapy_effect * (reach - reach[0])
    return floors.astype(np.float32), reach.astype(np.float32)
