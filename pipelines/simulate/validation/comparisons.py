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

ABOUT = {
    "default": "Everything at work at once.",
    "missing_at_random": "As `default`, and scores are missing only for reasons seen.",
    ANSWERED: "As `missing_at_random`, and nearly everybody answers: what is left is the "
    "estimator's own.",
    NULL: "Nothing has an effect; the truth is 0.",
    CONFOUNDED: "Something that no record shows decides who gets what and how they fare. "
    "**Here the interval ought to miss the truth, and the negative control (injuries, "
    "which nothing here can change) ought to raise its alarm.**",
}
"""What each scenario is for."""

ORDER = ("default", "missing_at_random", ANSWERED, NULL, CONFOUNDED)
"""Of the scenarios on the page."""


@cache
def validated() -> tuple[Protocol, ...]:
    """Return the protocols of a service's comparisons, pairs after the others.

    Those of a time to an event are left out: no potential follow-up is simulated.
    """
    found = [
        one
        for one in protocols.load_all()
        if one.design in DESIGNS and not one.primary_outcome.is_time
    ]
    return tuple(
        [one for one in found if one.mart == f"cmp_{one.comparison_id}"]
        + [one for one in found if one.comparison_id in PAIRS]
    )
