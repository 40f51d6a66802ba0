"""Pseudonyms of a block's rows.

Each is a hash of the seed and of a number that depends on the person's place and
nothing else.
"""

import numpy as np
import pyarrow as pa

from pipelines.simulate import streams
from pipelines.simulate.block import Block
from pipelines.simulate.parameters import BLOCK_PATIENTS

ASSESSMENT_SLOT = 4095
"""In place of the week, for the contact before day 0."""

SLOTS, KINDS_AT_MOST, EPISODES_AT_MOST = 4096, 16, 8


def patient_ids(block: Block, person: np.ndarray) -> pa.Array:
    """Return the patient of each row."""
    return streams.pseudonyms(block.seed, "patient", _number(block, person))


def episode_ids(block: Block, person: np.ndarray, course: np.ndarray) -> pa.Array:
    """Return the episode of each row; course -1 is the referral itself."""
    number = _number(block, person) * EPISODES_AT_MOST
    return streams.pseudonyms(
        block.seed, "episode", number + first_episode(block, person, course)
    )


def first_episode(block: Block, person: np.ndarray, course: np.ndarray) -> np.ndarray:
    """Return the place of a course among a person's episodes, from 0.

    Who starts at once has the first course in the episode of the referral; who
    comes later has a referral that led to nothing, and another episode.
    """
    began = block.course.started_week[0, person] == 0
    return np.where(course < 0, 0, course + ~began)


def session_ids(block: Block, person: np.ndarray, slot: np.ndarray) -> pa.Array:
    """Return the session of each row: one a week at most."""
    return streams.pseudonyms(
        block.seed, "session", _number(block, person) * SLOTS + slot
    )


def assessment_ids(
    block: Block, person: np.ndarray, slot: np.ndarray, kind: np.ndarray
) -> pa.Array:
    """Return the questionnaire of each row: one a week and instrument at most."""
    number = (_number(block, person) * SLOTS + slot) * KINDS_AT_MOST + kind
    return streams.pseudonyms(block.seed, "questionnaire", number)


def medication_ids(block: Block, person: np.ndarray, place: np.ndarray) -> pa.Array:
    """Return the supply of each row."""
    return streams.pseudonyms(
        block.seed, "medication", _number(block, person) * SLOTS + place
    )


def diagnosis_ids(block: Block, person: np.ndarray, place: np.ndarray) -> pa.Array:
    """Return the diagnosis of each row."""
    return streams.pseudonyms(
        block.seed, "diagnosis", _number(block, person) * SLOTS + place
    )


def clinician_ids(seed: int, number: np.ndarray) -> pa.Array:
    """Return the clinician of each number."""
    return streams.pseudonyms(seed, "clinician", np.asarray(number))


def site_ids(seed: int, number: np.ndarray) -> pa.Array:
    """Return the site of each number."""
    return streams.pseudonyms(seed, "site", np.asarray(number))


def _number(block: Block, person: np.ndarray) -> np.ndarray:
    return block.number * BLOCK_PATIENTS + np.asarray(person, np.int64)
