"""A source whose earlier loads, and the delivery that is compared, are profiles."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.intake import raw
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import comparing, profile
from pipelines.intake.drift.limits import Drift
from pipelines.intake.sources import Source

Cell = tuple[str, str, str, str, int, int | None]
"""feed, measure, grain, part, counted, tested: a row of `profile`."""


def month_end(number: int) -> date:
    """Return the last day of a month, counted from January 2025 as 0."""
    following = date(2025 + (number + 1) // 12, (number + 1) % 12 + 1, 1)
    return following - timedelta(days=1)


def source(kind: str) -> Source:
    """Return a source of the kind; nothing of it is read."""
    texts = dict.fromkeys(
        ("owner", "contact", "namespace", "csv_delimiter", "csv_encoding"), "clinic"
    )
    return Source(
        name="clinic",
        kind=kind,
        date_mode="calendar",
        expected_every_days=31,
        optional_feeds=(),
        csv_decimal=".",
        disclosure_profile="default",
        adapters={},
        fingerprint="",
        **texts,
    )


@dataclass
class History:
    """Loads of one source, monthly, each covering up to the end of its month."""

    kind: str = "increment"
    drift: Drift = field(default_factory=Drift)
    loads: int = 0
    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def __post_init__(self) -> None:
        self.con.execute("attach ':memory:' as raw")
        self.con.execute(f"use raw; {raw.BOOKKEEPING}; {comparing.BOOKKEEPING}")
        self.con.execute("use memory")

    def add(self, cells: list[Cell], accepted: bool = True) -> None:
        """Add a load with these cells."""
        day = month_end(self.loads)
        self.con.execute(
            "insert into raw.loads (load_id, files_id, source, kind, extracted_at, "
            "data_to, accepted_at) values (?, ?, 'clinic', ?, ?, ?, ?)",
            [
                f"load_{self.loads}",
                f"files_{self.loads}",
                self.kind,
                day + timedelta(days=1),
                day,
                day + timedelta(days=2) if accepted else None,
            ],
        )
        # A load without the cell has a profile all the same.
        for cell in [("sites", "rows", "", "", 1, None), *cells]:
            self.con.execute(
                "insert into raw.load_profiles values (?, ?, ?, ?, ?, ?, ?)",
                [f"load_{self.loads}", *cell],
            )
        self.loads += 1

    def add_many(self, cells: list[Cell], count: int) -> None:
        """Add loads that are all alike."""
        for _ in range(count):
            self.add(cells)

    def compare(
        self, cells: list[Cell], name: str, files_id: str = "now"
    ) -> list[tuple]:
        """Return the cells of one comparison of the next delivery.

        grain, earlier_value, value, limit_value, is_beyond of each, by grain.
        """
        day = month_end(self.loads)
        delivery = Delivery(
            source=source(self.kind),
            folder=Path("2025-01-01"),
            files=(),
            extracted_at=datetime.combine(day + timedelta(days=1), datetime.min.time()),
            data_to=day,
            declared_rows={},
            files_id=files_id,
            content_id=files_id,
            load_id="now",
        )
        self.con.execute(f"create or replace table profile {profile.TABLE}")
        for cell in cells:
            self.con.execute("insert into profile values (?, ?, ?, ?, ?, ?)", cell)
        return (
            comparing.compare(self.con, delivery, self.drift, (name,))
            .execute(
                "select grain, earlier_value, value, limit_value, is_beyond "
                "from drift order by measure, grain"
            )
            .fetchall()
        )


def beyond(found: list[tuple]) -> list[str]:
    """Return the grains of the cells that are beyond their limit."""
    return [row[0] for row in found if row[-1]]
