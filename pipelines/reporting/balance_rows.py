"""Turn imbalances into what a balance (Love) plot draws."""

import math
from dataclasses import dataclass

from pipelines.reporting import formatting as fmt
from pipelines.reporting.effect_rows import ChartRow
from pipelines.reporting.marks import CHARACTER_PX
from pipelines.reporting.services import EVERYONE, Service
from pipelines.reporting.tables import Row

MOST_COVARIATES = 24
"""Covariates drawn, those furthest apart before weighting."""

LIMIT = 0.1
"""How far apart both sides may be, in standard deviations."""

ROW_PX = 24

NAMES = {
    "phq9": "PHQ-9",
    "gad7": "GAD-7",
    "wsas": "WSAS",
    "treatment resistant": "treatment-resistant",
    "is ": "",
    "has ": "",
    " count": "",
    " years": " (years)",
    " months": " (months)",
    " days": " (days)",
}
"""Words of a covariate's code that are written in another way."""


@dataclass(frozen=True)
class BalanceRows:
    """Rows of a balance plot: how far apart two sides are in each covariate."""

    rows: list[ChartRow]
    height: float
    left_px: float
    most: float
    limit: float = LIMIT


def balance(service: Service) -> tuple[BalanceRows | None, tuple[Row, ...]]:
    """Lay out how far apart both sides were, before and after weighting.

    Returns:
        The rows, None when nothing is shown; and every covariate for the table.
    """
    prefix = "standardised_difference_"
    table = []
    for row in service.diagnostics:
        name = row["diagnostic_id"].removeprefix(prefix)
        if name == row["diagnostic_id"] or row["population_id"] != EVERYONE:
            continue
        if row["outcome_id"] not in (None, service.main.outcome_id):
            continue
        if row["estimator_id"] not in (None, service.estimator):
            continue
        after = service.number(f"weighted_{prefix}{name}", row["arm"])
        table.append(
            {
                "name": covariate(name),
                "side": side(service, row["arm"]),
                "before": row["value"],
                "after": after and after["value"],
                "is_suppressed": row["is_suppressed"],
            }
        )
    table.sort(key=lambda row: (-abs(row["before"] or 0), row["name"], row["side"]))
    drawn = [row for row in table if None not in (row["before"], row["after"])]
    drawn = drawn[:MOST_COVARIATES]
    if not drawn:
        return None, tuple(table)
    rows: list[ChartRow] = []
    several = len({row["side"] for row in drawn}) > 1
    for line, row in enumerate(drawn):
        name = f"{row['name']}, {row['side']}" if several else row["name"]
        before, after = abs(row["before"]), abs(row["after"])
        rows.append(
            {
                "kind": "row",
                "y": ROW_PX * (line + 0.5),
                "left_text": name,
                "before": before,
                "after": after,
                "before_text": fmt.number(before, 2),
                "after_text": fmt.number(after, 2),
            }
        )
    far = max(max(row["before"], row["after"]) for row in rows)
    longest = max(len(row["left_text"]) for row in rows)
    left = CHARACTER_PX * longest + 12
    most = max(0.2, math.ceil(10 * far + 0.2) / 10)
    return BalanceRows(rows, ROW_PX * len(rows), left, most), tuple(table)


def side(service: Service, arm: str | None) -> str:
    """Name whose people are held against whom."""
    if arm is None:
        return "one side against the other"
    labels = {one.code: one.inline for one in service.comparison.arms}
    return labels.get(arm, fmt.humanise(arm))


def covariate(code: str) -> str:
    """Name a covariate for a reader.

    Examples:
        >>> covariate("baseline_phq9_points"), covariate("is_female")
        ('PHQ-9 at the start', 'Female')
    """
    text = fmt.humanise(code)
    for old, new in NAMES.items():
        text = text.replace(old, new)
    if text.startswith("baseline "):
        text = text.removeprefix("baseline ").replace(" points", "")
        name, squared, _ = text.partition(" squared")
        text = f"{name} at the start{squared}"
    return fmt.sentence_case(text)
