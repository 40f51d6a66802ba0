"""What the figures of a service comparison share: tables of estimates, passports."""

from collections.abc import Mapping
from typing import Any

from pipelines.reporting import charts, service_rows
from pipelines.reporting import formatting as fmt
from pipelines.reporting.effect_rows import ForestRows
from pipelines.reporting.passport import FigurePassport
from pipelines.reporting.services import Service
from pipelines.reporting.site.effects import gate
from pipelines.reporting.site.figure import PageContext
from pipelines.reporting.tables import Column, Rows

EFFECT_COLUMNS = (
    Column("what", "Outcome"),
    Column("month", "Months", "count"),
    Column("population", "People"),
    Column("estimator", "Estimate"),
    Column("scale_name", "Scale"),
    Column("exposed_observed_count", "Scored, first side", "count"),
    Column("comparator_observed_count", "Scored, second side", "count"),
    Column("exposed_level", "First side", "estimate"),
    Column("comparator_level", "Second side", "estimate"),
    Column("estimate", "Difference or ratio", "estimate"),
    Column("estimate_low", "95% interval from", "estimate"),
    Column("estimate_high", "to", "estimate"),
    Column("p_value", "p", "p"),
    Column("p_value_holm", "p, Holm", "p"),
    Column("is_primary", "Main"),
    Column("withheld_reason", "Withheld because"),
)
SCALES = {
    "mean_difference": "points",
    "risk_difference": "share of people",
    "risk_ratio": "ratio of shares",
    "time_lost_difference_days": "days lost on average",
}


def described(service: Service, rows: Rows) -> Rows:
    """Put the codes of estimates into words."""
    by_id = {what.outcome_id: what for what in service.outcomes}
    found = []
    for row in rows:
        what = by_id.get(row["outcome_id"])
        scale = row["scale"].removeprefix("interaction_")
        found.append(
            {
                **row,
                "what": what.name if what else row["outcome_id"],
                "month": what.month if what else None,
                "population": POPULATIONS.get(
                    row["population_id"], fmt.humanise(row["population_id"])
                ),
                "estimator": service_rows.specification(row),
                "scale_name": (
                    "difference of the differences, " * (scale != row["scale"])
                )
                + SCALES.get(scale, fmt.humanise(scale)),
                "scale": scale,
            }
        )
    return tuple(found)


POPULATIONS = {
    "all": "Everyone",
    "chronic": "Depressed for two years or more",
    "not_chronic": "Depressed for less than two years",
    "treatment_resistant": "Treatment-resistant",
    "not_treatment_resistant": "Not treatment-resistant",
    "severe": "Severe at the start",
    "not_severe": "Not severe at the start",
}
"""Groups of people in words."""


def passport(
    page: PageContext, service: Service, measure: str, rows: Rows
) -> FigurePassport:
    """Fill in the passport of a figure of one service comparison."""
    return page.figure_passport(
        measure=measure,
        version=service.comparison.version,
        population=service.row["population"],
        diagnostics=gate(rows) if rows else "none: words of the protocol",
        rows=rows,
    )


def forest_spec(data: ForestRows | None, title: str) -> Mapping[str, Any] | None:
    """Return a forest plot; None without rows."""
    if data is None:
        return None
    description = f"Forest plot. {title}. The table holds every estimate."
    return charts.spec(charts.forest(data, description=description))
