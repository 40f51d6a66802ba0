"""Plant faults in one block's rows, and note where.

A fault is planted with random numbers of its own, so that a kind added later moves no
other. No row carries two faults, a patient whose own row is spoiled carries no other,
and a site whose pattern is the fault is left alone by others: what follows from one
fault is not counted for another.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.intake.feeds import FEEDS

FAULTS_PER_BLOCK = 6
"""Faults of each kind in a full block of patients; fewer in a smaller one."""

MARK = "_fault_id"

TAKEN = ""
"""Mark of a row that no fault may change: the original of a copy, or part of a pattern."""

KEY_COLUMNS = {
    "fault_id": pl.String,
    "kind": pl.String,
    "feed": pl.String,
    "row_key": pl.String,
    "row_position": pl.Int64,
    "column_name": pl.String,
    "rows_count": pl.Int64,
    "expected_check": pl.String,
    "starts_on": pl.Date,
}
"""The answer key; row_position is 1 for the first row of the file and null for a fault
of many rows or of none (rows that are missing). starts_on is the first day of the month
that a pattern concerns, and null for every other fault."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault that is planted in rows."""

    kind: str
    feed: str
    column: str
    what: str
    """What is wrong, in one sentence."""

    plant: Callable[["Planter", "Fault"], None]
    expected: str = ""
    """Check that names it, as `<table>.<check_id>`: a rule of the contract, which refuses
    the row, or a check that counts. Empty if there is none today; then nothing that is
    said of the row counts as naming it."""

    mistaken_by: str = ""
    """Check that counts it as something else, so that the reader looks in the wrong
    place; kinds that rightly expect that check are not credited with these rows."""


