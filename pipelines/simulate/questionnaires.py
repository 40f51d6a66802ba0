"""Questionnaires of a block, as rows of the contract's feed."""

import numpy as np
import polars as pl

from pipelines.simulate import instruments, streams
from pipelines.simulate.block import Block
from pipelines.simulate.columns import blanked, dates, frame, from_arrow, words
from pipelines.simulate.contacts import (
    MONTH_DAYS,
    by_person,
    contact_day,
    rank_in_course,
)
from pipelines.simulate.naming import (
    ASSESSMENT_SLOT,
    assessment_ids,
    episode_ids,
    patient_ids,
    session_ids,
)
from pipelines.simulate.observation import (
    AT_RETURN,
    AT_SESSION,
    COLLECTION_REASONS,
    NOT_SEEN,
)

KINDS = ("phq9", "gad7", "wsas", "isi", "swls", "wai_sr", "fibser")
PHQ9, GAD7, WSAS, ISI, SWLS, WAI, FIBSER = range(7)


def assessments(block: Block) -> pl.DataFrame:
    """Return the block's questionnaires by patient, day and instrument."""
    week, who = by_person(block.seen != NOT_SEEN)
    why = block.seen[week, who]
    first = np.flatnonzero(_has_first_score(block))
    person = np.concatenate([first, who])
    slot = np.concatenate([np.full(len(first), ASSESSMENT_SLOT), week])
    day = np.concatenate(
        [block.people.assessed_day[first], contact_day(block, week, who)]
    )
    shown = np.concatenate([block.first_shown[first], block.course.shown[week, who]])
    points = np.concatenate([block.first_points[first], block.course.points[week, who]])
    why = np.concatenate([np.full(len(first), AT_SESSION), why])
    course = np.concatenate([np.full(len(first), -1), _course_so_far(block, week, who)])
    order = np.lexsort((slot != ASSESSMENT_SLOT, day, person))
    person, slot, day, shown, points, why, course = (
        part[order] for part in (person, slot, day, shown, points, why, course)
    )
    event, kind = np.nonzero(_asked(block, person, slot, day, why))
    totals = _totals(block, person, shown, points)[kind, event]
    items, is_whole = _items(block, kind, totals, shown[event], person[event])
    at_session = (why == AT_SESSION)[event]
    known = _is_of_a_course(block, person, course, why)[event]
    columns = {
        "assessment_id": from_arrow(
            assessment_ids(block, person[event], slot[event], kind)
        ),
        "patient_id": from_arrow(patient_ids(block, person[event])),
        "episode_id": from_arrow(
            episode_ids(block, person[event], course[event]), known
        ),
        "session_id": from_arrow(
            session_ids(block, person[event], slot[event]), at_session
        ),
        "instrument": words(KINDS, kind),
        "completed_on": dates(block.parameters.calendar.first_on, day[event]),
        "collection_reason": words(COLLECTION_REASONS, why[event]),
        "total_points": blanked(totals, is_whole),
    }
    has_items = kind <= GAD7
    for item in range(items.shape[1]):
        columns[f"item_{item + 1}"] = blanked(
            items[:, item], has_items & (items[:, item] >= 0)
        )
    return frame("assessments", columns)


def _has_first_score(block: Block) -> np.ndarray:
    uniform = streams.stream(block.seed, "first_scores", block.number).random(
        len(block.people.age)
    )
    here = block.people.assessed_day < block.endings.gone_day
    scored = uniform < block.parameters.observation.assessment_score_share
    return block.choices.is_seen & here & scored


def _is_of_a_course(block, person, course, why) -> np.ndarray:
    """A score belongs to a course, or to a referral that became one."""
    usual_care = block.choices.is_in_trial & ~block.choices.is_trial_therapy
    became_one = (block.course.started_week[0] == 0) | usual_care
    return (why != AT_RETURN) & ((course >= 0) | became_one[person])


