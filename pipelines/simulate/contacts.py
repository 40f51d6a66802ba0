"""Sessions of a block, as rows of the contract's feed, and the days of contacts."""

import numpy as np
import polars as pl

from pipelines.simulate import streams
from pipelines.simulate.block import Block
from pipelines.simulate.columns import blanked, dates, frame, from_arrow, words
from pipelines.simulate.course import HOMEWORK_KINDS, homework_done
from pipelines.simulate.indication import FORMATS, MODALITIES
from pipelines.simulate.naming import (
    ASSESSMENT_SLOT,
    clinician_ids,
    episode_ids,
    patient_ids,
    session_ids,
    site_ids,
)
from pipelines.simulate.people import weekdays
from pipelines.simulate.strategies import ATTENDANCE, ATTENDED, NO_SESSION

DELIVERY_MODES = ("in_person", "video", "phone", "online")
MONTH_DAYS = 30.4375


def sessions(block: Block) -> pl.DataFrame:
    """Return the block's sessions by patient and day."""
    week, who = by_person(_held(block))
    happened, chosen = block.course, block.choices
    number = happened.course_number[week, who].astype(np.int64) - 1
    code = happened.attendance[week, who]
    first, first_code = _assessment_contacts(block)
    person = np.concatenate([first, who])
    day = np.concatenate(
        [block.people.assessed_day[first], contact_day(block, week, who)]
    )
    slot = np.concatenate([np.full(len(first), ASSESSMENT_SLOT), week])
    course = np.concatenate([np.full(len(first), -1), number])
    order = np.lexsort((slot != ASSESSMENT_SLOT, day, person))
    person, day, slot, course = person[order], day[order], slot[order], course[order]
    code = np.concatenate([first_code, code])[order]
    is_treatment = course >= 0
    kind = np.where(is_treatment, happened.modality[person], -1)
    shape = np.where(is_treatment, happened.format[person], 0)
    u = streams.stream(block.seed, "sessions", block.number).random((5, len(person)))
    attended = code == ATTENDED
    given = _homework_given(block, person, slot, kind, attended)
    done = _homework_before(person, course, given, attended)
    rank = rank_in_course(person, course)
    size = np.select(
        [shape == 1, shape == 2, shape == 3], [2, 2 + (u[1] < 0.5), 5 + 6 * u[1]], 1
    )
    clinician = chosen.clinicians[np.maximum(course, 0), person]
    site = block.people.site[person]
    return frame(
        "sessions",
        {
            "session_id": from_arrow(session_ids(block, person, slot)),
            "patient_id": from_arrow(patient_ids(block, person)),
            "episode_id": from_arrow(episode_ids(block, person, course)),
            "clinician_id": from_arrow(clinician_ids(block.seed, clinician)),
            "site_id": from_arrow(site_ids(block.seed, site)),
            "held_on": dates(block.parameters.calendar.first_on, day),
            "attendance": words(ATTENDANCE, code),
            "session_type": words(("assessment", "treatment"), 1 * is_treatment),
            "modality": words(MODALITIES, kind),
            "format": words(FORMATS, np.where(is_treatment, shape, -1)),
            "delivery_mode": words(DELIVERY_MODES, _mode(kind, shape, u[2])),
            "duration_minutes": blanked(_minutes(kind, shape, u[3]), attended),
            "participants_count": blanked(size.astype(np.int32), attended),
            "is_homework_assigned": blanked(given >= 0, attended & is_treatment),
            "homework_completed_percent": blanked(
                np.round(100 * done), attended & (done >= 0)
            ),
            "is_goal_set": blanked(
                u[4] < np.where(rank < 3, *block.parameters.course.goal_set_shares),
                attended & is_treatment,
            ),
        },
    )


def contact_day(block: Block, week: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Return the day of a contact: a session keeps its weekday, nearly always."""
    day = block.people.start_day[who] + 7 * week
    uniform = block.day_shift[week, who]
    is_session = block.course.attendance[week, who] != NO_SESSION
    is_first = (
        block.course.started_week[
            np.maximum(block.course.course_number[week, who] - 1, 0), who
        ]
        == week
    )
    weekday = weekdays(block.parameters, day)
    moved = np.where(uniform < 0.08, -1, np.where(uniform > 0.92, 1, 0))
    moved = np.where((weekday == 0) & (moved < 0), 1, moved)
    moved = np.where((weekday == 4) & (moved > 0), -1, moved)
    moved = np.where(is_session, np.where(is_first, 0, moved), 5 * uniform)
    moved = moved.astype(np.int64)
    return np.minimum(day + moved, block.endings.gone_day[who] - 1)


def _held(block: Block) -> np.ndarray:
    day = block.people.start_day + 7 * np.arange(len(block.seen))[:, None]
    here = day < block.endings.gone_day
    return (block.course.attendance != NO_SESSION) & here


def by_person(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return week and person of each flag, by person and week."""
    who, week = np.nonzero(flags.T)
    return week, who


def is_assessment_planned(block: Block) -> np.ndarray:
    """Tell who was assessed, or was to be and did not come."""
    uniform = streams.stream(block.seed, "no_shows", block.number).random(
        len(block.people.age)
    )
    here = block.people.assessed_day < block.endings.gone_day
    share = block.parameters.observation.no_show_recorded_share
    return here & (block.choices.is_seen | (uniform < share))


def _assessment_contacts(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Who was assessed, and who was to be and did not come."""
    who = np.flatnonzero(is_assessment_planned(block))
    seen = block.choices.is_seen[who]
    return who, np.where(seen, ATTENDED, 1).astype(np.int8)


def _homework_given(block, person, slot, kind, attended) -> np.ndarray:
    """Share that will be done of what a session sets; -1 where it sets none."""
    given = np.full(len(person), -1.0)
    sets = np.flatnonzero(attended & (kind >= 0) & (kind < HOMEWORK_KINDS))
    who = person[sets]
    uniform = block.homework[slot[sets], who]
    given[sets] = homework_done(block.parameters, block.people, uniform, who)
    return given


def _homework_before(person, course, given, attended) -> np.ndarray:
    """Share done of what was set at the session before; -1 where none was."""
    done = np.full(len(person), -1.0)
    place = np.flatnonzero(attended & (course >= 0))
    same = (person[place][1:] == person[place][:-1]) & (
        course[place][1:] == course[place][:-1]
    )
    done[place[1:][same]] = given[place[:-1][same]]
    return done


def rank_in_course(person: np.ndarray, course: np.ndarray) -> np.ndarray:
    """Place of a session in its course, from 0."""
    key = person.astype(np.int64) * 8 + course
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))[: len(key)]
    counts = np.diff(np.concatenate([starts, [len(key)]]))
    return np.arange(len(key)) - np.repeat(starts, counts)


def _mode(kind: np.ndarray, shape: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    alone = np.select([uniform < 0.45, uniform < 0.75, uniform < 0.97], [0, 1, 2], 3)
    together = np.where(uniform < 0.7, 0, 1)
    return np.where(kind == 3, 3, np.where(shape > 0, together, alone))


def _minutes(kind: np.ndarray, shape: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    usual = np.where(uniform < 0.2, 40, np.where(uniform < 0.8, 50, 60))
    usual = np.where(shape == 3, 90, np.where(kind == 3, 30, usual))
    return np.where(kind < 0, 60, usual).astype(np.int32)
