"""What can be set, what is random and what happens in a run of the weeks."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate import streams

NO_SESSION = -1
ATTENDANCE = (
    "attended",
    "did_not_attend",
    "cancelled_late_by_patient",
    "cancelled_by_patient",
    "cancelled_by_service",
)
ATTENDED, BY_SERVICE = 0, 4

LAST_COURSE = 3
"""Courses of one person at most."""

DYNAMIC_CAP_WEEK = 52
SHORT_WEEK = 26
STOP_WINDOW_WEEKS = 6
"""Weeks 26 to 31."""

CONFIRMED_WEEKS = 4
"""Two scores below 5 at least 28 days apart end long-term care that responds."""


@dataclass(frozen=True)
class Strategy:
    """What is set; None is what happens by itself."""

    starts_therapy: bool | None = None
    length: str | None = None
    """`dynamic` (stay until two scores below 5, or week 52), `short` (stop by week
    26), `fixed` (stay to week 52), `stay` and `stop` (from week 26 on)."""

    contract: int | None = None
    starts_medication: bool | None = None
    """Within the grace period."""

    modality: int | None = None
    format: int | None = None


AS_IT_HAPPENS = Strategy()


@dataclass(frozen=True)
class Noise:
    """Random numbers of one block: weeks x people."""

    lasting: np.ndarray
    passing: np.ndarray
    score: np.ndarray
    stop: np.ndarray
    attend: np.ndarray
    relapse: np.ndarray
    again: np.ndarray
    medication: np.ndarray
    homework: np.ndarray
    person: np.ndarray
    """Uniforms of the person: 2 x people."""

    @property
    def weeks(self) -> int:
        """Weeks that can be run."""
        return len(self.lasting)


NORMALS = ("lasting", "passing")
UNIFORMS = ("score", "stop", "attend", "relapse", "again", "medication", "homework")


def noise(seed: int, block: int, weeks: int) -> Noise:
    """Return the noise of a block; more weeks repeat and continue fewer."""
    normal = {n: streams.normals(seed, f"noise/{n}", block, weeks) for n in NORMALS}
    uniform = {n: streams.uniforms(seed, f"noise/{n}", block, weeks) for n in UNIFORMS}
    person = streams.uniforms(seed, "noise/person", block, 2)
    return Noise(**normal, **uniform, person=person)


@dataclass(frozen=True)
class Course:
    """What happened: weeks x people, and courses x people."""

    shown: np.ndarray
    """Latent severity as a questionnaire of that week would measure it."""

    points: np.ndarray
    """PHQ-9 of that week, whether or not anybody asked."""

    attendance: np.ndarray
    """Index of ATTENDANCE, or NO_SESSION."""

    course_number: np.ndarray
    """1, 2 or 3 while in therapy, else 0."""

    on_medication: np.ndarray
    started_week: np.ndarray
    """By course; NEVER if there was none."""

    stopped_week: np.ndarray
    """By course: the week of the last planned session; NEVER if none yet."""

    modality: np.ndarray
    format: np.ndarray
    contract: np.ndarray


def as_set(chosen: np.ndarray, value) -> np.ndarray:
    """Return what a strategy sets, or what was chosen where it sets nothing."""
    return chosen if value is None else np.full(len(chosen), value)


def expit(x: np.ndarray) -> np.ndarray:
    """Return the share for each log odds."""
    return 1 / (1 + np.exp(-x))
