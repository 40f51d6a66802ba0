"""The checks of drift, as the catalogue of checks tells of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.outputs import BY_FEED
from pipelines.intake.feeds import FEEDS

OWNER = "data manager of the source"
"""Who can say whether a change is real: whoever sends the extract."""

FILES = "load_files"
"""Table of the checks on a delivery's own files."""


@dataclass(frozen=True)
class DriftCheck:
    """One check, with the attributes of an entry of the catalogue."""

    table_name: str
    check_id: str
    why: str
    fix: str
    unit: str
    taints: tuple[str, ...]
    stage: str = "landing"
    category: str = "plausibility"
    severity: str = "warning"
    owner: str = OWNER
    query: str = ""
    tolerated_share: float = 0.0
    tolerated_why: str = ""


_ON_FEEDS = (
    (
        "volume_is_as_before",
        tuple(FEEDS),
        "Rows that did not come count as care that was not given; rows that come twice "
        "count as more.",
        "Ask whether the extract was cut short, run twice, or widened.",
        "delivery",
    ),
    (
        "volume_by_site_and_month_is_as_before",
        ("episodes", "sessions", "assessments", "medications", "diagnoses"),
        "A site that falls silent for a month looks like one without patients.",
        "Ask the site whether its records were sent; a site that closed says so once.",
        "site and month",
    ),
    (
        "earlier_months_are_sent_again",
        ("episodes", "sessions", "assessments", "medications", "diagnoses"),
        "What a full delivery does not send again does not count any more.",
        "If each delivery holds only what is new, set `kind: increment` in source.yml.",
        "delivery",
    ),
    (
        "null_shares_are_as_before",
        tuple(FEEDS),
        "A column that fills or empties moves every figure that leaves blanks out.",
        "Ask what changed in the form or in the extract's query.",
        "column",
    ),
    (
        "code_shares_are_as_before",
        tuple(FEEDS),
        "A code that is used otherwise than before is read as a change of care.",
        "Compare the source's code list with the adapter's mapping.",
        "code",
    ),
    (
        "codes_are_as_before",
        tuple(FEEDS),
        "A code that vanished or appeared is more often a mapping than a change of care.",
        "Compare the source's code list with the adapter's mapping.",
        "code",
    ),
    (
        "zero_answers_are_as_before",
        ("assessments",),
        "An item that is filled with zeros lowers the total and hides what it asks.",
        "Ask whether blanks are exported as 0.",
        "item of an instrument",
    ),
    (
        "scores_are_distributed_as_before",
        ("assessments",),
        "Scores that moved together are an export's doing before they are patients'.",
        "Ask whether the scoring, the form or its version changed.",
        "mean and distribution of an instrument",
    ),
    (
        "patients_are_known_as_before",
        ("patients", "sessions", "assessments"),
        "New pseudonyms for known people make each of them two.",
        "Ask whether the key of the pseudonyms changed; it must not.",
        "delivery",
    ),
)

ON_DELIVERIES = (
    DriftCheck(
        FILES,
        "columns_are_as_before",
        "A column that was renamed or retyped is read as missing, or wrongly.",
        "Mend the adapter, or ask the source for the columns of before.",
        "delivery",
        ("quality",),
        category="conformance",
    ),
)


def entries() -> Iterator[DriftCheck]:
    """Yield every check of drift: one for each feed that it may speak of."""
    for check_id, feeds, why, fix, unit in _ON_FEEDS:
        for feed in feeds:
            yield DriftCheck(feed, check_id, why, fix, unit, BY_FEED[feed])
    yield from ON_DELIVERIES
