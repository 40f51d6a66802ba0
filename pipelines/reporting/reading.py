"""What pages look up in the reports: comparisons with their arms, outcomes, labels."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.errors import PipelineError
from pipelines.reporting import formatting as fmt
from pipelines.reporting.tables import Reports, Row, Rows

OUTCOME = re.compile(
    r"(?P<instrument>.+)_(?P<measure>points|response|remission)_"
    r"(?:(?P<month>\d+)mo|all_follow_ups)"
)
"""How an outcome_id is built; `all_follow_ups` has no month."""

MOST_PRINTED = 10
"""Follow-ups that fit under a chart or in a sentence."""

BANDS = (
    ("Minimal", None),
    ("Mild", "mild_from_points"),
    ("Moderate", "moderate_from_points"),
    ("Mod. severe", "moderately_severe_from_points"),
    ("Severe", "severe_from_points"),
    ("Very severe", "very_severe_from_points"),
)
"""Severity bands from the lowest up, and the column where each begins."""


@dataclass(frozen=True)
class Arm:
    """One side of a comparison: its code in the tables and its name for people."""

    code: str
    label: str

    @property
    def inline(self) -> str:
        """The label inside a sentence."""
        return fmt.inside_sentence(self.label)


@dataclass(frozen=True)
class Comparison:
    """One comparison with its protocol and its main (primary) estimate, if made."""

    row: Row
    exposed: Arm
    comparator: Arm
    main: Row | None
    has_scores: bool = True
    """Some mean score after day 0, on a questionnaire of the protocol, is shown."""

    @property
    def is_told(self) -> bool:
        """True where there is something to say: scores, or a main estimate made."""
        is_made = self.main is not None and not self.main["is_withheld"]
        return self.has_scores or is_made

    @property
    def id(self) -> str:
        """The comparison_id."""
        return self.row["comparison_id"]

    @property
    def arms(self) -> tuple[Arm, Arm]:
        """Exposed first, then its comparator."""
        return (self.exposed, self.comparator)

    @property
    def name(self) -> str:
        """Both arms, as a heading."""
        return f"{fmt.sentence_case(self.exposed.label)} v {self.comparator.inline}"

    @property
    def is_randomised(self) -> bool:
        """True when chance made the arms, by the protocol and by the estimate."""
        is_estimate_randomised = self.main is None or bool(self.main["is_randomised"])
        return self.row["design"] == "randomised" and is_estimate_randomised

    @property
    def caveats(self) -> tuple[str, ...]:
        """What to bear in mind, one sentence each."""
        lines = (self.row["caveats"] or "").split("\n")
        return tuple(line.strip() for line in lines if line.strip())

    @property
    def version(self) -> str:
        """The protocol's version and the start of its hash."""
        return f"protocol {self.row['protocol_version']} ({self.row['protocol_hash'][:12]})"


@dataclass(frozen=True)
class Outcome:
    """What an outcome_id says. `month` is null for all follow-ups together."""

    instrument: str
    measure: str
    month: int | None

    @property
    def when(self) -> str:
        """The time, inside a sentence."""
        if self.month is None:
            return "over all follow-ups"
        return f"at {fmt.months(self.month)}"


def outcome(outcome_id: str) -> Outcome:
    """Take an outcome_id apart; one of another form becomes its own measure."""
    match = OUTCOME.fullmatch(outcome_id)
    if match is None:
        return Outcome(instrument="", measure=outcome_id, month=None)
    month = match["month"]
    return Outcome(match["instrument"], match["measure"], int(month) if month else None)


def comparisons(reports: Reports) -> tuple[Comparison, ...]:
    """Return the comparisons, the one to lead the page first.

    Those with something to see, then randomised before described, shown before
    withheld, then by their questions.
    """
    found = [_comparison(reports, row) for row in reports.comparisons]
    _refuse_unknown_arms(reports, found)
    return tuple(sorted(found, key=_rank))


def _refuse_unknown_arms(reports: Reports, found: list[Comparison]) -> None:
    """Stop rather than leave out rows whose arm no comparison names."""
    known = {(item.id, arm.code) for item in found for arm in item.arms}
    for name in (
        "scores_by_arm_and_follow_up",
        "outcomes_by_arm_and_follow_up",
        "patient_flow_by_arm",
    ):
        rows = getattr(reports, name)
        if stray := {(row["comparison_id"], row["arm"]) for row in rows} - known:
            raise PipelineError(
                f"reports.rpt_{name} has {len(stray)} arm(s) that no comparison names. "
                "An arm must be the exposed_arm or the comparator_arm of its comparison "
                "in reports.rpt_comparisons."
            )