class Planter:
    """The feeds of one block, as text, and the faults planted in them so far."""

    def __init__(
        self, frames: dict[str, pl.DataFrame], seed: int, block: int, count: int
    ) -> None:
        self.frames = {
            feed: as_text(frame).with_columns(pl.lit(None, pl.String).alias(MARK))
            for feed, frame in frames.items()
        }
        self.block = block
        self.count = count
        self._seed = seed
        self._spoiled: list[str] = []
        self._patterns: list[dict] = []

    def random(self, kind: str) -> np.random.Generator:
        """Return the random numbers of one kind of fault."""
        return np.random.default_rng(
            [self._seed, self.block, zlib.crc32(kind.encode())]
        )

    def random_of_service(self, kind: str) -> np.random.Generator:
        """Return the random numbers that one kind of fault has in every block."""
        return np.random.default_rng([self._seed, zlib.crc32(kind.encode())])

    def pick(
        self, fault: Fault, where: pl.Expr | None = None, feed: str = "", count: int = 0
    ) -> pl.DataFrame:
        """Choose rows that carry no fault yet; returns them with `index` and `nth`."""
        rows = self.frames[feed or fault.feed].with_row_index()
        free = rows.filter(pl.col(MARK).is_null(), self._is_sound(rows))
        if where is not None:
            free = free.filter(where)
        wanted = min(count or self.count, free.height)
        chosen = self.random(fault.kind).choice(free.height, wanted, replace=False)
        return free[np.sort(chosen)].with_row_index("nth")

    def change(
        self, fault: Fault, rows: pl.DataFrame, feed: str = "", **values: object
    ) -> None:
        """Set columns of chosen rows; each row is one fault of the kind."""
        name = feed or fault.feed
        frame = self.frames[name]
        made = rows.select(
            pl.col("index").cast(pl.Int64),
            self._fault_id(fault).alias(MARK),
            *(_text(value).alias(column) for column, value in values.items()),
        )
        indexed = frame.with_row_index().with_columns(pl.col("index").cast(pl.Int64))
        self.frames[name] = _set(indexed, made)
        if name == "patients":
            self._spoiled += rows["patient_id"].to_list()

    def add(self, fault: Fault, rows: pl.DataFrame, **values: object) -> None:
        """Append copies of chosen rows under keys of their own."""
        frame = self.frames[fault.feed]
        key = FEEDS[fault.feed].key
        values = {
            key: pl.col(key) + f"{fault.kind[:3]}" + pl.col("nth").cast(pl.String),
            **values,
        }
        copies = rows.with_columns(
            self._fault_id(fault).alias(MARK),
            *(_text(value).alias(column) for column, value in values.items()),
        )
        self.frames[fault.feed] = pl.concat([frame, copies.select(frame.columns)])

    def note(
        self,
        fault: Fault,
        subject: str,
        rows_count: int,
        starts_on: date | None = None,
    ) -> None:
        """Note a fault that is a pattern over many rows."""
        self._patterns.append(
            {
                "fault_id": f"{fault.kind}_{self.block}",
                "kind": fault.kind,
                "feed": fault.feed,
                "row_key": subject,
                "row_position": None,
                "column_name": fault.column,
                "rows_count": rows_count,
                "expected_check": fault.expected or None,
                "starts_on": starts_on,
            }
        )

    def sound_patients(self) -> list[str]:
        """Return the patients whose own row carries no fault, in order."""
        rows = self.frames["patients"].filter(pl.col(MARK).is_null())
        return rows["patient_id"].unique().sort().to_list()

    def take(self, feed: str, rows: pl.DataFrame) -> None:
        """Keep chosen rows as they are: no fault may change them."""
        self.take_where(feed, pl.int_range(pl.len()).is_in(rows["index"].implode()))

    def take_where(self, feed: str, where: pl.Expr) -> None:
        """Keep every row that meets a condition as it is."""
        self.frames[feed] = self.frames[feed].with_columns(
            pl.when(where).then(pl.lit(TAKEN)).otherwise(MARK).alias(MARK)
        )

    def clean(self) -> dict[str, pl.DataFrame]:
        """Return the feeds, faults in them, without the marks."""
        return {feed: frame.drop(MARK) for feed, frame in self.frames.items()}

    def key(self, faults: tuple[Fault, ...]) -> pl.DataFrame:
        """Return the answer key of this block."""
        described = pl.DataFrame(
            [
                {
                    "kind": fault.kind,
                    "column_name": fault.column,
                    "expected_check": fault.expected or None,
                }
                for fault in faults
            ],
            schema={
                name: pl.String for name in ("kind", "column_name", "expected_check")
            },
        )
        found = [pl.DataFrame(self._patterns, schema=KEY_COLUMNS)]
        for feed, frame in self.frames.items():
            marked = frame.with_row_index("row_position", offset=1).filter(
                pl.col(MARK) != TAKEN
            )
            found.append(
                marked.select(
                    pl.col(MARK).alias("fault_id"),
                    pl.col(MARK).str.replace(r"_\d+_\d+$", "").alias("kind"),
                    pl.lit(feed).alias("feed"),
                    pl.col(FEEDS[feed].key).alias("row_key"),
                    pl.col("row_position").cast(pl.Int64),
                    pl.lit(1, pl.Int64).alias("rows_count"),
                    pl.lit(None, pl.Date).alias("starts_on"),
                )
                .join(described, on="kind", how="left", maintain_order="left")
                .select(*KEY_COLUMNS)
            )
        return pl.concat(found)

    def _fault_id(self, fault: Fault) -> pl.Expr:
        return pl.format("{}_{}_{}", pl.lit(fault.kind), pl.lit(self.block), "nth")

    def _is_sound(self, rows: pl.DataFrame) -> pl.Expr:
        if "patient_id" not in rows.columns:
            return pl.lit(True)
        return ~pl.col("patient_id").is_in(self._spoiled)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with every column as text, as a careless export has it."""
    return frame.with_columns(pl.all().cast(pl.String))


def day(column: str) -> pl.Expr:
    """Read a day from a column of text."""
    return pl.col(column).str.to_date(strict=False)


def days_later(column: str, days: int) -> pl.Expr:
    """Return the day some days after that of a column, as text."""
    return (day(column) + pl.duration(days=days)).dt.to_string("iso:strict")


def number(column: str) -> pl.Expr:
    """Read a number from a column of text."""
    return pl.col(column).cast(pl.Float64, strict=False)


def whole(value: pl.Expr) -> pl.Expr:
    """Return a number as the text of a whole one."""
    return value.cast(pl.Int64).cast(pl.String)


def _text(value: object) -> pl.Expr:
    if isinstance(value, pl.Expr):
        return value.cast(pl.String)
    return pl.lit(value, pl.String)


def _set(frame: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Replace columns in the rows whose index `made` holds, nulls included."""
    names = [name for name in made.columns if name != "index"]
    joined = frame.join(
        made.with_columns(pl.lit(True).alias("_is_set")),
        on="index",
        how="left",
        suffix="_made",
        maintain_order="left",
    )
    return joined.with_columns(
        pl.when("_is_set").then(f"{name}_made").otherwise(name).alias(name)
        for name in names
    ).select(c for c in frame.columns if c != "index")


def changed(where: pl.Expr | None = None, **values: object) -> Callable:
    """Return a planter that sets columns of chosen rows."""

    def plant(planter: Planter, fault: Fault) -> None:
        planter.change(fault, planter.pick(fault, where), **values)

    return plant
