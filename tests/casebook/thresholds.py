"""Which cut-offs of the seeds need stories, and on which sides of the number.

A story names the cut-offs it stands at in its column `thresholds`, as
`episode_gap_days:below` or `instruments.phq9.caseness_from_points:at`. `at` is the
number itself; where the number still belongs to the rule ("up to 25 sessions") the
other side is `above`, else ("from 50 sessions") it is `below`.
"""

import csv
from collections.abc import Iterator

from casebook.book import Case

from pipelines.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
SIDES = ("below", "at", "above")

NUMBER_IS_WITHIN = {
    "baseline_days_before",
    "baseline_days_after",
    "medication_gap_days",
    "medication_grace_days",
    "length_short_up_to_sessions",
    "long_current_episode_over_months",
    "follow_up_gap_up_to_days",
    "switch_window_days",
    "pdc_window_days",
}
"""Cut-offs whose other side lies above the number."""

BOTH_SIDES = {
    "new_to_therapy_days",
    "new_user_105_days",
    "persistence_acute_window_days",
    "persistence_continuation_window_days",
    "new_user_180_days",
    "new_user_365_days",
}
"""Two rules in one: what lies within so many days, and whether they were all seen."""

CUT_OFFS = (
    "caseness_from_points",
    "mild_from_points",
    "moderate_from_points",
    "moderately_severe_from_points",
    "severe_from_points",
    "very_severe_from_points",
    "response_floor_points",
    "remission_below_points",
    "relapse_from_points",
    "reliable_change_points",
)
DOSES = {
    "ingredients.sertraline.minimum_daily_dose_mg": "below",
    "ingredients.trazodone.excluded_up_to_daily_dose_mg": "above",
    "ingredients.amitriptyline.excluded_up_to_daily_dose_mg": "above",
}
"""One ingredient speaks for each rule on doses: the rows differ in their number."""

EXCEPTIONS = {
    **{
        name: "used by measures alone: unit tests of models/aggregates stand there"
        for name in (
            "measure_wait_to_first_days",
            "measure_wait_to_first_long_days",
            "measure_wait_to_second_days",
            "measure_dose_sessions",
            "measure_follow_up_from_years",
            "measure_persistence_from_years",
            "measure_rate_from_units",
        )
    },
    **{
        name: "used by comparisons alone: unit tests of models/intermediate stand there"
        for name in (
            "length_stop_gap_days",
            "relapse_followed_days",
            "relapse_landmark_days",
            "relapse_therapy_days_before",
            "length_remission_confirmed_days",
            "length_decision_week",
            "length_long_week",
            "added_therapy_medication_days_before",
            "added_therapy_score_days_before",
            "added_therapy_grace_days",
            "injury_days",
            "recent_score_days",
            "sessions_counted_days",
        )
    },
    "instruments.qids_sr16.relapse_from_points": "relapse is judged by the PHQ-9",
}
"""Cut-offs that need no story, and why."""


def _rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def needed() -> dict[str, set[str]]:
    """Return every cut-off of the seeds with the sides that need a story."""
    return {name: {"at", *sides} for name, *sides in _all()}


def _all() -> Iterator[tuple[str, ...]]:
    for row in _rows("thresholds"):
        name = row["threshold"]
        if name in BOTH_SIDES:
            yield name, "below", "above"
        else:
            yield name, "above" if name in NUMBER_IS_WITHIN else "below"
    for row in _rows("instruments"):
        for column in CUT_OFFS:
            if row[column]:
                yield f"instruments.{row['instrument']}.{column}", "below"
        if row["prorated_items_max"]:
            yield f"instruments.{row['instrument']}.prorated_items_max", "above"
    for row in _rows("outcome_windows"):
        yield f"outcome_windows.{row['outcome_window']}.from_day", "below"
        yield f"outcome_windows.{row['outcome_window']}.to_day", "above"
    yield from DOSES.items()


def told(cases: list[Case]) -> dict[str, set[str]]:
    """Return the sides on which stories stand.

    Raises:
        BookError: A story names a cut-off or a side that does not exist.
    """
    known = needed()
    found: dict[str, set[str]] = {}
    for case in cases:
        for word in case.words("thresholds"):
            name, _, side = word.partition(":")
            if name not in known:
                raise case.error(f"thresholds: no seed has {name!r}")
            if side not in SIDES:
                raise case.error(f"thresholds: {word!r} must end in {', '.join(SIDES)}")
            found.setdefault(name, set()).add(side)
    return found
