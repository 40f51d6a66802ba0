"""Which scores are seen: at sessions, at follow-ups and when people are ill again.

A score is missing more often after a high score that was seen (missing at random),
when people are ill now whether or not anybody saw it (not at random), at sites that
collect less, and at the last session of a course that ends unplanned.
"""

import numpy as np

from pipelines.simulate import streams
from pipelines.simulate.endings import Endings
from pipelines.simulate.indication import Choices
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import Service
from pipelines.simulate.strategies import ATTENDED, LAST_COURSE, Course, expit

NOT_SEEN, AT_SESSION, AT_FOLLOW_UP, AT_RETURN = range(4)
COLLECTION_REASONS = ("", "session", "scheduled_follow_up", "return")

MONITORED_EVERY_WEEKS, MONITORED_WEEKS = 4, 52
MIDDLE_POINTS = 10
"""Score at which the stated shares hold."""

WEEKS_PER_YEAR = 52


def observe(
    parameters: Parameters,
    seed: int,
    service: Service,
    people: People,
    choices: Choices,
    course: Course,
    endings: Endings,
    first_points: np.ndarray,
) -> np.ndarray:
    """Return why a score of each week was seen: weeks x people, NOT_SEEN if none.

    Args:
        parameters: Of the service.
        seed: The run's seed.
        service: Its sites.
        people: The block's people.
        choices: Who is seen, started and in the trial.
        course: What happened.
        endings: When people are gone, and which courses ended unplanned.
        first_points: Score at the assessment: the first one seen.
    """
    weeks = len(course.points)
    seen = np.zeros((weeks, BLOCK_PATIENTS), np.int8)
    uniform = streams.uniforms(seed, "observation", people.block, weeks)
    ill = streams.uniforms(seed, "observation/ill", people.block, weeks)
    skips = streams.uniforms(seed, "observation/last", people.block, LAST_COURSE)
    rows = _Rows(parameters, service, people, choices, course, endings, skips)
    last_seen = first_points.astype(np.float32)
    for week in range(weeks):
        who, why, logit = rows.asked(week, ill[week])
        p = parameters.observation
        logit = (
            logit
            - p.missing_per_point * (last_seen[who] - MIDDLE_POINTS)
            - p.missing_per_latent * course.shown[week, who]
        )
        answered = (uniform[week, who] < expit(logit)) | (why == AT_RETURN)
        found = who[answered]
        seen[week, found] = why[answered]
        last_seen[found] = course.points[week, found]
    return seen


class _Rows:
    """Who is asked in a week, why, and at what log odds they answer."""

    def __init__(self, parameters, service, people, choices, course, endings, skips):
        self.p, self.people, self.choices = parameters.observation, people, choices
        self.course, self.endings = course, endings
        self.site_logit = service.site_collection[people.site]
        self.is_monitored = service.site_is_monitored[people.site]
        self.last_weeks = np.array(
            [endings.last_attended_week[k] for k in range(LAST_COURSE)]
        )
        self.skips_last = endings.is_unplanned & (skips < self.p.last_skipped)
        self.stopped_in = np.full(BLOCK_PATIENTS, -1)
        self.stopped_at_points = np.full(BLOCK_PATIENTS, 99)
        self.began = course.started_week[0] == 0

    def asked(self, week: int, ill: np.ndarray):
        """Return people, reasons and log odds."""
        course, p = self.course, self.p
        day = self.people.start_day + 7 * week
        here = day < self.endings.gone_day
        number = course.course_number[week]
        came = here & (course.attendance[week] == ATTENDED)
        last = (self.last_weeks == week) & self.skips_last
        at_session = np.flatnonzero(came & ~last.any(0))
        first = course.started_week[np.maximum(number - 1, 0), np.arange(len(number))]
        share = np.where(first[at_session] == week, p.first_score_share, p.score_share)
        logits = [_logit(share) + self.site_logit[at_session]]
        who, why = [at_session], [np.full(len(at_session), AT_SESSION)]
        ended = course.stopped_week == week
        if ended.any():
            any_end = ended.any(0)
            self.stopped_in[any_end] = week
            self.stopped_at_points[any_end] = course.points[week, any_end]
        away = here & (number == 0) & self.choices.is_seen
        # follow-ups that the service has planned
        if week in p.follow_up_weeks or self._is_monitored_week(week).any():
            asked = np.flatnonzero(away & self._is_due(week))
            who.append(asked)
            why.append(np.full(len(asked), AT_FOLLOW_UP))
            logits.append(self._follow_up_logit(week, asked))
        rate = p.ill_visit_rate * np.exp(p.ill_visit_severity * course.shown[week])
        returned = away & (ill < rate) & (week > 0)
        if len(who) > 1:
            returned[who[1]] = False
        back = np.flatnonzero(returned)
        who.append(back)
        why.append(np.full(len(back), AT_RETURN))
        logits.append(np.zeros(len(back)))
        return np.concatenate(who), np.concatenate(why), np.concatenate(logits)

    def _is_monitored_week(self, week: int) -> np.ndarray:
        since = week - self.stopped_in
        return (
            self.is_monitored
            & (self.stopped_in >= 0)
            & (self.stopped_at_points < MIDDLE_POINTS)
            & (since > 0)
            & (since <= MONITORED_WEEKS)
            & (since % MONITORED_EVERY_WEEKS == 0)
        )

    def _is_due(self, week: int) -> np.ndarray:
        due = self._is_monitored_week(week)
        return due | (week in self.p.follow_up_weeks)

    def _follow_up_logit(self, week: int, who: np.ndarray) -> np.ndarray:
        p = self.p
        share = np.where(
            self.began[who], p.follow_up_share, p.untreated_follow_up_share
        )
        share = np.where(
            self.is_monitored[who] & self._is_monitored_week(week)[who],
            p.monitored_follow_up_share,
            share,
        )
        share = np.where(self.choices.is_in_trial[who], p.trial_follow_up_share, share)
        fading = p.follow_up_fading * (week / WEEKS_PER_YEAR - 0.5)
        return _logit(share) + fading + self.site_logit[who]


def _logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1 - share))
