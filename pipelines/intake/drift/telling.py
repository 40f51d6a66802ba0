"""Say in lines how a delivery differs from the ones before it."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

SHARES = (
    "blank_share",
    "code_share",
    "zero_answer_share",
    "known_people_share",
    "kept_patients_share",
    "covered_share",
    "share_up_to_a_total",
)
"""Measures from 0 to 1; the others are counts, points or days."""

NEXT = {
    "earlier_months_are_sent_again": "Once it is loaded, rows of the months before do not "
    "count any more. Does each delivery hold only what is new? Then set `kind: increment` "
    "in source.yml first"
}
"""What to do about a change that takes rows out of every figure, by check."""

SITES_MEASURE = "rows_by_site_and_month"


@dataclass(frozen=True)
class Change:
    """What one check of drift found beyond its limit, told by its furthest cell."""

    feed: str
    check_id: str
    measure: str
    grain: str
    """Column, code or instrument of the contract; empty for sites: no pseudonym is
    told."""

    earlier_value: float
    value: float
    beyond_count: int
    compared_count: int

    def __str__(self) -> str:
        """Say it in a line, with the two figures."""
        newest = ", newest rows" * self.measure.startswith("newest_")
        what = f" ({self.grain}{newest})" if self.grain else ""
        return (
            f"{self.feed}.{self.check_id}{what}: {self._said(self.value)}, where "
            f"{self._said(self.earlier_value)} was expected; "
            f"{self.beyond_count} of {self.compared_count} compared are beyond"
        )

    def _said(self, value: float) -> str:
        if self.measure.removeprefix("newest_") in SHARES:
            return f"{value:.1%}"
        return f"{value:,.1f}" if self.measure == "mean_points" else f"{value:,.0f}"


def changes(landing_file: Path) -> tuple[Change, ...]:
    """Return what is beyond its limit, one per feed and check.

    Args:
        landing_file: Where the delivery is laid out and was compared (`comparing.py`).
    """
    with duckdb.connect(str(landing_file), read_only=True) as con:
        rows = con.execute(
            f"""
            select feed, check_id, measure,
                case when measure = '{SITES_MEASURE}' then '' else grain end,
                earlier_value, value,
                count(*) filter (is_beyond) over one_check,
                count(*) over one_check
            from drift
            window one_check as (partition by feed, check_id)
            qualify is_beyond and row_number() over (
                partition by feed, check_id, is_beyond
                order by abs(value - earlier_value) / nullif(limit_value, 0) desc,
                    measure, grain
            ) = 1
            order by feed, check_id
            """
        ).fetchall()
    return tuple(Change(*row) for row in rows)


def lines(found: tuple[Change, ...]) -> tuple[str, ...]:
    """Say each change in a line, then once what to do first."""
    notes = (NEXT[change.check_id] for change in found if change.check_id in NEXT)
    return (*map(str, found), *dict.fromkeys(notes))


def told(found: tuple[Change, ...]) -> str:
    """Return lines that name the changes, with a heading; nothing if there is none."""
    if not found:
        return ""
    listed = "\n".join(f"  - {line}" for line in lines(found))
    return f"\nAgainst what came before, earlier months too:\n{listed}"