def _rank(comparison: Comparison) -> tuple[bool, bool, bool, tuple[int, str], str]:
    return (
        not comparison.is_told,
        not comparison.is_randomised,
        not is_shown(comparison.main),
        natural_key(comparison.row["question_ids"] or ""),
        comparison.id,
    )


def natural_key(code: str) -> tuple[int, str]:
    """Order codes that end in a number: Q2 before Q10.

    Examples:
        >>> sorted(["Q10", "Q2"], key=natural_key)
        ['Q2', 'Q10']
    """
    number = re.search(r"\d+", code)
    return (int(number[0]) if number else 0, code)


def is_shown(effect: Row | None) -> bool:
    """Tell whether an estimate has numbers: made, not withheld, not hidden."""
    return (
        effect is not None
        and not effect["is_withheld"]
        and effect["estimate"] is not None
    )


def _comparison(reports: Reports, row: Row) -> Comparison:
    effects = [
        effect
        for effect in reports.effects_by_comparison
        if effect["comparison_id"] == row["comparison_id"]
    ]
    main = next((effect for effect in effects if effect["is_primary"]), None)
    # Scores on a questionnaire that the protocol does not ask for tell nothing here.
    asked = {outcome(effect["outcome_id"]).instrument for effect in effects}
    return Comparison(
        row=row,
        exposed=_arm(row, "exposed"),
        comparator=_arm(row, "comparator"),
        main=main,
        has_scores=any(
            score["comparison_id"] == row["comparison_id"]
            and (score["instrument"] in asked or not effects)
            and score["follow_up_month"] > 0
            and score["mean_points"] is not None
            for score in reports.scores_by_arm_and_follow_up
        ),
    )


def _arm(row: Row, side: str) -> Arm:
    code = row[f"{side}_arm"]
    return Arm(code, row[f"{side}_label"] or fmt.humanise(code))


def of(rows: Iterable[Row], comparison: Comparison, **values: object) -> Rows:
    """Return the rows of one comparison, narrowed to the given column values."""
    wanted = {"comparison_id": comparison.id, **values}
    return tuple(
        row for row in rows if all(row[key] == value for key, value in wanted.items())
    )


def instrument(reports: Reports, code: str) -> Row:
    """Return an instrument's row; one without a row has only its code as a name."""
    for row in reports.instruments:
        if row["instrument"] == code:
            return row
    return {"instrument": code, "name": fmt.humanise(code).upper()}


def is_lower_better(row: Row) -> bool:
    """Tell whether a lower score is known to be better.

    The instrument says so itself, or by a score below which it speaks of remission, or
    by severity that begins at one. Without any the page names no favoured side.
    """
    if row.get("is_lower_better") is not None:
        return row["is_lower_better"]
    keys = ("remission_below_points", *(key for _, key in BANDS if key))
    return any(row.get(key) is not None for key in keys)


def severity_bands(row: Row) -> list[tuple[str, int, int]]:
    """Return (name, first point, last point) from the lowest band up; may be empty."""
    starts = [
        (name, row["min_points"] if key is None else row.get(key))
        for name, key in BANDS
        if row.get("max_points") is not None
    ]
    known = [(name, int(start)) for name, start in starts if start is not None]
    if len(known) < 2:
        return []
    ends = [start - 1 for _, start in known[1:]] + [int(row["max_points"])]
    return [(name, start, end) for (name, start), end in zip(known, ends, strict=True)]


def printed_months(months: Iterable[int]) -> tuple[int, ...]:
    """Return the follow-ups to write out, in order: of many, each half year's.

    Examples:
        >>> printed_months({8, 3, 0})
        (0, 3, 8)
        >>> printed_months(range(26))
        (0, 6, 12, 18, 24)
    """
    found = sorted(months)
    if len(found) > MOST_PRINTED:
        found = [month for month in found if month % 6 == 0]
    return tuple(found)


def step_label(step: str) -> str:
    """Name a step of the patient flow."""
    match = re.fullmatch(r"followed_up_month_(\d+)", step)
    if match:
        return f"Scored at {fmt.months(int(match[1]))}"
    return fmt.sentence_case(fmt.humanise(step))
