"""What a protocol says: the parts of one comparison as it was written down."""

from dataclasses import dataclass

LONG_FORM = ("randomised", "description")
"""Designs whose mart has a row per questionnaire and scheduled follow-up; that of the
others has a row per unit and a column per outcome."""

ALLOWED_ESTIMATORS = {
    ("points", False): {"unadjusted", "ancova"},
    ("response", False): {"unadjusted"},
    ("points", True): {"mixed_model", "growth"},
    ("response", True): set(),
}
"""In the long form, by measure and whether all follow-ups are taken together."""

ALLOWED_BY_DESIGN = {
    "point_exposure": {
        "points": {"unadjusted", "ancova", "iptw", "overlap", "aipw"},
        "share": {"unadjusted", "iptw", "overlap", "aipw"},
        "time_to_event": {"unadjusted", "iptw", "overlap"},
    },
    "sustained": {
        "points": {"unadjusted", "clone_censor_weight"},
        "share": {"unadjusted", "clone_censor_weight"},
    },
}
"""In the wide form, by design and measure."""


@dataclass(frozen=True)
class Arm:
    """One side of a comparison: its code in `cmp_`, its name, what it means."""

    arm: str
    label: str
    strategy: str


@dataclass(frozen=True)
class Outcome:
    """One outcome; `follow_up_month` is None when all follow-ups are taken together."""

    instrument: str
    measure: str
    follow_up_month: int | None
    estimators: tuple[str, ...]

    @property
    def outcome_id(self) -> str:
        """Name of the outcome, `bdi_ii_points_2mo` for example."""
        when = (
            "all_follow_ups"
            if self.follow_up_month is None
            else f"{self.follow_up_month}mo"
        )
        return f"{self.instrument}_{self.measure}_{when}"


@dataclass(frozen=True)
class ColumnOutcome:
    """One outcome that is a column of the mart, or two: how long, and what ended it.

    Attributes:
        outcome_id: `phq9_points_12mo`; a share's column has `is_` before it, the two of
            a time end in `_days` and `_status`.
        measure: `points`, `share` (a flag: 1 or 0) or `time_to_event`.
        month: Whose window it is measured in; decides who is due.
        role: `benefit`, `harm` or `negative_control`.
        estimators: Which are used on it.
        until_day: Of a time to an event: the last day that counts, from day 0; of
            others None.
    """

    outcome_id: str
    measure: str
    month: int
    role: str
    estimators: tuple[str, ...]
    until_day: int | None = None

    @property
    def is_time(self) -> bool:
        """Whether it is how long it takes until something happens."""
        return self.measure == "time_to_event"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names in the mart; of a time the days first, then what ended them."""
        if self.is_time:
            return f"{self.outcome_id}_days", f"{self.outcome_id}_status"
        return (
            self.outcome_id if self.measure == "points" else f"is_{self.outcome_id}",
        )

    @property
    def column(self) -> str:
        """Name in the mart of an outcome that is one column."""
        (only,) = self.columns
        return only

    @property
    def is_due_column(self) -> str:
        """Flag of who could have had it by the end of the data."""
        return f"is_due_{self.month}mo"


@dataclass(frozen=True)
class Primary:
    """The one estimate that answers the question."""

    outcome_id: str
    estimator_id: str


@dataclass(frozen=True)
class Strategies:
    """When a strategy lets people stop therapy; weeks since day 0.

    Attributes:
        starts_in_week: Where the comparison begins: 0, or the week of a decision.
        long_ends: `remission_or_week` (two low scores, else `long_week`) or `week`.
        long_week: Week to which the long strategy stays.
        short_from_week: First of the weeks in which the short one stops people.
        short_weeks: How many weeks those are, each equally likely.
        possible_by: Covariate in whose groups the long strategy must be possible; None
            asks for nothing.
    """

    starts_in_week: int
    long_ends: str
    long_week: int
    short_from_week: int
    short_weeks: int
    possible_by: str | None = None


@dataclass(frozen=True)
class Protocol:
    """One comparison as it was written down.

    `family` names the comparisons whose primary outcomes are looked at together.
    """

    comparison_id: str
    mart: str
    version: int
    decided_on: str
    question: str
    question_ids: tuple[str, ...]
    family: str
    population: str
    eligibility: tuple[str, ...]
    design: str
    time_zero: str
    exposed: Arm
    comparator: Arm
    assignment: str
    follow_up: str
    causal_contrast: str
    covariates: tuple[str, ...]
    outcomes: tuple[Outcome | ColumnOutcome, ...]
    primary: Primary
    caveats: tuple[str, ...]
    hash: str
    target: str = "everyone"
    strategies: Strategies | None = None
    subgroups: tuple[str, ...] = ()

    @property
    def is_long_form(self) -> bool:
        """Whether the mart has a row per questionnaire and follow-up."""
        return self.design in LONG_FORM

    @property
    def primary_outcome(self) -> Outcome | ColumnOutcome:
        """The outcome of the primary estimate."""
        return next(
            one for one in self.outcomes if one.outcome_id == self.primary.outcome_id
        )

    @property
    def exposed_label(self) -> str:
        """Name of the exposed arm for a reader."""
        return self.exposed.label

    @property
    def comparator_label(self) -> str:
        """Name of the comparator arm for a reader."""
        return self.comparator.label

    @property
    def arm_strategies(self) -> dict[str, str]:
        """What each arm means, by its code in `cmp_`."""
        return {arm.arm: arm.strategy for arm in (self.exposed, self.comparator)}
