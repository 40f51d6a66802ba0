"""Columns of a feed from arrays: codes to words, days to dates, blanks."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from pipelines.intake.feeds import FEEDS

POLARS_TYPES = {
    "id": pl.String,
    "text": pl.String,
    "code": pl.String,
    "integer": pl.Int32,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


def codes(feed: str, column: str) -> tuple[str, ...]:
    """Return the codes that the contract knows, in its order."""
    return next(c.codes for c in FEEDS[feed].columns if c.name == column)


def frame(feed: str, columns: dict) -> pl.DataFrame:
    """Return a feed's frame: its columns in the contract's order and types.

    Args:
        feed: Name of a feed of the contract.
        columns: Some of its columns; the others are blank.
    """
    contract = FEEDS[feed].columns
    unknown = set(columns) - {column.name for column in contract}
    if unknown:
        raise KeyError(f"not columns of {feed}: {', '.join(sorted(unknown))}")
    height = len(next(iter(columns.values())))
    made = []
    for column in contract:
        kind = POLARS_TYPES[column.kind]
        values = columns.get(column.name)
        if values is None:
            series = pl.Series(column.name, [None], dtype=kind).new_from_index(
                0, height
            )
        else:
            series = values if isinstance(values, pl.Series) else pl.Series(values)
            series = series.cast(kind)
        made.append(series.alias(column.name))
    return pl.DataFrame(made)


def words(names: Sequence[str], codes: np.ndarray) -> pl.Series:
    """Return the name of each code; a code below 0 is blank."""
    listed = pl.Series([*names, None], dtype=pl.String)
    places = np.where(codes < 0, len(names), codes).astype(np.uint32)
    return listed.gather(places)


def dates(
    first_on: str, days: np.ndarray, known: np.ndarray | None = None
) -> pl.Series:
    """Return the date of each day of the data; blank where it is not known."""
    epoch = int(np.datetime64(first_on).astype(np.int64))
    values = (np.asarray(days) + epoch).astype(np.int32)
    return blanked(values, known).cast(pl.Int32).cast(pl.Date)


def blanked(values: np.ndarray, known: np.ndarray | None) -> pl.Series:
    """Return the values, blank where they are not known."""
    if known is None:
        return pl.Series(np.ascontiguousarray(values))
    return pl.from_arrow(pa.array(np.ascontiguousarray(values), mask=~known))


def from_arrow(values: pa.Array, known: np.ndarray | None = None) -> pl.Series:
    """Return a series of text, blank where it is not known."""
    series = pl.from_arrow(values)
    if known is None:
        return series
    keep = pl.Series(known)
    return pl.select(pl.when(keep).then(series)).to_series()
