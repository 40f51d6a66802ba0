"""Turn estimates into what a forest plot and a response chart draw.

The only arithmetic is for drawing; a share becomes people in 100.
"""

import math
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, words
from pipelines.reporting.marks import CHARACTER_PX
from pipelines.reporting.reading import Comparison
from pipelines.reporting.tables import Row, Rows

ADJUSTED = ("ancova", "mixed_model")
"""Estimators drawn as the adjusted series."""

DRAWN = ("unadjusted", *ADJUSTED)
"""Others stand in the table only."""

ROW_PX = 30
"""Height of a row of the forest plot."""

RESPONSE_PX = {"columns": 28, "head": 38, "bar": 27, "note": 26}
"""Height of each kind of row of the response chart."""

NOTE_CHARACTERS, NOTE_LINE_PX = 66, 15
"""Where a note of the response chart is broken, and the height of a further line."""

ChartRow = dict[str, Any]


@dataclass(frozen=True)
class ForestRows:
    """Rows of a forest plot `height` px high, on an axis from -bound to bound.

    `reference_points` are the minimal important difference, either side of zero.
    """

    rows: list[ChartRow]
    height: float
    left_px: float
    bound: float
    ticks: list[float]
    reference_points: tuple[float, ...]
    title: str
    tips: tuple[tuple[str, str], ...] = (
        ("left_text", "Follow-up"),
        ("seen", "People scored"),
        ("adjusted_text", "Adjusted difference"),
        ("plain_text", "Plain difference"),
    )


