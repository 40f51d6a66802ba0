"""Turn scores and counts into what a chart draws: places, printed text, axis ends.

The only arithmetic is for drawing: where a label goes, how far an axis reaches, how
many people of a shown count are not in a later shown count.
"""

import math
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading
from pipelines.reporting.marks import CHARACTER_PX
from pipelines.reporting.reading import Arm, Comparison
from pipelines.reporting.tables import Row, Rows

DODGE_MONTHS = 0.07
"""How far two arms' points stand from their month, so that intervals do not cover."""

LABEL_GAP = 0.065
"""Least distance between the labels of two lines, a line of text, as a share of the
axis."""

LABEL_CHARACTERS = 14
"""Where the label of a line is broken, at the next space."""

BAR_PX, STEP_PX = 19, 9
"""Height of a bar's row, and the room before the next step."""

LEAST_BAND = 0.08
"""Least height of a severity band that is named, as a share of the axis."""

ChartRow = dict[str, Any]


@dataclass(frozen=True)
class ScoreRows:
    """Rows of a trajectory. `bands` are (middle, name) from the lowest up."""

    rows: list[ChartRow]
    arms: tuple[str, ...]
    months: tuple[int, ...]
    bottom: float
    top: float
    bands: list[tuple[float, str]]
    band_rows: list[ChartRow]
    title: str
    label_characters: int
    tips: tuple[tuple[str, str], ...] = (
        ("arm", "Arm"),
        ("month", "Month"),
        ("mean_text", "Mean, points"),
        ("interval_text", "95% interval"),
        ("scored_text", "People scored"),
    )


def scores(comparison: Comparison, rows: Rows, instrument: Row) -> ScoreRows | None:
    """Lay out the mean scores of one comparison and instrument.

    Returns:
        None when no mean is shown.
    """
    shown = [row for row in rows if row["mean_points"] is not None]
    if not shown:
        return None
    bottom, top = _score_axis(shown, instrument)
    printed = reading.printed_months({row["follow_up_month"] for row in rows})
    found: list[ChartRow] = []
    labels: list[ChartRow] = []
    for line, arm in enumerate(comparison.arms, start=1):
        own = [row for row in rows if row["arm"] == arm.code]
        own.sort(key=lambda row: row["follow_up_month"])
        shift = DODGE_MONTHS if line > 1 else -DODGE_MONTHS
        points = [_score_point(row, arm, shift) for row in own]
        counts = [row for row in own if row["follow_up_month"] in printed]
        found += [*points, *(_scored(row, arm, line) for row in counts)]
        found.append({"kind": "arm", "arm": arm.label, "line": line})
        labels += [p for p in points if p["mean"] is not None][-1:]
    labels = _spread(labels, LABEL_GAP * (top - bottom))
    bands = [b for b in reading.severity_bands(instrument) if bottom <= b[1] < top]
    return ScoreRows(
        rows=found + labels,
        arms=tuple(arm.label for arm in comparison.arms),
        months=printed,
        bottom=bottom,
        top=top,
        bands=[
            ((start + min(end + 1, top)) / 2, f"{name} {start}{fmt.RANGE}{end}")
            for name, start, end in bands
            if min(end + 1, top) - start >= LEAST_BAND * (top - bottom)
        ],
        band_rows=[
            {"from": start, "to": min(end + 1, top)} for _, start, end in bands[1::2]
        ],
        title=_score_title(instrument),
        label_characters=max(
            len(line) for label in labels for line in label["text"].split("\n")
        ),
    )


def _score_axis(shown: list[Row], instrument: Row) -> tuple[float, float]:
    lows = [_or(row["mean_low"], row["mean_points"]) for row in shown]
    highs = [_or(row["mean_high"], row["mean_points"]) for row in shown]
    bottom = min(0, 5 * math.floor(min(lows) / 5))
    bottom = max(bottom, _or(instrument.get("min_points"), bottom))
    edges = [start for _, start, _ in reading.severity_bands(instrument)]
    ends = [5 * math.ceil((max(highs) + 1) / 5), *edges]
    top = min(end for end in ends if end >= max(highs) + 1)
    return bottom, min(top, _or(instrument.get("max_points"), top))


def _or(value: float | None, fallback: float) -> float:
    return fallback if value is None else value


