"""Turn the estimates of a service comparison into what its charts draw.

The only arithmetic is for drawing; a share becomes people in 100.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, service_words, words
from pipelines.reporting.effect_rows import (
    RESPONSE_PX,
    ROW_PX,
    ChartRow,
    ForestRows,
    ResponseRows,
)
from pipelines.reporting.marks import CHARACTER_PX
from pipelines.reporting.measured import Measured
from pipelines.reporting.services import PLAIN, Service
from pipelines.reporting.tables import Row

ESTIMATORS = {
    "unadjusted": "Plain, not adjusted",
    "ancova": "Adjusted by a model of the score",
    "iptw": "Weighted by the chance of the choice",
    "overlap": "Weighted to those who could have had either",
    "aipw": "Weighted, with a model of the outcome",
    "clone_censor_weight": "Weighted week by week",
}
"""Estimators in words."""

SPECIFICATIONS = {
    "protocol": "as planned",
    "complete_cases": "only people with a score",
    "multiple_imputation": "missing scores filled in by a model",
    "worst_case": "missing scores taken as the worst",
    "best_case": "missing scores taken as the best",
    "truncated_99": "largest 1% of weights cut",
    "truncated_99_5": "largest 0.5% of weights cut",
    "four_sessions": "short therapy of at least four sessions",
}
"""Specifications in words."""


@dataclass(frozen=True)
class Line:
    """One row of a forest plot: a name, a main estimate, and one to hold beside it."""

    text: str
    adjusted: Row | None
    plain: Row | None = None


@dataclass(frozen=True)
class Group:
    """Rows of a forest plot under one heading, all in one unit."""

    text: str
    lines: Sequence[Line]


def forest(
    service: Service,
    groups: Sequence[Group],
    *,
    title: str,
    headings: tuple[str, str, str],
    is_lower_better: bool | None,
    important: float | None = None,
) -> ForestRows | None:
    """Lay out differences about zero.

    Args:
        service: Whose arms the sides are named after.
        groups: The rows, by heading.
        title: Of the axis, with its unit.
        headings: Of the names, of the main estimate and of the one beside it; the last
            may be empty.
        is_lower_better: Which side is the better one; None names none.
        important: Minimal important difference, drawn either side of zero.

    Returns:
        None when nothing was estimated.
    """
    rows: list[ChartRow] = [{"kind": "columns", "left_text": headings[0]}]
    seen = service.seen
    rows[0] |= {"seen": f"{seen}, each side", "adjusted_text": headings[1]}
    if headings[2]:
        rows[0]["plain_text"] = headings[2]
    sides = {}
    if is_lower_better is not None:
        arms = [arm.inline for arm in service.comparison.arms]
        low, high = arms if is_lower_better else reversed(arms)
        sides = {"low_side": f"favours {low}", "high_side": f"favours {high}"}
    for group in groups:
        lines = [line for line in group.lines if line.adjusted or line.plain]
        if lines:
            # The sides of zero are named once, under the first heading.
            named = sides if len(rows) == 1 else {}
            rows.append({"kind": "head", "left_text": group.text, **named})
            rows += [_forest_row(line) for line in lines]
    if len(rows) == 1:
        return None
    for line, row in enumerate(rows):
        row["y"] = ROW_PX * (line + 0.5)
    references = () if important is None else (-important, important)
    bound, step = _axis(rows, references)
    longest = max(len(row["left_text"]) for row in rows if row["kind"] != "columns")
    steps = int(bound // step)
    return ForestRows(
        rows=rows,
        height=ROW_PX * len(rows),
        left_px=max(230.0, CHARACTER_PX * longest + 110),
        bound=bound,
        ticks=[step * i for i in range(-steps, steps + 1)],
        reference_points=references,
        title=title,
        tips=(
            ("left_text", "What"),
            ("seen", f"People {fmt.inside_sentence(seen)}"),
            ("adjusted_text", headings[1]),
            *((("plain_text", headings[2]),) if headings[2] else ()),
        ),
    )


def _forest_row(line: Line) -> ChartRow:
    pair = {"adjusted": line.adjusted, "plain": line.plain}
    made = {series: effect for series, effect in pair.items() if effect is not None}
    row: ChartRow = {
        "kind": "row",
        "left_text": line.text,
        "seen": both(next(iter(made.values())), "observed_count"),
    }
    if not any(reading.is_shown(effect) for effect in made.values()):
        return {**row, "kind": "note", "note": words.absence(*made.values())}
    for series, effect in made.items():
        if not reading.is_shown(effect):
            row[f"{series}_text"] = "withheld" if effect["is_withheld"] else "hidden"
            continue
        unit = 100 if effect["scale"].endswith("risk_difference") else 1
        told = f"{service_words.amount(effect)} ({service_words.limits(effect)})"
        row |= {
            series: unit * effect["estimate"],
            f"{series}_low": unit * effect["estimate_low"],
            f"{series}_high": unit * effect["estimate_high"],
            f"{series}_text": told,
        }
    return row


def both(effect: Row, count: str) -> str:
    """Write a count of either side; never their sum: one person may be on both."""
    found = [effect[f"{side}_{count}"] for side in ("exposed", "comparator")]
    return "hidden" if None in found else " v ".join(map(fmt.count, found))


def _axis(rows: list[ChartRow], references: tuple[float, ...]) -> tuple[float, float]:
    """Return how far the axis reaches either side of zero, and its tick step."""
    keys = ("adjusted_low", "adjusted_high", "plain_low", "plain_high")
    values = [row[key] for row in rows for key in keys if row.get(key) is not None]
    far = max(map(abs, [*values, *references]), default=4)
    step = next((s for s in (1, 2, 5, 10, 20) if far / s <= 6), 50)
    return step * math.ceil(far / step + 0.1), step


def in_hundred(service: Service, outcomes: Sequence[Measured]) -> ResponseRows | None:
    """Lay out how many in 100 have each outcome on either side, with the difference.

    Returns:
        None when none of them was estimated.
    """
    rows: list[ChartRow] = [
        {
            "kind": "columns",
            "left_text": "People in 100",
            "note": "Difference (95% interval)",
        }
    ]
    for what in outcomes:
        effect = service.effect(what)
        if effect is not None:
            head = {"kind": "head", "left_text": what.title}
            rows += [head, *_bars(service, effect, head)]
    if len(rows) == 1:
        return None
    height = 0.0
    for row in rows:
        row["y"] = height + RESPONSE_PX[row["kind"]] / 2
        height += RESPONSE_PX[row["kind"]]
    longest = max(map(len, service.labels))
    return ResponseRows(
        rows=rows,
        arms=service.labels,
        height=height,
        left_px=CHARACTER_PX * longest + 22,
        tips=(
            ("left_text", "Side"),
            ("level_text", "In 100 people"),
            ("seen", f"People {fmt.inside_sentence(service.seen)}"),
        ),
    )


def _bars(service: Service, effect: Row, head: ChartRow) -> list[ChartRow]:
    if not reading.is_shown(effect) or effect["exposed_level"] is None:
        return [{"kind": "note", "note": words.absence(effect)}]
    head["note"] = f"{service_words.amount(effect)} ({service_words.limits(effect)})"
    bars = []
    sides = ("exposed", "comparator")
    for label, side in zip(service.labels, sides, strict=True):
        level, people = effect[f"{side}_level"], effect[f"{side}_observed_count"]
        bars.append(
            {
                "kind": "bar",
                "arm": label,
                "left_text": label,
                "level": 100 * level,
                "level_text": fmt.per_hundred(level),
                "seen": "hidden" if people is None else f"of {fmt.count(people)}",
            }
        )
    return bars


def specification(effect: Row) -> str:
    """Name an estimate by its estimator and its specification."""
    estimator, how = effect["estimator_id"], effect["specification_id"]
    name = ESTIMATORS.get(estimator, fmt.sentence_case(fmt.humanise(estimator)))
    if estimator == PLAIN and how == "protocol":
        return name
    return f"{name}, {SPECIFICATIONS.get(how, fmt.humanise(how))}"
