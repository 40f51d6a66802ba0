"""Read the units of a wide mart, check them, and take the sample of one outcome."""

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare.gate import Rule
from pipelines.compare.protocols import Arm, ColumnOutcome, Protocol
from pipelines.compare.stopping import restricted_cubic_spline
from pipelines.errors import EstimateFailedError

KEYS = ("unit_id", "patient_id", "cluster_id", "source", "arm", "is_exposed")
"""What every wide mart has, beside covariates, outcomes and flags of who is due."""

STOPS = ("stop_week", "is_stop_censored", "remitted_week")
"""What the mart of a sustained comparison has as well."""


def followed(outcome: ColumnOutcome) -> tuple[str, str, str]:
    """Name what the mart of a time to an event tells of how closely people were seen.

    Scores, the days from day 0 to the last of them, and whether a score given because
    somebody had come back showed the event.
    """
    return (
        f"scores_{outcome.month}mo_count",
        f"scored_{outcome.month}mo_days",
        "is_found_at_return",
    )


@dataclass(frozen=True)
class Sample:
    """The units that could have an outcome by the end of the data.

    Attributes:
        frame: One row per unit.
        values: The outcome, NaN where not observed; shape (n,).
        is_observed: Shape (n,).
    """

    frame: pl.DataFrame
    values: NDArray[np.float64]
    is_observed: NDArray[np.bool_]

    @property
    def is_exposed(self) -> NDArray[np.bool_]:
        """Whether each unit has the exposed arm; shape (n,)."""
        return self.frame["is_exposed"].to_numpy().astype(bool)

    @property
    def cluster(self) -> NDArray:
        """Whose patient each unit is; shape (n,)."""
        return self.frame["cluster_id"].to_numpy()

    def only(self, keep: NDArray[np.bool_]) -> "Sample":
        """Return the units marked True."""
        return Sample(
            self.frame.filter(pl.Series(keep)),
            self.values[keep],
            self.is_observed[keep],
        )


def read(
    con: duckdb.DuckDBPyConnection, protocol: Protocol
) -> tuple[pl.DataFrame | None, str]:
    """Read a comparison's units, ordered by key; of several arms, the pair's.

    Args:
        con: The build.
        protocol: Names the mart and the arms.

    Returns:
        The units and an empty string; or None and a sentence that says why there are
        none.

    Raises:
        EstimateFailedError: The mart breaks its contract: a column is missing, a key
            is repeated or empty. The message counts rows and never repeats a value.
    """
    found = con.execute(
        "select column_name from information_schema.columns "
        "where table_schema = 'marts' and table_name = ?",
        [protocol.mart],
    ).fetchall()
    if not found:
        return None, f"The mart {protocol.mart} was not built, so nothing is compared."
    missing = sorted(_needed(protocol) - {name for (name,) in found})
    if missing:
        raise EstimateFailedError(
            f"marts.{protocol.mart} lacks the column(s) {', '.join(missing)}.\n"
            f"Mend dbt_project/models/marts/{protocol.mart}.sql and its contract, or "
            f"the protocol {protocol.comparison_id}."
        )
    is_sustained = protocol.design == "sustained"
    units = con.execute(
        f"select * from marts.{protocol.mart} where arm in (?, ?) or ? order by unit_id",
        [protocol.exposed.arm, protocol.comparator.arm, is_sustained],
    ).pl()
    if not is_sustained:
        units = units.with_columns(is_exposed=pl.col("arm") == protocol.exposed.arm)
    if units.is_empty():
        return None, f"The mart {protocol.mart} has no rows: nobody is eligible."
    _refuse_broken(units, protocol)
    return units, ""


def count(con: duckdb.DuckDBPyConnection, protocol: Protocol) -> int:
    """Count the units that `read` would read; 0 where it would refuse the mart."""
    has_arms = con.execute(
        "select count(*) from information_schema.columns where table_schema = 'marts' "
        "and table_name = ? and column_name = 'arm'",
        [protocol.mart],
    ).fetchone()[0]
    if not has_arms:
        return 0
    return con.execute(
        f"select count(*) from marts.{protocol.mart} where arm in (?, ?) or ?",
        [
            protocol.exposed.arm,
            protocol.comparator.arm,
            protocol.design == "sustained",
        ],
    ).fetchone()[0]


def _needed(protocol: Protocol) -> set[str]:
    outcomes = [one for one in protocol.outcomes if isinstance(one, ColumnOutcome)]
    return {
        *KEYS,
        *(STOPS if protocol.design == "sustained" else ()),
        *protocol.covariates,
        *(f"is_{name}" for name in protocol.subgroups),
        *(column for one in outcomes for column in one.columns),
        *(one.is_due_column for one in outcomes),
        *(name for one in outcomes if one.is_time for name in followed(one)),
    }