def _score_title(instrument: Row) -> str:
    title = f"Mean {instrument['name']}, points"
    if instrument.get("max_points") is None:
        return title
    ends = f"{instrument['min_points']}{fmt.RANGE}{instrument['max_points']}"
    better = "; lower is better" if reading.is_lower_better(instrument) else ""
    return f"{title} ({ends}{better})"


def _score_point(row: Row, arm: Arm, shift: float) -> ChartRow:
    point = {
        "kind": "point",
        "arm": arm.label,
        "month": str(row["follow_up_month"]),
        "x": row["follow_up_month"] + shift,
        "mean": row["mean_points"],
        "low": row["mean_low"],
        "high": row["mean_high"],
    }
    if row["mean_points"] is None:
        return point
    point["mean_text"] = fmt.number(row["mean_points"])
    if None not in (row["mean_low"], row["mean_high"]):
        point["interval_text"] = fmt.interval(row["mean_low"], row["mean_high"])
    if None not in (row["observed_count"], row["people_count"]):
        scored, people = (
            fmt.count(row["observed_count"]),
            fmt.count(row["people_count"]),
        )
        point["scored_text"] = f"{scored} of {people}"
    return point


def _scored(row: Row, arm: Arm, line: int) -> ChartRow:
    people = row["observed_count"]
    text = "hidden" if people is None else fmt.count(people)
    month = row["follow_up_month"]
    return {"kind": "scored", "arm": arm.label, "line": line, "x": month, "text": text}


def _spread(points: list[ChartRow], gap: float) -> list[ChartRow]:
    """Label each line at its last point, moving labels up until none covers another.

    Labels stand right of the last point of either arm. `gap` is a line of text.
    """
    labels = [{**p, "kind": "label", "text": _broken(p["arm"])} for p in points]
    labels.sort(key=lambda label: label["mean"])
    for label in labels:
        label["x"] = max(point["x"] for point in points)
    for below, label in pairwise(labels):
        lines = 1 + (below["text"] + label["text"]).count("\n") / 2
        label["mean"] = max(label["mean"], below["mean"] + lines * gap)
    return labels


def _broken(text: str) -> str:
    """Break a long label in lines."""
    return "\n".join(textwrap.wrap(text, LABEL_CHARACTERS, break_long_words=False))


@dataclass(frozen=True)
class FlowRows:
    """Rows of a patient flow: for each step a bar per arm, on an axis to `most`."""

    rows: list[ChartRow]
    arms: tuple[str, ...]
    height: float
    left_px: float
    most: int
    tips: tuple[tuple[str, str], ...] = (
        ("step", "Step"),
        ("arm", "Arm"),
        ("people_text", "People"),
        ("lost_text", "Not in the number"),
    )


def flow(comparison: Comparison, rows: Rows) -> FlowRows | None:
    """Lay out how many people of each arm are left at each step.

    Returns:
        None when no count is shown.
    """
    shown = [row["people_count"] for row in rows if row["people_count"] is not None]
    if not shown or max(shown) == 0:
        return None
    numbers = sorted({row["step_number"] for row in rows})
    by_key = {(row["step_number"], row["arm"]): row for row in rows}
    found: list[ChartRow] = [
        {"kind": "columns", "y": 8, "people_text": "People", "lost_text": "Not scored"}
    ]
    height = 16.0 + STEP_PX
    for number in numbers:
        for position, arm in enumerate(comparison.arms):
            row = by_key.get((number, arm.code))
            if row is None:
                continue
            first = by_key.get((numbers[0], arm.code), row)
            bar = _flow_bar(row, first["people_count"], arm)
            if position == 0:
                bar["left_text"] = bar["step"]
            found.append({**bar, "y": height + BAR_PX / 2})
            height += BAR_PX
        height += STEP_PX
    longest = max(len(row.get("left_text", "")) for row in found)
    return FlowRows(
        rows=found,
        arms=tuple(arm.label for arm in comparison.arms),
        height=height - STEP_PX,
        left_px=CHARACTER_PX * longest + 10,
        most=max(shown),
    )


def _flow_bar(row: Row, start: int | None, arm: Arm) -> ChartRow:
    people = row["people_count"]
    lost = None
    if None not in (people, start) and people < start:
        lost = fmt.count(start - people)
    return {
        "kind": "bar",
        "arm": arm.label,
        "step": reading.step_label(row["step"]),
        "start": start,
        "people": people,
        "people_text": "hidden" if people is None else fmt.count(people),
        "lost_text": lost,
    }
