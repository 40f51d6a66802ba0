"""A figure of the page, and what every figure of one page shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pipelines.reporting import formatting as fmt
from pipelines.reporting import reading, record_words, services, theme
from pipelines.reporting.marks import Styles
from pipelines.reporting.passport import (
    FigurePassport,
    MissingPassportError,
    Passport,
)
from pipelines.reporting.quality_rows import Quality
from pipelines.reporting.reading import Comparison
from pipelines.reporting.services import Service
from pipelines.reporting.tables import Reports, Row, Rows, Table

Body = Literal[
    *("chart", "comparisons", "questions", "stages", "not_measured", "reconciliation"),
    *("services", "statements", "plain"),
    *("usability", "heat", "freshness", "refused", "drift", "trend", "steps", "checks"),
]
"""What a card shows: a chart, or what a template lays out (`plain` is its table)."""


@dataclass(frozen=True)
class Figure:
    """One card: a finding, its definition, what is drawn, a caveat and its passport.

    `chart` is a Vega-Lite specification; without one, `empty` says why. `content` is
    what the template of a `body` other than `chart` lays out. `notes` open
    under the chart. `span` counts columns of twelve. `more` is (address, words) of a
    page that tells more. `has_table` says whether its table can be shown, where that
    does not follow from its body.

    Raises:
        MissingPassportError: There is no passport.
    """

    id: str
    title: str
    definition: str
    caveat: str
    passport: FigurePassport
    table: Table
    span: int
    body: Body = "chart"
    chart: Mapping[str, Any] | None = None
    least_width_px: int = 0
    empty: str = ""
    content: Any = None
    legend: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    notes_title: str = ""
    more: tuple[str, str] | None = None
    has_table: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a figure that does not say where it comes from."""
        if not isinstance(self.passport, FigurePassport):
            raise MissingPassportError(
                f"The figure {self.id} has no passport. Give it a FigurePassport; "
                "a figure without one is not rendered."
            )

    @property
    def has_table_button(self) -> bool:
        """True unless the card already shows every row of its table."""
        if self.has_table is not None:
            return self.has_table
        return self.body in ("chart", "stages", "not_measured")


@dataclass(frozen=True)
class Section:
    """Figures under one heading."""

    id: str
    heading: str
    figures: list[Figure]


@dataclass(frozen=True)
class PageContext:
    """The reports of one release, read once, and what the figures share."""

    reports: Reports
    passport: Passport
    stated: tuple[Comparison, ...]
    """Every comparison that has a protocol."""

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The comparisons of trials: allocated at random, or described."""
        return tuple(one for one in self.stated if not services.is_service(one))

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The comparisons of a service, each with a page of its own once run."""
        return services.services(self.reports, self.stated)

    @property
    def run_services(self) -> tuple[Service, ...]:
        """The service comparisons that these records have people for."""
        return tuple(one for one in self.services if one.is_run)

    @cached_property
    def quality(self) -> Quality:
        """The reports on data quality."""
        return Quality(self.reports)

    @cached_property
    def effects(self) -> Rows:
        """The estimates of the trials' comparisons."""
        ids = {one.id for one in self.comparisons}
        rows = self.reports.effects_by_comparison
        return tuple(row for row in rows if row["comparison_id"] in ids)

    @property
    def told(self) -> tuple[Comparison, ...]:
        """The comparisons of which there is something to say."""
        return tuple(item for item in self.comparisons if item.is_told)

    @property
    def lead(self) -> Comparison | None:
        """The comparison that leads the page."""
        return self.comparisons[0] if self.comparisons else None

    @property
    def styles(self) -> Styles:
        """Colour and line pattern of every arm, by label, the same in each figure."""
        return theme.group_styles(
            [arm.label for item in self.comparisons for arm in item.arms]
        )

    @property
    def is_simulated(self) -> bool:
        """True when the release or any of its sources holds made-up people."""
        sources = self.reports.sources
        return self.passport.is_simulated or any(s["is_simulated"] for s in sources)

    @property
    def data_as_of(self) -> str:
        """The newest day each source tells of, and the instant of the run."""
        parts = []
        for row in self.reports.sources:
            newest = row["data_to"]
            told = f"data to {fmt.day(newest)}" if newest else "dates are relative"
            parts.append(f"{fmt.title_case(row['source'])}: {told}")
        parts.append(f"accepted by {fmt.minute(self.passport.as_of)}")
        return "; ".join(parts)

    def instrument(self, code: str) -> Row:
        """Return an instrument's row."""
        return reading.instrument(self.reports, code)

    def figure_passport(
        self,
        *,
        measure: str,
        version: str,
        population: str,
        diagnostics: str,
        rows: Rows,
    ) -> FigurePassport:
        """Fill in a figure's passport; `rows` are those that the figure shows."""
        hidden = sum(1 for row in rows if row.get("is_suppressed"))
        if hidden:
            suppression = f"{hidden} of {fmt.plural(len(rows), 'row')} hidden"
        elif self.passport.disclosure_profile == "public_data":
            suppression = "none: public data"
        else:
            suppression = "no row of this figure is hidden"
        return FigurePassport(
            measure=measure,
            version=version,
            population=population,
            data_quality=record_words.quality(self.reports.data_quality_by_stage),
            diagnostics=diagnostics,
            suppression=suppression,
            release_id=self.passport.release_id,
            data_as_of=self.data_as_of,
        )
