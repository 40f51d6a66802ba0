"""What the pages of service comparisons look up: outcomes, estimates, diagnostics."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pipelines.reporting import measured, reading, service_words
from pipelines.reporting.measured import Measured
from pipelines.reporting.reading import Comparison
from pipelines.reporting.tables import Reports, Row, Rows

PLAIN = "unadjusted"
EVERYONE, AS_PLANNED = "all", "protocol"


@dataclass(frozen=True)
class Service:
    """One comparison that nobody allocated, with everything its page shows.

    `title` tells it from the others; `treatment` is, by outcome, whether those who keep
    to either strategy are in therapy then.
    """

    comparison: Comparison
    title: str
    outcomes: tuple[Measured, ...]
    treatment: dict[str, tuple[str | None, str | None]]
    effects: Rows
    diagnostics: Rows

    @property
    def id(self) -> str:
        """The comparison_id."""
        return self.comparison.id

    @property
    def row(self) -> Row:
        """The protocol, as reports.rpt_comparisons states it."""
        return self.comparison.row

    @property
    def address(self) -> str:
        """Its page, seen from the index."""
        return f"comparisons/{self.id}.html"

    @property
    def is_run(self) -> bool:
        """True where these records hold anybody to compare."""
        return self.comparison.main is not None

    @property
    def is_shown(self) -> bool:
        """True where the main estimate passed its gate and is not hidden."""
        return reading.is_shown(self.comparison.main)

    @property
    def labels(self) -> tuple[str, str]:
        """Names of both sides, the exposed first."""
        return self.comparison.exposed.label, self.comparison.comparator.label

    @property
    def estimator(self) -> str:
        """The pre-declared estimator."""
        return self.row["primary_estimator_id"]

    @cached_property
    def main(self) -> Measured:
        """The pre-declared outcome."""
        return next(
            what
            for what in self.outcomes
            if what.outcome_id == self.row["primary_outcome_id"]
        )

    @property
    def seen(self) -> str:
        """What is true of the people whom the main outcome is known of."""
        return "Known to the last day" if self.main.is_time else "Scored"

    @property
    def answer(self) -> str:
        """What was found, in whom, and what it does not show; or why not."""
        effect = self.comparison.main
        if not self.is_shown:
            return service_words.withheld(effect)
        return service_words.answer(
            design=self.row["design"],
            labels=self.labels,
            population=self.row["population"],
            what=self.main,
            effect=effect,
        )

    def of_role(self, role: str, *, is_points: bool) -> tuple[Measured, ...]:
        """Return the outcomes of a role, scores or shares, in the protocol's order."""
        return tuple(
            what
            for what in self.outcomes
            if what.role == role and what.is_points is is_points
        )

    def effect(
        self,
        what: Measured,
        estimator: str | None = None,
        *,
        population: str = EVERYONE,
        specification: str = AS_PLANNED,
        scale: str | None = None,
    ) -> Row | None:
        """Return one estimate: by the pre-declared estimator and as a difference.

        Returns:
            None where it was not made.
        """
        first = "mean_difference" if what.is_points else "risk_difference"
        wanted = {
            "outcome_id": what.outcome_id,
            "estimator_id": estimator or self.estimator,
            "population_id": population,
            "specification_id": specification,
            "scale": scale or first,
        }
        return next(iter(reading.of(self.effects, self.comparison, **wanted)), None)

    def number(
        self, diagnostic_id: str, arm: str | None = None, *, of: Measured | None = None
    ) -> Row | None:
        """Return a diagnostic of everyone: of an outcome, else of the whole comparison.

        Of several estimators it is the pre-declared one's.
        """
        found = [
            row
            for row in self.diagnostics
            if (row["diagnostic_id"], row["arm"]) == (diagnostic_id, arm)
            and row["population_id"] == EVERYONE
            and row["estimator_id"] in (None, self.estimator)
        ]
        outcome_id = (of or self.main).outcome_id
        for wanted in (outcome_id, None):
            for row in found:
                if row["outcome_id"] == wanted:
                    return row
        return None

    def value(self, diagnostic_id: str, arm: str | None = None) -> float | None:
        """Return a diagnostic's number; None where it is hidden or was not made."""
        row = self.number(diagnostic_id, arm)
        return None if row is None else row["value"]


def services(
    reports: Reports, comparisons: Iterable[Comparison]
) -> tuple[Service, ...]:
    """Return the service comparisons by family and name.

    Args:
        reports: The release's tables.
        comparisons: All of them; those that chance or nobody allocated in a trial are
            left out.
    """
    found = [one for one in comparisons if is_service(one)]
    instruments = {row["instrument"]: row for row in reports.instruments}
    titles = _titles(found)
    families = list(service_words.FAMILIES)
    made = [_service(reports, one, titles[one.id], instruments) for one in found]
    made.sort(
        key=lambda one: (
            families.index(one.row["family"])
            if one.row["family"] in families
            else len(families),
            one.row["family"],
            one.id,
        )
    )
    return tuple(made)


def is_service(comparison: Comparison) -> bool:
    """Tell whether a comparison is of a service: nobody allocated, and adjusted."""
    return comparison.row["design"] in service_words.DESIGNS


def _service(
    reports: Reports, comparison: Comparison, title: str, instruments: dict[str, Row]
) -> Service:
    stated = reading.of(reports.outcomes_of_comparison, comparison)
    outcomes = [
        measured.read(row["outcome_id"], row["month"], row["role"], instruments)
        for row in stated
    ]
    main = next(
        what
        for what in outcomes
        if what.outcome_id == comparison.row["primary_outcome_id"]
    )
    outcomes.sort(key=lambda what: _place(what, main))
    return Service(
        comparison=comparison,
        title=title,
        outcomes=tuple(outcomes),
        treatment={
            row["outcome_id"]: (row["exposed_treatment"], row["comparator_treatment"])
            for row in stated
        },
        effects=reading.of(reports.effects_by_comparison, comparison),
        diagnostics=reading.of(reports.diagnostics_by_comparison, comparison),
    )


def _place(what: Measured, main: Measured) -> tuple:
    """Order outcomes: what they are for, the main instrument's first, kind, time."""
    kinds = measured.ORDER
    return (
        measured.ROLES.index(what.role),
        what.instrument != main.instrument,
        kinds.index(what.kind) if what.kind in kinds else len(kinds),
        what.outcome_id.removesuffix(f"_{what.month}mo"),
        what.month,
    )


def _titles(comparisons: list[Comparison]) -> dict[str, str]:
    """Name comparisons; where arms have the same names, what their ids add."""
    by_name: dict[str, list[str]] = {}
    for one in comparisons:
        by_name.setdefault(one.name, []).append(one.id)
    titles = {}
    for name, ids in by_name.items():
        parts = [one.split("_") for one in ids]
        shared = 0
        while len({tuple(words[: shared + 1]) for words in parts}) == 1:
            if any(len(words) == shared for words in parts):
                break
            shared += 1
        for one, words in zip(ids, parts, strict=True):
            added = " ".join(words[shared:]) if len(ids) > 1 else ""
            titles[one] = f"{name}, {added}" if added else name
    return titles
