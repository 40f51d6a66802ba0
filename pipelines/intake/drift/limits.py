"""How far a delivery may differ from the ones before it; `[drift]` in settings.toml.

A difference counts where it is beyond its limit and beyond chance. The limits are our
convention: each says which fault it is meant to show and which ordinary change it lets
pass. What was measured on simulated deliveries is in docs/drift.md.
"""

from dataclasses import dataclass

LEAST_LOADS = 3
"""Earlier increments without which nothing is compared: of two, neither is usual. A
full delivery is compared with the one before it."""

RECENT_LOADS = 12
"""Earlier increments that stand for the usual one: a year of monthly deliveries, so that
a holiday has come before."""

RECENT_MONTHS = 6
"""Months before a site's month that stand for its usual one."""

LEAST_MONTHS = 3
"""Months of a site without which its next one is not compared."""

NEWEST_DAYS = 31
"""Days up to the end of a full delivery whose shares are compared by themselves, with
the same days of the full deliveries before: what changed a month ago is a thirtieth of
three years, and would be seen only when it is old."""

LATE_DAYS = 31
"""Days until a full delivery is taken to hold all of a month: notes are finished and
questionnaires entered for weeks. Younger months are not compared. An increment tells
every month at the same age, so there the newest whole month is compared."""

STANDARD_ERRORS = 4.0
"""Beyond chance: at this many, one sound cell in 15,000 is beyond (normal, two-sided).
A delivery has some 200 cells, and one cell is enough for a warning."""

ROWS_PER_PERSON_AND_MONTH = 4.0
"""Weekly therapy: one person more or less in a month is four rows more or less, so a
site's month varies as counts of people do, not of rows (variance four times Poisson's).
"""

SPAN_RATIO = 1.5
"""Two increments cover the same span where neither is longer by more than this."""

DAYS_OF_WEEK = 7
"""Increments of shorter spans are compared with those of the same day of the week."""


@dataclass(frozen=True)
class Drift:
    """Limits of a change from the deliveries before; beyond one is a warning."""

    minimum_rows: int = 100
    """Rows (or scores) now and before without which no share is compared. Of 100, chance
    alone moves a half by 0.2 at four standard errors; of fewer, by so much that only a
    change anybody can see would count."""

    minimum_expected_rows: int = 20
    """Expected rows without which no volume is compared. Where 20 are expected of people
    with four rows each, none at all is what five people's staying away looks like."""

    maximum_lost_share: float = 0.10
    """Share (0-1) of the rows or patients of the full delivery before that the next one
    may lack. Full deliveries hold what they held, less what was retired or has passed
    its time of keeping; a file that is cut short lacks more."""

    maximum_left_behind_share: float = 0.50
    """Share (0-1) of the rows of the full delivery before that may lie before all that
    the next one holds. An extract of the last years leaves a few months behind each time;
    one that leaves more than it takes along is an increment that is called full."""

    maximum_volume_ratio: float = 1.5
    """How many times more, or fewer, rows of a feed may come than expected. Holidays and
    campaigns move a month by a third; a file cut to three fifths is 1.7 times fewer."""

    maximum_site_month_ratio: float = 2.0
    """The same for one site's month, which one clinician's leave can halve."""

    maximum_share_difference: float = 0.10
    """How far the share (0-1) of blanks, of a code or of zero answers may move: ten in a
    hundred rows differ. Case mix and season moved none so far in simulated services."""

    maximum_mean_shift: float = 0.30
    """How far the mean score of an instrument may move, in standard deviations of the
    scores before: about two points of the PHQ-9, well under half its least important
    change for one person, and far more than a service's mean moves in a year."""

    maximum_score_distance: float = 0.15
    """How far the share (0-1) of scores up to any one total may move (Kolmogorov's
    distance): it shows scores that pile up or go missing and leave the mean alone."""


def rules(drift: Drift) -> tuple[tuple[str, bool, str], ...]:
    """Return setting, whether it can be used, and what it must be."""
    share = "a share, from 0 to 1"
    shares = (
        "maximum_lost_share",
        "maximum_left_behind_share",
        "maximum_share_difference",
        "maximum_score_distance",
    )
    return (
        ("[drift] minimum_rows", drift.minimum_rows >= 1, "1 or more"),
        (
            "[drift] minimum_expected_rows",
            drift.minimum_expected_rows >= 1,
            "1 or more",
        ),
        *(
            (f"[drift] {name}", 0 <= getattr(drift, name) <= 1, share)
            for name in shares
        ),
        *(
            (f"[drift] {name}", getattr(drift, name) > 1, "above 1")
            for name in ("maximum_volume_ratio", "maximum_site_month_ratio")
        ),
        ("[drift] maximum_mean_shift", drift.maximum_mean_shift > 0, "above 0"),
    )
