"""What the cohorts say together: bias, error, coverage, power and what was withheld."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path
from statistics import NormalDist, fmean, median

import numpy as np

from pipelines.compare.results import rounded
from pipelines.simulate.validation import truths
from pipelines.simulate.validation.cohorts import Found
from pipelines.simulate.validation.comparisons import SCENARIOS, validated
from pipelines.simulate.validation.running import Kept
from pipelines.simulate.validation.truths import Truth

MEASURED = Path(__file__).with_name("measured.json")
"""What was measured last; docs/validation.md is made from it."""

LEAST_COHORTS = 2
"""With one there is no error of the mean."""

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Share:
    """A share of cohorts, with the ends of its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Its Monte-Carlo error: a quarter of the interval's length."""
        return (self.high - self.low) / 4


@dataclass(frozen=True)
class Measured:
    """One comparison in one scenario; PHQ-9 points.

    Attributes:
        comparison_id: Of the protocol.
        scenario: Of the simulator.
        cohorts: That gave an estimate.
        not_estimated: Cohorts that gave none.
        people: Mean size of the exposed and the comparator arm.
        observed: Of them, those with the outcome, mean.
        sizes: What those are worth once weighted, mean.
        truth: Of the people compared.
        truth_error: Its Monte-Carlo error.
        truth_people: How many people it is of.
        truth_cohorts: How many cohorts they come from.
        mean: Of the estimates.
        bias: Mean less truth.
        bias_error: Its Monte-Carlo error, the truth's included.
        spread: Standard deviation of the outcome, mean.
        rmse: Root mean square distance from the truth.
        claimed: Error that the intervals claim, over the real one: the median of their
            standard errors over the standard deviation of the estimates.
        covered: Intervals that hold the truth.
        apart: Intervals without 0: power, or error of the first kind.
        withheld: Share of cohorts whose result the product would withhold.
        withheld_by: The rules that withhold it, with their shares.
        plain_bias: Of the difference of plain averages.
        plain_covered: Their intervals that hold the truth.
        alarm: Cohorts whose negative control raises its alarm; None without one.
    """

    comparison_id: str
    scenario: str
    cohorts: int
    not_estimated: int
    people: tuple[float, float]
    observed: tuple[float, float]
    sizes: tuple[float, float]
    truth: float
    truth_error: float
    truth_people: int
    truth_cohorts: int
    mean: float
    bias: float
    bias_error: float
    spread: float
    rmse: float
    claimed: float
    covered: Share
    apart: Share
    withheld: float
    withheld_by: dict[str, float]
    plain_bias: float
    plain_covered: float
    alarm: Share | None


@dataclass(frozen=True)
class Validation:
    """What was measured last, and of how many people."""

    patients: int
    seconds: float
    """Of a processor, that one cohort takes: the median."""

    parameters: dict[str, str]
    """Hash of the parameters, by scenario."""

    rows: tuple[Measured, ...]


def measure(kept: Kept) -> Validation:
    """Sum up every comparison and scenario that has cohorts and a truth."""
    rows = []
    for name in SCENARIOS:
        for protocol in validated():
            found = [
                row
                for row in kept.found
                if (row.scenario, row.comparison_id) == (name, protocol.comparison_id)
            ]
            summed = [
                row
                for row in kept.summed
                if (row.scenario, row.comparison_id) == (name, protocol.comparison_id)
            ]
            enough = sum(row.estimate is not None for row in found) >= LEAST_COHORTS
            if enough and sum(row.people for row in summed):
                rows.append(_measured(found, truths.pooled(summed)))
    return Validation(
        patients=max((row.patients for row in kept.found), default=0),
        seconds=median(kept.seconds) if kept.seconds else 0.0,
        parameters={row.scenario: row.parameters for row in kept.found},
        rows=tuple(rows),
    )


