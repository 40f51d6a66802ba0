"""Which comparisons are validated, and in which scenarios."""

from functools import cache

from pipelines.compare import protocols
from pipelines.compare.protocols import Protocol

DESIGNS = ("sustained", "point_exposure")

PAIRS = (
    "modality_cbt_vs_behavioural",
    "modality_psychodynamic_vs_cbt",
    "format_group_vs_individual",
)
"""Of the many pairs of kinds and formats, those with most people."""

SEQUENTIAL = "therapy_plus_medication_vs_medication"
"""One person can be in the trials of several months; only one of them has a truth."""

NULL, CONFOUNDED = "null", "unmeasured_confounding"
ANSWERED = "nearly_all_answered"
SCENARIOS = ("default", NULL, CONFOUNDED, "missing_at_random", ANSWERED)


@cache
def validated() -> tuple[Protocol, ...]:
    """Return the protocols of a service's comparisons, pairs after the others."""
    found = [one for one in protocols.load_all() if one.design in DESIGNS]
    return tuple(
        [one for one in found if one.mart == f"cmp_{one.comparison_id}"]
        + [one for one in found if one.comparison_id in PAIRS]
    )
