"""Read the people of a comparison from its mart, in a pinned order, and check them."""

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.compare.gate import Rule
from pipelines.compare.protocols import Outcome, Protocol
from pipelines.errors import EstimateFailedError

COLUMNS = (
    "source",
    "episode_id",
    "patient_id",
    "cluster_id",
    "arm",
    "instrument",
    "baseline_points",
    "follow_up_month",
    "points",
    "is_exposed",
    "is_randomised",
    "is_on_medication_at_start",
    "is_current_episode_over_6_months",
    "is_response_eligible",
    "is_response",
)
"""What is read of `marts.cmp_<comparison_id>`: one row per eligible episode,
instrument and scheduled follow-up, points null where not observed."""


def read(
    con: duckdb.DuckDBPyConnection, protocol: Protocol
) -> tuple[pl.DataFrame | None, str]:
    """Read a comparison's rows, ordered by key.

    Args:
        con: The build.
        protocol: Names the mart and the arms.

    Returns:
        The rows and an empty string; or None and a sentence that says why there are
        none.

    Raises:
        EstimateFailedError: The mart breaks its contract: a column is missing, a key
            is repeated, or an arm is not one of the protocol's. The message counts
            rows and never repeats a value.
    """
    table = f"cmp_{protocol.comparison_id}"
    found = con.execute(
        "select column_name from information_schema.columns "
        "where table_schema = 'marts' and table_name = ?",
        [table],
    ).fetchall()
    if not found:
        return None, f"The mart {table} was not built, so nothing is compared."
    missing = sorted(set(COLUMNS) - {name for (name,) in found})
    if missing:
        raise EstimateFailedError(
            f"marts.{table} lacks the column(s) {', '.join(missing)}.\n"
            f"Mend dbt_project/models/marts/{table}.sql and its contract."
        )
    rows = con.sql(
        f"select {', '.join(COLUMNS)} from marts.{table} "  # both are our own names
        "order by source, episode_id, instrument, follow_up_month"
    ).pl()
    if rows.is_empty():
        return None, f"The mart {table} has no rows: nobody is eligible."
    _refuse_broken_rows(rows, protocol, table)
    return rows, ""


def _refuse_broken_rows(rows: pl.DataFrame, protocol: Protocol, table: str) -> None:
    known = rows["arm"].is_in([protocol.exposed.arm, protocol.comparator.arm])
    matches = rows["is_exposed"] == (rows["arm"] == protocol.exposed.arm)
    faults = {
        "repeat an episode, instrument and month": rows.select(
            "episode_id", "instrument", "follow_up_month"
        )
        .is_duplicated()
        .sum(),
        "have an arm that the protocol does not know": (~known.fill_null(False)).sum(),
        "have is_exposed at odds with their arm": (~matches.fill_null(False)).sum(),
        "have no patient_id": rows["patient_id"].null_count(),
    }
    found = [f"  - {count} row(s) {what}" for what, count in faults.items() if count]
    if found:
        raise EstimateFailedError(
            f"marts.{table} breaks its contract in {rows.height} rows:\n"
            + "\n".join(found)
            + f"\nMend dbt_project/models/marts/{table}.sql."
        )


def rules(rows: pl.DataFrame, protocol: Protocol) -> list[Rule]:
    """Apply what must hold for the whole comparison, whatever the outcome.

    Args:
        rows: From `read`.
        protocol: Its design decides whether everyone must be randomised.

    Returns:
        One rule each: a single source (people of several sources are not pooled
        without a plan for it), one episode per person, and, by design, everyone
        randomised.
    """
    sources = rows["source"].n_unique()
    per_person = rows.group_by("patient_id").agg(
        pl.col("episode_id").n_unique().alias("episodes"),
        pl.col("is_randomised").fill_null(False).all(),
    )
    people = per_person.height
    repeated = per_person.filter(pl.col("episodes") > 1).height
    checked = [
        Rule(
            "single_source",
            None,
            float(sources),
            None,
            1.0,
            sources == 1,
            "Everyone comes from one source."
            if sources == 1
            else f"People come from {sources} sources, and the protocol does not say "
            "how to put several together.",
        ),
        Rule(
            "one_episode_per_person",
            None,
            float(repeated),
            None,
            0.0,
            repeated == 0,
            "Everyone is in the comparison once."
            if repeated == 0
            else f"{repeated} of {people} people have more than one eligible episode, "
            "and these estimators take each person once.",
        ),
    ]
    if protocol.design == "randomised":
        not_randomised = per_person.filter(~pl.col("is_randomised")).height
        checked.append(
            Rule(
                "everyone_randomised",
                None,
                float(not_randomised),
                None,
                0.0,
                not_randomised == 0,
                "Everyone was allocated at random."
                if not_randomised == 0
                else f"{not_randomised} of {people} people were not allocated at "
                "random, which this protocol's design asks for.",
            )
        )
    return checked


def clusters(rows: pl.DataFrame) -> Rule:
    """Say whether people share a cluster (their clinician), without gating on it.

    Args:
        rows: From `read`.
    """
    people, groups = rows["patient_id"].n_unique(), rows["cluster_id"].n_unique()
    return Rule(
        "clusters",
        None,
        float(groups),
        float(people),
        None,
        groups >= people,
        "Each person is a cluster."
        if groups >= people
        else "People share clusters; the standard errors here do not allow for that.",
    )


def unplanned(rows: pl.DataFrame, protocol: Protocol) -> Rule:
    """Count the follow-ups in the data that no outcome of the protocol names.

    They are drawn in the curves and estimated nowhere, except that the mixed model
    takes every follow-up of its questionnaire.

    Args:
        rows: From `read`.
        protocol: Its outcomes.
    """
    planned = {(one.instrument, one.follow_up_month) for one in protocol.outcomes}
    present = set(rows.select("instrument", "follow_up_month").unique().iter_rows())
    left_out = len(present - planned)
    return Rule(
        "follow_ups_outside_the_protocol",
        None,
        float(left_out),
        None,
        0.0,
        left_out == 0,
        "Pairs of questionnaire and month in the data that the protocol does not name.",
    )


def for_outcome(rows: pl.DataFrame, outcome: Outcome) -> pl.DataFrame:
    """Keep the rows of an outcome: who could have it, observed or not.

    Args:
        rows: From `read`.
        outcome: With a month, one row per person comes back; without, one per
            person and follow-up. For response, only people eligible for it.

    Returns:
        The rows with a column `value`: the score, or response as 1 and 0; null where
        not observed.
    """
    kept = rows.filter(pl.col("instrument") == outcome.instrument)
    if outcome.follow_up_month is not None:
        kept = kept.filter(pl.col("follow_up_month") == outcome.follow_up_month)
    if outcome.measure == "response":
        kept = kept.filter(pl.col("is_response_eligible").fill_null(False))
        return kept.with_columns(pl.col("is_response").cast(pl.Float64).alias("value"))
    return kept.with_columns(pl.col("points").cast(pl.Float64).alias("value"))


def as_floats(column: pl.Series) -> NDArray[np.float64]:
    """Return a column as floats, shape (n,): flags become 1 and 0, nulls NaN."""
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
