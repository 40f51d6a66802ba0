"""Questionnaires: PHQ-9 and GAD-7 by a graded response model, others by a line.

P(item j at least k) = 1 / (1 + exp(-a_j (severity - b_jk))), for k = 1, 2, 3. The
PHQ-9's parameters are our calibration to its item means in people who seek help,
not published ones. Two pairs of PHQ-9 items go together more than severity
explains: with a small chance a pair's answers use one uniform, which leaves each
item's own distribution as it is.

A total takes one uniform, read off a table of quantiles; answers are drawn for a
known total, item by item, so that they always add up to it. Tables have a grid of
severities and of quantiles: a probability is exact to about 0.001 for totals and
0.004 for answers.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from pipelines.simulate.parameters import Section

PHQ9_SLOPES = (2.2, 2.6, 1.3, 1.7, 1.3, 1.9, 1.6, 1.3, 1.6)
PHQ9_THRESHOLDS = (
    (-1.42, -0.27, 0.68),
    (-1.61, -0.46, 0.49),
    (-1.90, -0.75, 0.20),
    (-2.06, -0.91, 0.04),
    (-1.32, -0.17, 0.78),
    (-1.65, -0.50, 0.45),
    (-1.38, -0.23, 0.72),
    (-0.34, 0.86, 1.96),
    (0.36, 1.56, 2.46),
)
GAD7_SLOPES = (2.76, 3.00, 2.76, 2.28, 1.56, 1.56, 1.92)
GAD7_THRESHOLDS = (
    (-1.13, -0.28, 0.36),
    (-0.96, -0.21, 0.40),
    (-1.17, -0.35, 0.30),
    (-1.10, -0.25, 0.47),
    (-0.55, 0.23, 0.87),
    (-1.23, -0.28, 0.47),
    (-0.62, 0.16, 0.77),
)
"""Our calibration to a mean of about 12 in people who seek help, not published."""

LOWEST, HIGHEST = -6.0, 6.0
"""Severities of the tables' grid."""

STEP, ITEM_STEP = 0.02, 0.25
QUANTILES, ITEM_QUANTILES = 1024, 256


