"""Weekly courses of illness and care, as they happen or under a strategy.

Every strategy of one block reads the same noise week by week, so two strategies
differ in a person only through what the strategies change. Whether a course goes on
depends on the score of the planned session, seen or not, on passing states, on the
clinician and on the contract.
"""

import numpy as np

from pipelines.simulate import instruments
from pipelines.simulate.illness import Illness, levels
from pipelines.simulate.indication import SHORT_TERM, Choices
from pipelines.simulate.parameters import Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import NEVER, Service
from pipelines.simulate.strategies import (
    AS_IT_HAPPENS,
    ATTENDED,
    BY_SERVICE,
    CONFIRMED_WEEKS,
    DYNAMIC_CAP_WEEK,
    LAST_COURSE,
    NO_SESSION,
    SHORT_WEEK,
    STOP_WINDOW_WEEKS,
    Course,
    Noise,
    Strategy,
    as_set,
    expit,
)
from pipelines.simulate.taking import Taking

HOMEWORK_KINDS = 4
"""Cognitive, behavioural, CBT and computerised CBT set homework."""

CASE, REMISSION_BELOW, SEVERE_FROM, JUMP = 10, 5, 20, 6
"""PHQ-9 points on which stopping depends."""


def run(
    parameters: Parameters,
    service: Service,
    people: People,
    choices: Choices,
    drawn: Noise,
    strategy: Strategy = AS_IT_HAPPENS,
) -> Course:
    """Run a block's people through the weeks.

    Args:
        parameters: Of the service.
        service: Sites, clinicians and the calendar.
        people: The block's people.
        choices: What they would choose by themselves.
        drawn: The block's noise; its length is the number of weeks.
        strategy: What is set.

    Returns:
        One Course of `drawn.weeks` weeks.
    """
    walk = _Walk(parameters, service, people, choices, drawn, strategy)
    for week in range(drawn.weeks):
        walk.step(week)
    return walk.result()


def homework_done(
    parameters: Parameters, people: People, uniform: np.ndarray, who=slice(None)
) -> np.ndarray:
    """Return the share of the homework done, 0 to 1; -1 where none was set.

    One uniform says both: below `homework_unset_share` none was set.
    """
    c = parameters.course
    even = (uniform - c.homework_unset_share) / (1 - c.homework_unset_share) - 0.5
    middle = c.homework_share + c.homework_spread * people.homework_trait[who]
    return np.where(even < -0.5, -1, np.clip(middle + c.homework_noise * even, 0, 1))