def _course_so_far(block: Block, week: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Index of the course a score belongs to: the latest that has started."""
    started = (block.course.started_week[:, who] <= week).sum(0)
    return started - 1


def _asked(block, person, slot, day, why) -> np.ndarray:
    """Which instruments go with each PHQ-9: events x kinds."""
    o, calendar = block.parameters.observation, block.parameters.calendar
    n = len(block.people.age)
    belongs = streams.stream(block.seed, "instruments/who", block.number).random((4, n))
    u = streams.stream(block.seed, "instruments/asked", block.number).random(
        len(person)
    )
    at_session = (why == AT_SESSION) & (slot != ASSESSMENT_SLOT)
    rank = rank_in_course(person, np.where(at_session, 0, -1))
    is_first_or_apart = ~at_session | (slot == 0)
    late = day >= calendar.wsas_more_often_from_month * MONTH_DAYS
    every = np.where(
        late, calendar.wsas_every_sessions[1], calendar.wsas_every_sessions[0]
    )
    on_medication = np.zeros(len(person), bool)
    on_medication[at_session] = block.course.on_medication[
        slot[at_session], person[at_session]
    ]
    asked = np.zeros((len(person), len(KINDS)), bool)
    asked[:, PHQ9] = True
    asked[:, GAD7] = u >= o.anxiety_missing
    asked[:, WSAS] = is_first_or_apart | (rank % every == every - 1)
    asked[:, WSAS] &= why != AT_RETURN
    sometimes = (is_first_or_apart | (rank % 4 == 3)) & (why != AT_RETURN)
    asked[:, ISI] = sometimes & (belongs[0] < o.isi_share)[person]
    asked[:, SWLS] = sometimes & (belongs[1] < o.swls_share)[person]
    asked[:, WAI] = at_session & ((rank == 2) | (rank == 7))
    asked[:, WAI] &= (belongs[2] < o.wai_share)[person]
    asked[:, FIBSER] = at_session & on_medication
    asked[:, FIBSER] &= (belongs[3] < o.fibser_share)[person]
    return asked


def _totals(block, person, shown, points) -> np.ndarray:
    """Totals of every instrument at each event: kinds x events."""
    i, who = block.parameters.instruments, block.people
    draw = streams.stream(block.seed, "instruments/totals", block.number)
    noise = draw.standard_normal((6, len(person)), np.float32)
    uniform = draw.random(len(person), np.float32)
    made = np.zeros((len(KINDS), len(person)), np.int16)
    made[PHQ9] = points
    anxiety = instruments.mixed(
        i.gad7_loading, i.trait_share, shown, who.anxiety_trait[person], noise[0]
    )
    made[GAD7] = instruments.gad7().totals(anxiety, uniform)
    made[WSAS] = instruments.wsas(
        i, _own(i, "wsas", shown, who.function_trait[person], noise[1])
    )
    made[ISI] = instruments.isi(
        i, _own(i, "isi", shown, who.sleep_trait[person], noise[2])
    )
    made[SWLS] = instruments.swls(
        i, _own(i, "swls", shown, who.satisfaction_trait[person], noise[3])
    )
    improved = who.severity[person] - shown
    alliance = (
        who.alliance[0, person] + block.parameters.course.alliance_reverse * improved
    )
    made[WAI] = instruments.wai_sr(i, alliance + i.wai_error * noise[4])
    burden = i.fibser_mean + i.fibser_side_effects * who.side_effects[person]
    burden = burden + i.fibser_error * noise[5]
    made[FIBSER] = np.clip(np.rint(burden), 0, 6)
    return made


def _own(section, name, shown, trait, noise) -> np.ndarray:
    loading = section[f"{name}_loading"]
    return instruments.mixed(loading, section.trait_share, shown, trait, noise)


def _items(block, kind, totals, shown, person) -> tuple[np.ndarray, np.ndarray]:
    """Answers (rows x 9, -1 where blank) and whether all were given."""
    i, o = block.parameters.instruments, block.parameters.observation
    draw = streams.stream(block.seed, "instruments/items", block.number)
    uniform = draw.random((len(kind), 9), np.float32)
    blank = draw.random((len(kind), 9), np.float32)
    made = np.full((len(kind), 9), -1, np.int8)
    is_phq, is_gad = kind == PHQ9, kind == GAD7
    made[is_phq] = instruments.phq9(i.item_coupling).answers(
        shown[is_phq], totals[is_phq], uniform[is_phq]
    )
    anxiety = i.gad7_loading * shown[is_gad] + np.sqrt(
        (1 - i.gad7_loading**2) * i.trait_share
    ) * block.people.anxiety_trait[person[is_gad]].astype(np.float32)
    made[is_gad, :7] = instruments.gad7().answers(
        anxiety, totals[is_gad], uniform[is_gad, :7]
    )
    share = np.full(9, o.item_missing)
    share[8] *= o.item_9_factor
    is_blank = (blank < share) & (made >= 0)
    is_blank &= is_blank.sum(1, keepdims=True) < 4
    made[is_blank] = -1
    return made, ~is_blank.any(1)