@dataclass(frozen=True)
class Questionnaire:
    """Items scored 0 to 3 that share one severity."""

    name: str
    slopes: tuple[float, ...]
    thresholds: tuple[tuple[float, ...], ...]
    pairs: int = 0
    """How many of the first items come in pairs that go together."""

    coupling: float = 0.0

    @property
    def items_count(self) -> int:
        """Number of items."""
        return len(self.slopes)

    def item_probabilities(self, severity: np.ndarray) -> np.ndarray:
        """Return P(answer = k): severities x items x 4."""
        slopes, thresholds = np.array(self.slopes), np.array(self.thresholds)
        gap = np.asarray(severity, float)[:, None, None] - thresholds
        at_least = 1 / (1 + np.exp(-slopes[:, None] * gap))
        edge = np.ones((*at_least.shape[:2], 1))
        return -np.diff(np.concatenate([edge, at_least, 0 * edge], axis=2), axis=2)

    def expected_total(self, severity: np.ndarray) -> np.ndarray:
        """Return the mean total at each severity, in points."""
        return (self.item_probabilities(severity) @ np.arange(4)).sum(1)

    def total_probabilities(self, severity: np.ndarray) -> np.ndarray:
        """Return P(total = s): severities x (3 items + 1)."""
        return self._partial_sums(severity)[-1]

    def totals(self, severity: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return one total for each severity, in points."""
        row = _row(severity, STEP)
        column = (uniform * np.float32(QUANTILES)).astype(np.int32)
        return self._total_table.take(row * QUANTILES + column)

    def answers(
        self, severity: np.ndarray, totals: np.ndarray, uniforms: np.ndarray
    ) -> np.ndarray:
        """Return answers that add up to the totals: rows x items.

        Args:
            severity: What the questionnaire measured, per row.
            totals: Total of each row, in points.
            uniforms: Rows x items.
        """
        row = _row(severity, ITEM_STEP)
        left = totals.astype(np.int32)
        column = (uniforms * np.float32(ITEM_QUANTILES)).astype(np.int32)
        made = np.zeros((len(left), self.items_count), np.int8)
        for place in range(len(self._units) - 1, -1, -1):
            unit, table = self._units[place], self._unit_tables[place]
            width = 3 * self.items_count + 1
            key = (row * width + left) * ITEM_QUANTILES + column[:, unit[0]]
            points = table.take(key)
            if len(unit) == 1:
                made[:, unit[0]] = points
            else:
                key = (row * 7 + points) * ITEM_QUANTILES + column[:, unit[1]]
                made[:, unit[0]] = self._split_tables[place].take(key)
                made[:, unit[1]] = points - made[:, unit[0]]
            left -= points
        return made

    @cached_property
    def _units(self) -> list[tuple[int, ...]]:
        pairs = [(2 * k, 2 * k + 1) for k in range(self.pairs)]
        return pairs + [(j,) for j in range(2 * self.pairs, self.items_count)]

    def _unit_probabilities(self, severity: np.ndarray) -> list[np.ndarray]:
        items = self.item_probabilities(severity)
        made = []
        for unit in self._units:
            if len(unit) == 1:
                made.append(items[:, unit[0]])
                continue
            joint = self._joint(items[:, unit[0]], items[:, unit[1]])
            sums = np.zeros((len(items), 7))
            for first in range(4):
                sums[:, first : first + 4] += joint[:, first]
            made.append(sums)
        return made

    def _joint(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """P(first = i, second = j) with the items' own distributions kept."""
        apart = first[:, :, None] * second[:, None, :]
        low_1, low_2 = _from_zero(first), _from_zero(second)
        together = np.minimum(low_1[:, 1:, None], low_2[:, None, 1:]) - np.maximum(
            low_1[:, :-1, None], low_2[:, None, :-1]
        )
        return (1 - self.coupling) * apart + self.coupling * np.maximum(together, 0)

    def _partial_sums(self, severity: np.ndarray) -> list[np.ndarray]:
        """P(sum of the first units = s), after none, one, ... all of them."""
        width = 3 * self.items_count + 1
        sums = np.zeros((len(severity), width))
        sums[:, 0] = 1
        made = [sums]
        for unit in self._unit_probabilities(severity):
            following = np.zeros_like(sums)
            for points in range(unit.shape[1]):
                following[:, points:] += (
                    sums[:, : width - points] * unit[:, points : points + 1]
                )
            sums = following
            made.append(sums)
        return made

    @cached_property
    def _total_table(self) -> np.ndarray:
        return _quantiles(self.total_probabilities(_grid(STEP)), QUANTILES).ravel()

    @cached_property
    def _unit_tables(self) -> list[np.ndarray]:
        """Quantiles of a unit's points, given severity and what is left."""
        severity = _grid(ITEM_STEP)
        units, sums = self._unit_probabilities(severity), self._partial_sums(severity)
        made = []
        for place, unit in enumerate(units):
            width = sums[0].shape[1]
            given = np.zeros((len(severity), width, unit.shape[1]))
            for points in range(unit.shape[1]):
                given[:, points:, points] = (
                    sums[place][:, : width - points] * unit[:, points : points + 1]
                )
            made.append(_quantiles(given, ITEM_QUANTILES).ravel())
        return made

    @cached_property
    def _split_tables(self) -> list[np.ndarray]:
        """Quantiles of a pair's first answer, given severity and their sum."""
        items = self.item_probabilities(_grid(ITEM_STEP))
        made = []
        for unit in self._units[: self.pairs]:
            joint = self._joint(items[:, unit[0]], items[:, unit[1]])
            given = np.zeros((len(items), 7, 4))
            for first in range(4):
                for second in range(4):
                    given[:, first + second, first] = joint[:, first, second]
            made.append(_quantiles(given, ITEM_QUANTILES).ravel())
        return made


@lru_cache(maxsize=8)
def phq9(coupling: float) -> Questionnaire:
    """Return the PHQ-9; `coupling` ties items 1 and 2, and 3 and 4."""
    return Questionnaire("phq9", PHQ9_SLOPES, PHQ9_THRESHOLDS, 2, coupling)


@lru_cache(maxsize=1)
def gad7() -> Questionnaire:
    """Return the GAD-7."""
    return Questionnaire("gad7", GAD7_SLOPES, GAD7_THRESHOLDS)


def mixed(
    loading: float,
    trait_share: float,
    severity: np.ndarray,
    trait: np.ndarray,
    noise: np.ndarray,
) -> np.ndarray:
    """Return what an instrument measures: in part severity, in part its own.

    Args:
        loading: Share of severity, -1 to 1.
        trait_share: Share of the rest's variance that stays with the person.
        severity: Latent severity, per row.
        trait: Standard normal of the person, per row.
        noise: Standard normal of the row.
    """
    own = np.sqrt(1 - loading**2)
    rest = np.sqrt(trait_share) * trait + np.sqrt(1 - trait_share) * noise
    return (loading * severity + own * rest).astype(np.float32)


def points_on_line(
    measured: np.ndarray, mean: float, spread: float, low: int, high: int
) -> np.ndarray:
    """Return whole points: mean + spread x what is measured, kept in range."""
    return np.clip(np.rint(mean + spread * measured), low, high).astype(np.int16)


def wsas(section: Section, measured: np.ndarray) -> np.ndarray:
    """Return WSAS totals."""
    return points_on_line(measured, section.wsas_mean, section.wsas_spread, 0, 40)


def isi(section: Section, measured: np.ndarray) -> np.ndarray:
    """Return ISI totals."""
    return points_on_line(measured, section.isi_mean, section.isi_spread, 0, 28)


def swls(section: Section, measured: np.ndarray) -> np.ndarray:
    """Return SWLS totals; more is better."""
    return points_on_line(measured, section.swls_mean, section.swls_spread, 5, 35)


def wai_sr(section: Section, measured: np.ndarray) -> np.ndarray:
    """Return WAI-SR totals; more is better."""
    return points_on_line(measured, section.wai_mean, section.wai_spread, 12, 60)


def _grid(step: float) -> np.ndarray:
    return np.linspace(LOWEST, HIGHEST, round((HIGHEST - LOWEST) / step) + 1)


def _row(severity: np.ndarray, step: float) -> np.ndarray:
    kept = np.clip(severity, np.float32(LOWEST), np.float32(HIGHEST))
    return ((kept - np.float32(LOWEST)) / np.float32(step) + np.float32(0.5)).astype(
        np.int32
    )


def _from_zero(probabilities: np.ndarray) -> np.ndarray:
    below = np.cumsum(probabilities, axis=-1)
    return np.concatenate([np.zeros_like(below[..., :1]), below], axis=-1)


def _quantiles(weights: np.ndarray, count: int) -> np.ndarray:
    """Return the quantiles at the middle of `count` equal steps, as int8."""
    total = weights.sum(-1, keepdims=True)
    below = np.cumsum(weights, -1) / np.where(total > 0, total, 1)
    middles = (np.arange(count) + 0.5) / count
    made = np.zeros((*weights.shape[:-1], count), np.int8)
    for value in range(weights.shape[-1] - 1):
        made += below[..., value : value + 1] <= middles
    # a sum that cannot occur has no answers: nothing asks for it
    return np.where(total > 0, made, 0).astype(np.int8)