def share(count: int, n: int) -> Share:
    """Return a share with Wilson's interval.

    Examples:
        >>> share(19, 20)
        Share(value=0.95, low=0.7638..., high=0.9911...)

    References:
        Wilson EB. Probable inference, the law of succession, and statistical
        inference. JASA 1927;22:209-212.
    """
    p, z2 = count / n, Z**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return Share(p, max(middle - half, 0.0), min(middle + half, 1.0))


def told(validation: Validation) -> str:
    """Say in one line how much was measured."""
    cohorts = max((row.cohorts for row in validation.rows), default=0)
    return (
        f"{len(validation.rows)} comparisons and scenarios, up to {cohorts} cohorts "
        f"each, {validation.seconds:.0f} seconds of a processor a cohort"
    )


def read() -> Validation:
    """Return what was measured last."""
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    return Validation(**{**found, "rows": tuple(map(_read_row, found["rows"]))})


def beside_others(found: Validation, earlier: Validation) -> Validation:
    """Put what was found beside the scenarios that were measured only before.

    Args:
        found: Its scenarios replace those of the same name.
        earlier: Of services of the same size.
    """
    if found.patients != earlier.patients:
        return found
    kept = [row for row in earlier.rows if row.scenario not in found.parameters]
    rows = sorted((*found.rows, *kept), key=lambda row: SCENARIOS.index(row.scenario))
    return replace(
        found, parameters=earlier.parameters | found.parameters, rows=tuple(rows)
    )


def write(validation: Validation, path: Path = MEASURED) -> None:
    """Keep what was measured for docs/validation.md; numbers to six places."""
    values = asdict(validation)
    text = json.dumps(_rounded(values), indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def _measured(found: list[Found], truth: Truth) -> Measured:
    known = [row for row in found if row.estimate is not None]
    n = len(known)
    estimates = np.array([row.estimate for row in known])
    off = estimates - truth.effect
    real = estimates.std(ddof=1)
    error = sqrt(real**2 / n + truth.std_error**2)
    claimed = median((row.high - row.low) / (2 * Z) for row in known)
    rules = Counter(rule for row in found for rule in row.failed)
    alarms = [row.is_alarm for row in known if row.is_alarm is not None]
    plain = [row for row in known if row.plain is not None]
    return Measured(
        comparison_id=found[0].comparison_id,
        scenario=found[0].scenario,
        cohorts=n,
        not_estimated=len(found) - n,
        people=_mean_pair([row.people for row in known]),
        observed=_mean_pair([row.observed for row in known]),
        sizes=_mean_pair([row.sizes or row.observed for row in known]),
        truth=truth.effect,
        truth_error=truth.std_error,
        truth_people=truth.people,
        truth_cohorts=truth.cohorts,
        mean=float(estimates.mean()),
        bias=float(off.mean()),
        bias_error=error,
        spread=fmean(row.spread for row in known),
        rmse=float(np.sqrt((off**2).mean())),
        claimed=float(claimed / real),
        covered=share(sum(r.low <= truth.effect <= r.high for r in known), n),
        apart=share(sum(not row.low <= 0 <= row.high for row in known), n),
        withheld=sum(bool(row.failed) for row in found) / len(found),
        withheld_by={rule: count / len(found) for rule, count in rules.most_common()},
        plain_bias=fmean(row.plain - truth.effect for row in plain),
        plain_covered=fmean(
            row.plain_low <= truth.effect <= row.plain_high for row in plain
        ),
        alarm=share(sum(alarms), len(alarms)) if alarms else None,
    )


def _mean_pair(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    exposed, comparator = np.mean(pairs, axis=0)
    return float(exposed), float(comparator)


def _read_row(row: dict) -> Measured:
    shares = {
        name: row[name] and Share(**row[name]) for name in ("covered", "apart", "alarm")
    }
    pairs = {name: tuple(row[name]) for name in ("people", "observed", "sizes")}
    return Measured(**{**row, **shares, **pairs})


def _rounded(item: object) -> object:
    """Round every number of nested lists and dictionaries."""
    if isinstance(item, dict):
        return {key: _rounded(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_rounded(value) for value in item]
    return rounded(item) if isinstance(item, float) else item
