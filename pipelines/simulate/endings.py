"""When people leave the service, and how each course ended on paper."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate import streams
from pipelines.simulate.columns import codes
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import NEVER, Service
from pipelines.simulate.strategies import ATTENDED, LAST_COURSE, Course

COMPLETED, DROPPED_OUT, DECLINED, TRANSFERRED, DIED, ONGOING = range(6)
END_REASONS = codes("episodes", "end_reason")
UNKNOWN_END = 6
"""No reason was recorded."""


@dataclass(frozen=True)
class Endings:
    """By person, and by course (courses x people)."""

    gone_day: np.ndarray
    """First day on which nothing more is seen: death, a move, the site's end or
    the end of the data."""

    is_dead: np.ndarray
    """Died within the data, and the service knows."""

    started_day: np.ndarray
    is_held: np.ndarray
    """The course has a first session within the data."""

    last_attended_week: np.ndarray
    """Week of the last attended session within the data; -1 if none."""

    reason: np.ndarray
    ended_day: np.ndarray
    """NEVER while it goes on."""

    is_unplanned: np.ndarray
    """Stopped without an agreement, whether or not the data show it."""


def find(
    parameters: Parameters, seed: int, people: People, service: Service, course: Course
) -> Endings:
    """Return how things ended, within the data."""
    last_day = parameters.data_days
    closes = service.site_closed_from[people.site]
    gone = np.minimum.reduce(
        [people.death_day, people.moves_day, closes, np.full_like(closes, last_day + 1)]
    )
    drawn = streams.stream(seed, "endings", people.block).random(
        (3, LAST_COURSE, BLOCK_PATIENTS)
    )
    started_day = np.where(
        course.started_week < NEVER, people.start_day + 7 * course.started_week, NEVER
    )
    is_held = started_day < gone
    counts, last_week = _attended(course, people, gone)
    stopped = course.stopped_week < NEVER
    is_unplanned = stopped & (drawn[0] < _unplanned_share(parameters, course, counts))
    o = parameters.observation
    lag = np.where(
        is_unplanned, o.unplanned_noted_days + 20 * drawn[1], 1 + 8 * drawn[1]
    ).astype(np.int64)
    ended_day = np.where(
        stopped,
        people.start_day + 7 * course.stopped_week.astype(np.int64) + lag,
        NEVER,
    )
    reason = np.where(is_unplanned, DROPPED_OUT, COMPLETED)
    unknown = drawn[2] < parameters.observation.unknown_end_share
    reason = np.where(unknown & ~is_unplanned, UNKNOWN_END, reason)
    # what comes first: the person or the site is gone, or the course ends
    is_cut = ended_day >= gone
    # nobody learns of a death after a move
    is_dead = (people.death_day == gone) & (gone <= last_day)
    cut_reason = np.where(
        is_dead, DIED, np.where(gone <= last_day, TRANSFERRED, ONGOING)
    )
    reason = np.where(is_cut, cut_reason, reason)
    ended_day = np.where(is_cut, np.where(gone <= last_day, gone, NEVER), ended_day)
    return Endings(
        gone_day=gone,
        is_dead=is_dead,
        started_day=started_day,
        is_held=is_held,
        last_attended_week=last_week,
        reason=reason,
        ended_day=ended_day,
        is_unplanned=is_unplanned,
    )


def _unplanned_share(parameters, course, counts) -> np.ndarray:
    p = parameters.observation
    week = np.minimum(course.stopped_week, len(course.points) - 1)
    points = course.points[week, np.arange(BLOCK_PATIENTS)]
    share = np.where(points >= 10, p.dropped_out_ill, p.dropped_out_well)
    return np.where(counts <= 2, p.dropped_out_early, share)


def _attended(course: Course, people: People, gone) -> tuple[np.ndarray, np.ndarray]:
    """Attended sessions of each course, and the last one's week within the data."""
    weeks = len(course.attendance)
    day = people.start_day + 7 * np.arange(weeks)[:, None]
    attended = (course.attendance == ATTENDED) & (day < gone)
    counts = np.zeros((LAST_COURSE, BLOCK_PATIENTS), np.int64)
    last = np.full((LAST_COURSE, BLOCK_PATIENTS), -1)
    for k in range(LAST_COURSE):
        mine = attended & (course.course_number == k + 1)
        counts[k] = mine.sum(0)
        reverse = mine[::-1].argmax(0)
        last[k] = np.where(counts[k] > 0, weeks - 1 - reverse, -1)
    return counts, last
