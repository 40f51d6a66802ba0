"""Count the rows that a check tells of only because another row was refused."""

from pathlib import Path

import polars as pl

from pipelines.simulate.faults.joining import FOLLOWS

FEEDS_OF_COURSES = ("sessions", "assessments")


def without_their_course(delivery: Path, quarantined: pl.DataFrame) -> dict[str, int]:
    """Count the rows that were loaded although their course of care was refused.

    Args:
        delivery: The one delivery, as Parquet, whose rows were refused.
        quarantined: feed and row_position of each refused row.

    Returns:
        Rows by the check that tells of them, as `<table>.<check_id>`.
    """
    refused = _numbered(delivery, "episodes").join(
        _refused(quarantined, "episodes"), on="row_position", how="semi"
    )
    counts = {}
    for feed in FEEDS_OF_COURSES:
        loaded = _numbered(delivery, feed).join(
            _refused(quarantined, feed), on="row_position", how="anti"
        )
        rows = loaded.join(refused, on="episode_id", how="semi").drop("row_position")
        counts[f"stg_{feed}{FOLLOWS}"] = rows.unique().height
    return counts


def _numbered(delivery: Path, feed: str) -> pl.DataFrame:
    frame = pl.read_parquet(delivery / f"{feed}.parquet")
    return frame.with_row_index("row_position", offset=1).cast(
        {"row_position": pl.Int64}
    )


def _refused(quarantined: pl.DataFrame, feed: str) -> pl.DataFrame:
    return quarantined.filter(pl.col("feed") == feed).select("row_position")
