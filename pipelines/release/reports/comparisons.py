"""Reports of what was estimated, and of the checks behind it.

Both bring columns that begin with `hiding_`: counts of people that are not shown and
decide what is. A weighted share of people tells the plain one, so it goes with it; a
subgroup tells of the people outside it. Where another estimate of everyone drops a few,
its counts go and its figures stay: what the few are like cannot be had from them.
"""

from pipelines.release.cells import Cell, Told
from pipelines.release.disclosure import REASON_WITHOUT_COUNTS
from pipelines.release.reports.report import Report

FIGURES = (
    "exposed_level",
    "comparator_level",
    "estimate",
    "estimate_low",
    "estimate_high",
    "p_value",
    "p_value_holm",
)

ARMS = ("exposed", "comparator")

EVENTS = tuple(f"{arm}_event_count" for arm in ARMS)


COUNTS = tuple(
    f"{arm}_{what}count" for arm in ARMS for what in ("", "observed_", "effective_")
)


def _hiding(*parts: str) -> tuple[str, ...]:
    return tuple(f"hiding_{arm}_{part}_count" for arm in ARMS for part in parts)


LEFT_OUT = _hiding("left_out", "observed_left_out")
DROPPED = _hiding("dropped", "observed_dropped")
EVENTS_OF_ROW = _hiding("event", "rest", "level", "level_rest")

EFFECTS = Report(
    "rpt_effects_by_comparison",
    (
        "comparison_id",
        "outcome_id",
        "population_id",
        "estimator_id",
        "specification_id",
        "scale",
    ),
    (
        *(
            Cell(f"{arm}_count", reveals=(*FIGURES, f"{arm}_effective_count"))
            for arm in ARMS
        ),
        *(
            Cell(
                f"{arm}_observed_count",
                f"{arm}_count",
                (*FIGURES, f"{arm}_effective_count"),
            )
            for arm in ARMS
        ),
        *(Cell(f"{arm}_effective_count", reveals=FIGURES) for arm in ARMS),
        *(Cell(f"{arm}_event_count", f"{arm}_observed_count", FIGURES) for arm in ARMS),
        *(Cell(column, reveals=(*FIGURES, *EVENTS, *COUNTS)) for column in LEFT_OUT),
        *(Cell(column, reveals=COUNTS) for column in DROPPED),
        *(Cell(column, reveals=(*FIGURES, *EVENTS)) for column in EVENTS_OF_ROW),
    ),
    coarse=FIGURES,
    told=(Told("withheld_reason", "reason_without_counts", REASON_WITHOUT_COUNTS),),
    unseen=(*LEFT_OUT, *DROPPED, *EVENTS_OF_ROW, "reason_without_counts"),
)

PEOPLE = (
    *(
        f"hiding_{arm}_{part}count"
        for arm in ARMS
        for part in ("", "observed_", "unobserved_")
    ),
    "hiding_part_count",
    "hiding_rest_count",
)

DIAGNOSTICS = Report(
    "rpt_diagnostics_by_comparison",
    (
        "comparison_id",
        "outcome_id",
        "population_id",
        "estimator_id",
        "diagnostic_id",
        "arm",
    ),
    (
        Cell("people_count", reveals=("value", "is_passed")),
        *(
            Cell(column, reveals=("people_count", "value", "is_passed"))
            for column in PEOPLE
        ),
    ),
    coarse=("value", "limit_low", "limit_high"),
    told=(Told("note", "note_without_counts"),),
    unseen=(*PEOPLE, "note_without_counts"),
)