def forest(
    comparisons: Iterable[Comparison], effects: Rows, instrument: Row
) -> ForestRows | None:
    """Lay out the differences in points of one instrument.

    Returns:
        None when no such difference was made, shown or not.
    """
    rows: list[ChartRow] = [
        {
            "kind": "columns",
            "left_text": "Difference in mean score",
            "seen": "Scored",
            "adjusted_text": "Adjusted (95% interval)",
            "plain_text": "Plain (95% interval)",
        }
    ]
    for comparison in comparisons:
        times = by_time(effects, comparison, instrument["instrument"])
        if times:
            rows.append(_forest_head(comparison, instrument))
            rows += [_forest_row(when, pair) for when, pair in times]
    if len(rows) == 1:
        return None
    for line, row in enumerate(rows):
        row["y"] = ROW_PX * (line + 0.5)
    important = instrument.get("minimal_important_difference_points")
    references = () if important is None else (-float(important), float(important))
    bound, step = _forest_axis(rows, references)
    longest = max(len(row["left_text"]) for row in rows)
    return ForestRows(
        rows=rows,
        height=ROW_PX * len(rows),
        left_px=max(230.0, (CHARACTER_PX + 0.5) * longest + 10),
        bound=bound,
        ticks=[step * i for i in range(-int(bound // step), int(bound // step) + 1)],
        reference_points=references,
        title=f"Difference in points, {instrument['name']}",
    )


def by_time(
    effects: Rows, comparison: Comparison, code: str
) -> list[tuple[str, dict[str, Row]]]:
    """Group a comparison's protocol estimates by time: plain and adjusted together.

    Returns:
        (time in words, {"plain": row, "adjusted": row}) with either or both, the
        follow-ups in order and all of them together last.
    """
    times: dict[tuple[bool, int], dict[str, Row]] = {}
    for effect in reading.of(
        effects,
        comparison,
        scale="mean_difference",
        specification_id="protocol",
        population_id="all",
    ):
        what = reading.outcome(effect["outcome_id"])
        is_drawn = effect["estimator_id"] in DRAWN
        if is_drawn and (what.instrument, what.measure) == (code, "points"):
            series = "adjusted" if effect["estimator_id"] in ADJUSTED else "plain"
            key = (what.month is None, what.month or 0)
            times.setdefault(key, {})[series] = effect
    return [
        (
            "All follow-ups" if is_all else f"At {fmt.months(month)}",
            times[is_all, month],
        )
        for is_all, month in sorted(times)
    ]


def _forest_head(comparison: Comparison, instrument: Row) -> ChartRow:
    is_lower_better = reading.is_lower_better(instrument)
    low, high = words.favours(comparison, is_lower_better=is_lower_better)
    return {
        "kind": "head",
        "left_text": comparison.name,
        "note": words.design(comparison),
        "low_side": low,
        "high_side": high,
    }


def _forest_row(when: str, pair: dict[str, Row]) -> ChartRow:
    is_main = any(effect["is_primary"] for effect in pair.values())
    row: ChartRow = {
        "kind": "row",
        "left_text": f"{when} (main)" if is_main else when,
        "seen": scored(next(iter(pair.values()))),
    }
    if not any(reading.is_shown(effect) for effect in pair.values()):
        return {**row, "kind": "note", "note": words.absence(*pair.values())}
    for series, effect in pair.items():
        if not reading.is_shown(effect):
            row[f"{series}_text"] = "withheld" if effect["is_withheld"] else "hidden"
            continue
        low, high = effect["estimate_low"], effect["estimate_high"]
        row |= {
            series: effect["estimate"],
            f"{series}_low": low,
            f"{series}_high": high,
            f"{series}_text": f"{fmt.signed(effect['estimate'])} "
            f"({fmt.interval(low, high)})",
        }
    return row


def scored(effect: Row) -> str:
    """Say how many people of both arms an estimate rests on."""
    counts = [
        effect[f"{side}_{what}"]
        for what in ("observed_count", "count")
        for side in ("exposed", "comparator")
    ]
    if None in counts:
        return "hidden"
    return f"{fmt.count(sum(counts[:2]))} of {fmt.count(sum(counts[2:]))}"


def _forest_axis(
    rows: list[ChartRow], references: tuple[float, ...]
) -> tuple[float, float]:
    """Return how far the axis reaches either side of zero, and its tick step."""
    keys = ("adjusted_low", "adjusted_high", "plain_low", "plain_high")
    values = [row[key] for row in rows for key in keys if row.get(key) is not None]
    far = max(map(abs, [*values, *references]), default=4)
    step = next((s for s in (1, 2, 5, 10, 20) if far / s <= 6), 50)
    return step * math.ceil(far / step + 0.1), step


@dataclass(frozen=True)
class ResponseRows:
    """Rows of the response chart: a heading and a bar per arm for each comparison."""

    rows: list[ChartRow]
    arms: tuple[str, ...]
    height: float
    left_px: float
    tips: tuple[tuple[str, str], ...] = (
        ("left_text", "Arm"),
        ("level_text", "Responders in 100"),
        ("seen", "People"),
    )


def first_responses(
    comparisons: Iterable[Comparison], effects: Rows
) -> list[tuple[Comparison, Row]]:
    """Return each comparison's difference in response at its first follow-up."""
    found = []
    for comparison in comparisons:
        rows = [
            (what.month, what.instrument, effect)
            for effect in reading.of(
                effects,
                comparison,
                scale="risk_difference",
                specification_id="protocol",
                population_id="all",
            )
            if (what := reading.outcome(effect["outcome_id"])).measure == "response"
            and what.month is not None
        ]
        first = min((month for month, _, _ in rows), default=None)
        rows.sort(key=lambda item: item[1])
        found += [(comparison, row) for month, _, row in rows if month == first]
    return found


def response(
    pairs: list[tuple[Comparison, Row]], names: dict[str, str]
) -> ResponseRows:
    """Lay out responders in 100 people of each arm.

    Args:
        pairs: As `first_responses` gives them; at least one.
        names: Instrument to its name, printed when there is more than one.
    """
    columns = {
        "kind": "columns",
        "left_text": "Responders in 100 people",
        "note": "Difference (95% interval)",
    }
    rows: list[ChartRow] = [columns]
    several = (
        len({reading.outcome(row["outcome_id"]).instrument for _, row in pairs}) > 1
    )
    for comparison, effect in pairs:
        what = reading.outcome(effect["outcome_id"])
        scale = f", {names[what.instrument]}" if several else ""
        head = {"kind": "head", "left_text": f"{comparison.name}{scale}, {what.when}"}
        rows += [head, *_response_bars(comparison, effect, head)]
    height = 0.0
    for row in rows:
        more_lines = row.get("note", "").count("\n")
        row["y"] = height + RESPONSE_PX[row["kind"]] / 2
        height += RESPONSE_PX[row["kind"]] + NOTE_LINE_PX * more_lines
    bars = [row for row in rows if row["kind"] == "bar"]
    longest = max((len(row["left_text"]) for row in bars), default=16)
    return ResponseRows(
        rows=rows,
        arms=tuple(dict.fromkeys(row["arm"] for row in bars)),
        height=height,
        left_px=CHARACTER_PX * longest + 22,
    )


def _response_bars(
    comparison: Comparison, effect: Row, head: ChartRow
) -> list[ChartRow]:
    if not reading.is_shown(effect) or effect["exposed_level"] is None:
        note = textwrap.wrap(words.absence(effect), NOTE_CHARACTERS)
        return [{"kind": "note", "note": "\n".join(note)}]
    keys = ("estimate", "estimate_low", "estimate_high")
    estimate, low, high = (100 * effect[key] for key in keys)
    head["note"] = f"{fmt.signed(estimate, 0)} ({fmt.interval(low, high, 0)})"
    bars = []
    for arm, side in zip(comparison.arms, ("exposed", "comparator"), strict=True):
        level, people = effect[f"{side}_level"], effect[f"{side}_observed_count"]
        bars.append(
            {
                "kind": "bar",
                "arm": arm.label,
                "left_text": arm.label,
                "level": 100 * level,
                "level_text": fmt.per_hundred(level),
                "seen": "hidden"
                if people is None
                else f"of {fmt.count(people)} people",
            }
        )
    return bars
