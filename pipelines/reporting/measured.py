"""What an outcome of a service comparison measures, and how it is said."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading
from pipelines.reporting.tables import Row

SHARES: Mapping[str, tuple[str, str, str]] = {
    "response": ("Responded", "had responded", "the score at least halved"),
    "remission": ("Well", "were well", "a score below the cut-off for remission"),
    "not_well": ("Not well", "were not well", "never in remission, or ill again"),
    "deterioration": (
        *("Clearly worse", "were clearly worse than at the start"),
        "the score rose by more than chance would explain",
    ),
    "item_9": (
        *("Thoughts of death or self-harm", "had thoughts of death or self-harm"),
        "item 9 of the PHQ-9 answered with more than not at all",
    ),
    "dropped_out": (
        *("Dropped out", "had dropped out"),
        "therapy ended without an agreed end",
    ),
    "injury": ("Injury", "had an injury recorded", "a diagnosis of an injury"),
    "ill_again": (
        *("Ill again", "had become ill again"),
        "a score of a case again; who died first cannot become ill, and who is no longer "
        "followed counts for as long as they were",
    ),
}
"""Kind of a share: its name in a table, what is said of people, and what it means."""

TIMED: Mapping[str, str] = {"ill_again": "depression coming back"}
"""Kinds of which it is known when they happened, and what takes the days."""

ORDER = ("points", *SHARES)
"""Kinds of outcomes in the order in which a page lists them."""

ROLES = ("benefit", "harm", "negative_control")


@dataclass(frozen=True)
class Measured:
    """An outcome: on which instrument, what of it, when, and what for.

    `kind` is `points` or what share of people is counted. `role` is `benefit`, `harm`
    or `negative_control`.
    """

    outcome_id: str
    kind: str
    instrument: Row
    month: int
    role: str

    @property
    def is_points(self) -> bool:
        """True for a mean score; false for a share of people."""
        return self.kind == "points"

    @property
    def is_time(self) -> bool:
        """True where it is known when it happened, for as long as people are followed."""
        return self.kind in TIMED

    @property
    def when(self) -> str:
        """The time, inside a sentence."""
        return f"{'by' if self.is_time else 'at'} {fmt.months(self.month)}"

    @property
    def name(self) -> str:
        """The outcome without its time, as a heading."""
        if self.is_points:
            return f"{self.instrument['name']} score"
        return SHARES.get(self.kind, (fmt.sentence_case(fmt.humanise(self.kind)),))[0]

    @property
    def said(self) -> str:
        """What is said of people who have it, inside a sentence; for a share."""
        return SHARES.get(self.kind, ("", f"had: {fmt.humanise(self.kind)}"))[1]

    @property
    def meaning(self) -> str:
        """What counts as it; empty where its name says so."""
        return SHARES.get(self.kind, ("", "", ""))[2]

    @property
    def title(self) -> str:
        """The outcome with its time."""
        return f"{self.name}, {fmt.months(self.month)}"

    @property
    def is_lower_better(self) -> bool:
        """True where less of it is better."""
        if self.is_points:
            return reading.is_lower_better(self.instrument)
        return self.kind not in ("response", "remission")


def read(
    outcome_id: str, month: int, role: str, instruments: Mapping[str, Row]
) -> Measured:
    """Take an outcome_id apart.

    Args:
        outcome_id: `phq9_points_12mo`, for example; or one without an instrument.
        month: When it is measured.
        role: `benefit`, `harm` or `negative_control`.
        instruments: Rows of reports.rpt_instruments by code.

    Examples:
        >>> read("phq9_item_9_12mo", 12, "harm", {"phq9": {"name": "PHQ-9"}}).title
        'Thoughts of death or self-harm, 12 months'
    """
    stem = outcome_id.removesuffix(f"_{month}mo")
    codes = [code for code in instruments if stem.startswith(f"{code}_")]
    if not codes:
        return Measured(outcome_id, stem, {"instrument": "", "name": ""}, month, role)
    code = max(codes, key=len)
    kind = stem.removeprefix(f"{code}_")
    return Measured(outcome_id, kind, instruments[code], month, role)
