"""Courses of care of a block, as rows of the contract's feed."""

import numpy as np
import polars as pl

from pipelines.simulate import streams
from pipelines.simulate.block import Block
from pipelines.simulate.columns import dates, frame, from_arrow, words
from pipelines.simulate.contacts import is_assessment_planned
from pipelines.simulate.endings import (
    DECLINED,
    DIED,
    END_REASONS,
    ONGOING,
    TRANSFERRED,
    UNKNOWN_END,
)
from pipelines.simulate.indication import CONTRACTS, MODALITIES
from pipelines.simulate.naming import episode_ids, first_episode, patient_ids, site_ids
from pipelines.simulate.parameters import BLOCK_PATIENTS
from pipelines.simulate.service import NEVER
from pipelines.simulate.strategies import LAST_COURSE

ARMS = (*MODALITIES, "usual_care")


def episodes(block: Block) -> pl.DataFrame:
    """Return the block's courses by patient and time."""
    happened, ended, who = block.course, block.endings, block.people
    began = happened.started_week[0] == 0
    n = np.arange(BLOCK_PATIENTS)
    # the referral: it becomes the first course, or comes to nothing
    is_first = np.stack([began, *np.zeros((LAST_COURSE - 1, BLOCK_PATIENTS), bool)])
    later = ended.is_held & ~is_first
    course, person = np.nonzero(later)
    person, course = (
        np.concatenate([n, person]),
        np.concatenate([np.full(len(n), -1), course]),
    )
    place = first_episode(block, person, course)
    order = np.lexsort((place, person))
    person, course, place = person[order], course[order], place[order]
    is_referral = course < 0
    k = np.where(is_referral, 0, course)
    is_course = np.where(is_referral, began[person] & ended.is_held[0, person], True)
    u = streams.stream(block.seed, "episodes", block.number).random((3, len(person)))
    started = np.where(is_course, ended.started_day[k, person], NEVER)
    referred = np.where(
        is_referral, who.referred_day[person], started - 14 - (20 * u[0]).astype(int)
    )
    reason, ended_day = _ends(block, person, k, is_course, u[1])
    in_trial = is_referral & block.choices.is_in_trial[person]
    usual = in_trial & ~block.choices.is_trial_therapy[person]
    kind = np.where(is_course, happened.modality[person], -1)
    kind = np.where(usual, ARMS.index("usual_care"), kind)
    started = np.where(usual, who.start_day[person], started)
    reason = np.where(usual, _cut(block, person), reason)
    gone = ended.gone_day[person]
    is_over = gone <= block.parameters.data_days
    ended_day = np.where(usual, np.where(is_over, gone, NEVER), ended_day)
    in_data = started < ended.gone_day[person]
    contract = np.where(is_referral | (course == 0), happened.contract[person], 0)
    months = (
        np.maximum(np.where(is_course, started, referred), 0) - who.start_day[person]
    ) / 30
    months = np.maximum(months, 0).astype(np.int64)
    tried = streams.stream(block.seed, "trials", block.number).random(BLOCK_PATIENTS)
    m = block.parameters.medication
    trials = np.where(
        who.is_resistant[person],
        2 + (tried[person] < m.third_trial_share),
        1 * (block.choices.had_medication[person] & (tried[person] < m.trial_share)),
    )
    first_on = block.parameters.calendar.first_on
    return frame(
        "episodes",
        {
            "episode_id": from_arrow(episode_ids(block, person, course)),
            "patient_id": from_arrow(patient_ids(block, person)),
            "site_id": from_arrow(site_ids(block.seed, who.site[person])),
            "referred_on": dates(first_on, referred),
            "started_on": dates(first_on, np.where(in_data, started, 0), in_data),
            "ended_on": dates(
                first_on, np.where(ended_day < NEVER, ended_day, 0), ended_day < NEVER
            ),
            "end_reason": words(
                END_REASONS, np.where(reason == UNKNOWN_END, -1, reason)
            ),
            "intended_length": words(CONTRACTS, np.where(is_course, contract, -1)),
            "modality": words(ARMS, np.where(in_data, kind, -1)),
            "depression_onset_months": who.onset_months[person] + months,
            "current_episode_months": who.episode_months[person] + months,
            "adequate_medication_trials": trials,
            "is_treatment_resistant": who.is_resistant[person],
            "prior_therapy_episodes": who.prior_courses[person] + k,
            "allocated_arm": words(
                ARMS,
                np.where(
                    in_trial,
                    np.where(usual, len(ARMS) - 1, happened.modality[person]),
                    -1,
                ),
            ),
            "is_randomised": in_trial,
        },
    )


def _ends(block, person, k, is_course, uniform) -> tuple[np.ndarray, np.ndarray]:
    """Reason and last day; a referral that comes to nothing is declined."""
    ended, who = block.endings, block.people
    o = block.parameters.observation
    planned = is_assessment_planned(block)[person]
    from_day = np.where(planned, who.assessed_day[person], who.referred_day[person])
    declined = from_day + o.declined_noted_days + (30 * uniform).astype(np.int64)
    gone = ended.gone_day[person]
    is_late = declined >= gone
    is_over = gone <= block.parameters.data_days
    none_day = np.where(is_late, np.where(is_over, gone, NEVER), declined)
    none_reason = np.where(is_late, _cut(block, person), DECLINED)
    reason = np.where(is_course, ended.reason[k, person], none_reason)
    return reason, np.where(is_course, ended.ended_day[k, person], none_day)


def _cut(block: Block, person: np.ndarray) -> np.ndarray:
    """Reason of a course that ends because the person or the site is gone."""
    is_over = block.endings.gone_day[person] <= block.parameters.data_days
    dead = block.endings.is_dead[person]
    return np.where(dead, DIED, np.where(is_over, TRANSFERRED, ONGOING))