def _refuse_broken(units: pl.DataFrame, protocol: Protocol) -> None:
    faults = {
        "repeat a unit_id": units["unit_id"].is_duplicated().sum(),
        "have no patient_id": units["patient_id"].null_count(),
        "have no cluster_id": units["cluster_id"].null_count(),
    }
    if protocol.design == "sustained":
        faults["have no stop_week"] = units["stop_week"].null_count()
    told = [f"  - {count} row(s) {what}" for what, count in faults.items() if count]
    if told:
        raise EstimateFailedError(
            f"marts.{protocol.mart} breaks its contract in {units.height} rows:\n"
            + "\n".join(told)
            + f"\nMend dbt_project/models/marts/{protocol.mart}.sql."
        )


def sample(units: pl.DataFrame, outcome: ColumnOutcome) -> Sample:
    """Keep the units whose outcome was due by the end of the data.

    Args:
        units: From `read`.
        outcome: One of the protocol's.
    """
    due = units.filter(pl.col(outcome.is_due_column).fill_null(False))
    values = (
        due[outcome.column].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    )
    return Sample(due, values, ~np.isnan(values))


def population(units: pl.DataFrame, population_id: str) -> pl.DataFrame:
    """Keep a population: `all`, a subgroup by its name, or `not_` and that name.

    Who is not known to belong or not to belong is in neither.
    """
    if population_id == "all":
        return units
    name = population_id.removeprefix("not_")
    wanted = population_id == name
    return units.filter(pl.col(f"is_{name}") == wanted)


MOST_RECENT = 4
OLDEST_DAYS = 300.0
"""Age given to the score of somebody without any."""

LAST_SCORE_KNOTS = (0.1, 0.5, 0.9, 1.3, 1.8)
"""In tens of points, where the chance of being observed may bend."""


def seen_before(frame: pl.DataFrame, month: int) -> NDArray[np.float64]:
    """Return terms of the PHQ-9 seen between day 0 and a window; shape (n, 11).

    Who is observed depends on how people fared and on how closely they are followed:
    a spline of the last score (where there is none, the score on day 0), its age, the
    mean score, and how many were recent.

    Args:
        frame: Units.
        month: Of the window.
    """

    def column(name: str) -> NDArray[np.float64]:
        values = frame[f"{name}_before_{month}mo"].cast(pl.Float64)
        return values.fill_null(float("nan")).to_numpy()

    on_day_zero = frame["baseline_phq9_points"].cast(pl.Float64).to_numpy() / 10
    last, mean = column("last_phq9_points") / 10, column("mean_phq9_points") / 10
    is_none = np.isnan(last)
    last, mean = (np.where(is_none, on_day_zero, one) for one in (last, mean))
    age = np.where(is_none, OLDEST_DAYS, column("last_phq9_age_days")) / 100
    recent = np.minimum(column("recent_phq9_count"), MOST_RECENT)
    return np.column_stack(
        [
            *restricted_cubic_spline(last, LAST_SCORE_KNOTS),
            is_none,
            age,
            age * last,
            age**2,
            recent,
            recent > 0,
            mean,
        ]
    ).astype(float)


DESCRIBED = (
    (
        "return_share",
        "is_return_score_12mo",
        "people with a score in the 12-month window because they came back ill; such "
        "scores are left out",
    ),
    ("sessions_mean", "sessions_12mo_count", "treatment sessions within a year, mean"),
    ("reentered_share", "has_reentered", "people who came back into therapy later"),
    ("dropped_out_share", "is_dropped_out", "people whose course ended unplanned"),
)
"""What is told of each arm: diagnostic, column, meaning."""


def described(frame: pl.DataFrame, arm: Arm, members: NDArray[np.bool_]) -> list[Rule]:
    """Return what is told of an arm beside its outcome; nothing is gated here.

    Args:
        frame: One row per unit.
        arm: Whose.
        members: Who has the arm, or follows the strategy; shape (n,).
    """
    of_arm = frame.filter(pl.Series(members))
    return [
        Rule(
            diagnostic_id,
            arm.arm,
            of_arm[column].cast(pl.Float64).mean(),
            None,
            None,
            None,
            f"{arm.label}: {meaning}.",
        )
        for diagnostic_id, column, meaning in DESCRIBED
        if column in of_arm.columns
    ]