class _Walk:
    """State of one run; a class because a week changes most of it."""

    def __init__(self, parameters, service, people, choices, drawn, strategy):
        self.p, self.drawn, self.strategy = parameters, drawn, strategy
        self.people, self.service = people, service
        n, weeks = len(people.age), drawn.weeks
        self.modality = as_set(choices.modality, strategy.modality)
        self.format = as_set(choices.format, strategy.format)
        self.contract = as_set(choices.contract, strategy.contract)
        started = as_set(choices.is_started, strategy.starts_therapy)
        reached = levels(
            parameters, service, people, choices, self.modality, self.format
        )
        self.illness = Illness(parameters, people, drawn, *reached, started)
        self.taking = Taking(parameters, people, choices, strategy, self.format)
        self.number = np.where(started, 1, 0).astype(np.int8)
        self.had = self.number.copy()
        self.started_week = np.full((LAST_COURSE, n), NEVER, np.int32)
        self.started_week[0, started] = 0
        self.stopped_week = np.full((LAST_COURSE, n), NEVER, np.int32)
        self.next_session = np.where(started, 0, NEVER)
        self.last_stop = np.zeros(n, np.int32)
        self.sessions = np.zeros(n, np.int16)
        self.last_points = np.zeros(n, np.int8)
        self.low_since = np.full(n, -1, np.int16)
        self.is_held = np.full(n, strategy.length in ("dynamic", "fixed"))
        self.stop_at = SHORT_WEEK + np.floor(STOP_WINDOW_WEEKS * drawn.person[0])
        self.clinician_stop = service.clinician_stop[choices.clinicians]
        self.unmeasured = people.unmeasured_log_odds(parameters)
        self.homework_gain = np.zeros(n, np.float32)
        self.phq9 = instruments.phq9(parameters.instruments.item_coupling)
        self.shown = np.empty((weeks, n), np.float32)
        self.points = np.empty((weeks, n), np.int8)
        self.attendance = np.full((weeks, n), NO_SESSION, np.int8)
        self.course_number = np.empty((weeks, n), np.int8)
        self.medicated = np.empty((weeks, n), bool)

    def step(self, week: int) -> None:
        """One week: what is seen, then who comes back or stops, then change."""
        day = self.people.start_day + 7 * week
        season = self.service.season_on(day)
        self.shown[week] = self.illness.shown + season
        self.points[week] = self.phq9.totals(self.shown[week], self.drawn.score[week])
        if week:
            self._come_back(week)
        self.course_number[week] = self.number
        self.taking.begin(week)
        self.medicated[week] = self.taking.is_on
        self.homework_gain[:] = 0
        self._hold_sessions(week)
        in_therapy, points = self.number > 0, self.points[week]
        self.illness.step(
            week, in_therapy, self.had > 0, self.taking, self.homework_gain, points
        )
        self.taking.step(week, self.drawn.medication[week], points, in_therapy)

    def result(self) -> Course:
        """Return what happened."""
        return Course(
            self.shown,
            self.points,
            self.attendance,
            self.course_number,
            self.medicated,
            self.started_week,
            self.stopped_week,
            self.modality,
            self.format,
            self.contract,
        )

    def _come_back(self, week: int) -> None:
        """People at caseness come for another course, after a gap."""
        r = self.p.returns
        at_risk = np.flatnonzero(
            (self.number == 0)
            & (self.had < r.courses_at_most)
            & (self.points[week] >= CASE)
            & (week >= self.last_stop + r.gap_weeks)
        )
        rate = r.again_rate * np.exp(r.again_severity * self.shown[week, at_risk])
        who = at_risk[self.drawn.again[week, at_risk] < rate]
        if not len(who):
            return
        course = self.had[who]
        self.had[who] += 1
        self.number[who] = course + 1
        self.started_week[course, who] = week
        self.next_session[who] = week
        self.sessions[who] = 0
        self.last_points[who] = self.points[week, who]
        self.illness.begin(who, course)

    def _hold_sessions(self, week: int) -> None:
        """Sessions planned for this week, and who stops after theirs."""
        who = np.flatnonzero((self.number > 0) & (self.next_session == week))
        course = self.number[who] - 1
        in_course = week - self.started_week[course, who]
        attended = self._attend(week, who, in_course)
        self.sessions[who] += attended
        gap = self._gap(in_course, who)
        by_service = self.attendance[week, who] == BY_SERVICE
        self.next_session[who] = week + np.where(by_service, 1, gap)
        self._do_homework(week, who[attended])
        self._note_low_scores(week, who[attended])
        stops = self._stops(week, who, course, in_course, attended, gap)
        stops &= ~by_service
        stops = self._kept_in(week, who, course, stops)
        self._leave(week, who[stops])
        if self.strategy.length in ("short", "stop"):
            self._leave(week, self._told_to_stop(week))
        came = who[attended]
        self.last_points[came] = self.points[week, came]

    def _attend(self, week: int, who, in_course) -> np.ndarray:
        s = self.p.stopping
        logit = np.log(s.attended_share / (1 - s.attended_share))
        share = expit(logit + s.attended_severity * (self.shown[week, who] + 0.7))
        uniform = self.drawn.attend[week, who]
        attended = (uniform < share) | (in_course == 0)
        # what is left of the uniform says how it was missed
        rest = (uniform - share) / (1 - share)
        edges = np.cumsum(s.not_attended_shares)[:-1]
        kind = 1 + np.searchsorted(edges, rest, "right")
        calendar = (self.people.start_day[who] + 7 * week) // 7
        closed = self.service.is_closed[self.people.site[who], calendar]
        closed &= in_course > 0
        code = np.where(closed, BY_SERVICE, np.where(attended, ATTENDED, kind))
        self.attendance[week, who] = code
        return code == ATTENDED

    def _gap(self, in_course, who) -> np.ndarray:
        s = self.p.stopping
        gap = np.where(self.people.is_weekly[who], 1, 2)
        gap = np.where(in_course >= s.spaced_from_week, s.spaced_weeks, gap)
        return np.where(in_course >= s.sparse_from_week, s.sparse_weeks, gap)

    def _do_homework(self, week: int, who) -> None:
        done = homework_done(self.p, self.people, self.drawn.homework[week, who], who)
        sets = (self.modality[who] < HOMEWORK_KINDS) & (done >= 0)
        middle = self.p.course.homework_share
        self.homework_gain[who] = self.p.course.homework_gain * sets * (done - middle)

    def _note_low_scores(self, week: int, who) -> None:
        low = self.points[week, who] < REMISSION_BELOW
        since = np.where(self.low_since[who] < 0, week, self.low_since[who])
        self.low_since[who] = np.where(low, since, -1)
        if self.strategy.length == "dynamic":
            done = low & (week - since >= CONFIRMED_WEEKS)
            self.is_held[who[done]] = False

    def _stops(self, week, who, course, in_course, attended, gap) -> np.ndarray:
        s, points = self.p.stopping, self.points[week, who]
        improved = self.illness.first[who] - self.illness.severity[who]
        is_short = (course > 0) | (self.contract[who] == SHORT_TERM)
        done = is_short & (self.sessions[who] >= self.people.agreed_sessions[who])
        logit = (
            s.base
            + s.below_caseness * (points < CASE)
            + s.below_remission * (points < REMISSION_BELOW)
            + s.jump * (points >= self.last_points[who] + JUMP)
            + s.severe * (points >= SEVERE_FROM)
            + s.long_contract * ~is_short
            + s.contract_done * done
            + s.missed * ~attended
            + s.better_than_it_looks * improved
            + s.bad_weeks * self.illness.passing[who]
            + s.middle_bump * np.exp(-(((in_course - 10) / 4) ** 2))
            + self.clinician_stop[course, who]
            - self.unmeasured[who]
            + np.log(gap)
        )
        share = expit(logit)
        share = np.where(in_course == 0, s.no_return_after_first, share)
        early = (in_course > 0) & (self.sessions[who] <= 2)
        share = np.where(early, s.no_return_after_second, share)
        return self.drawn.stop[week, who] < share

    def _kept_in(self, week: int, who, course, stops) -> np.ndarray:
        """Let nobody stop whom the strategy keeps in the first course."""
        length = self.strategy.length
        if week >= DYNAMIC_CAP_WEEK or length in (None, "short"):
            return stops
        if length in ("dynamic", "fixed"):
            kept = self.is_held[who]
        else:
            kept = np.full(len(who), week >= SHORT_WEEK)
        return stops & ~(kept & (course == 0))

    def _told_to_stop(self, week: int) -> np.ndarray:
        if self.strategy.length == "short":
            due = week == SHORT_WEEK
        else:
            due = (week >= SHORT_WEEK) & (self.stop_at == week)
        return np.flatnonzero((self.number == 1) & due)

    def _leave(self, week: int, who) -> None:
        self.stopped_week[self.number[who] - 1, who] = week
        self.number[who] = 0
        self.last_stop[who] = week
        self.next_session[who] = NEVER
