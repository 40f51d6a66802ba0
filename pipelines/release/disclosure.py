"""Keep small numbers of people out of reports.

The primary rule, on each count and on what is left of its total: a count from 1
to one below the minimum is hidden, and so is everything in its row that was made
from it. Zero may be shown. Counts that stay are rounded, rates are made from the
rounded counts, and the rule holds for the rounded counts too. Complementary suppression is not applied yet: see
docs/privacy.md for what that means.
"""

from dataclasses import dataclass

import duckdb

from pipelines.errors import UsageError
from pipelines.settings import Disclosure

PUBLIC_DATA = "public_data"
"""Figures that are public already: nothing is hidden and the page says so."""

PROFILES = ("default", PUBLIC_DATA)
COARSE_DECIMALS = 2
REASON_WITHOUT_COUNTS = (
    "The data do not support it: too few people have the outcome, or too many are "
    "without it. How many is hidden."
)
"""What stands for a reason that would tell counts of people."""


@dataclass(frozen=True)
class Cell:
    """A count of people in a report's row."""

    count: str
    """Column."""

    total: str | None = None
    """Column with the count it is part of; none if it is part of nothing."""

    reveals: tuple[str, ...] = ()
    """Columns that go when this count goes."""


@dataclass(frozen=True)
class Rate:
    """A rate that is made from two shown counts."""

    name: str
    count: str
    total: str


@dataclass(frozen=True)
class Sum:
    """A count that is the sum of counts shown beside it."""

    name: str
    parts: tuple[str, ...]


def choose_profile(con: duckdb.DuckDBPyConnection, disclosure: Disclosure) -> str:
    """Return the profile of a release: the settings', else the strictest source's.

    What a source says of itself is what its newest accepted load said.

    Args:
        con: A build, with staging.stg_loads.
        disclosure: The home's settings.

    Raises:
        UsageError: settings.toml names a profile we do not have, or `public_data`
            for sources that are not public.
    """
    sent = {
        row[0]
        for row in con.execute(
            "select disclosure_profile from staging.stg_loads "
            "qualify row_number() over (partition by source "
            "order by accepted_at desc, load_id desc) = 1"
        ).fetchall()
    }
    strictest = PUBLIC_DATA if sent == {PUBLIC_DATA} else "default"
    chosen = disclosure.profile or strictest
    if chosen not in PROFILES:
        raise UsageError(
            f"settings.toml: [disclosure] profile must be one of {', '.join(PROFILES)}."
        )
    if chosen == PUBLIC_DATA and strictest != PUBLIC_DATA:
        raise UsageError(
            "settings.toml asks for the profile public_data, but not every source "
            "is public. Take the line out, or say so in each source.yml."
        )
    return chosen


def smallest_shown(profile: str, disclosure: Disclosure) -> int:
    """Return the smallest count of people that may be shown; 1 if nothing is hidden."""
    return 1 if profile == PUBLIC_DATA else disclosure.minimum_cell_count


def shown_count(count: int, profile: str, disclosure: Disclosure) -> int | None:
    """Return a single count as it may be shown; None if it is hidden.

    Examples:
        >>> [shown_count(n, "default", Disclosure()) for n in (0, 3, 12, 97)]
        [0, None, None, 95]
        >>> shown_count(3, PUBLIC_DATA, Disclosure())
        3
    """
    if profile == PUBLIC_DATA:
        return count
    base, minimum = disclosure.rounding_base, disclosure.minimum_cell_count
    rounded = base * ((2 * count + base) // (2 * base))
    is_small = 0 < count < minimum or 0 < rounded < minimum
    return None if is_small else rounded


def protect(
    query: str,
    columns: list[str],
    cells: tuple[Cell, ...],
    rates: tuple[Rate, ...],
    coarse: tuple[str, ...],
    told: tuple[str, ...],
    sums: tuple[Sum, ...],
    profile: str,
    disclosure: Disclosure,
) -> str:
    """Return SQL that yields a report's rows with small numbers taken out.

    Args:
        query: The report's rows, unprotected.
        columns: Names of its columns, in order.
        cells: Its counts of people.
        rates: Rates to make from the counts that stay.
        coarse: Figures to round to two decimals, so that an exact count cannot be
            worked back from them.
        told: Sentences that may tell counts; replaced by one that does not.
        sums: Counts to add up again from the counts that stay.
        profile: `default` or `public_data`.
        disclosure: Minimum and rounding base.

    Returns:
        A SELECT with the same columns, then the rates, then `is_suppressed`.
    """
    minimum = smallest_shown(profile, disclosure)
    base = 1 if profile == PUBLIC_DATA else disclosure.rounding_base
    hidden_by = {column: [] for column in columns}
    for cell in cells:
        small = _is_small(cell, minimum, base)
        for column in (cell.count, *cell.reveals):
            hidden_by[column].append(small)
    counts = {cell.count for cell in cells}
    shown = []
    for column in columns:
        value = f'"{column}"'
        if column in counts and base > 1:
            value = _rounded(value, base)
        if column in coarse and profile != PUBLIC_DATA:
            value = f"round({value}, {COARSE_DECIMALS})"
        if column in told and profile != PUBLIC_DATA:
            value = f"case when {value} is not null then '{REASON_WITHOUT_COUNTS}' end"
        if hidden_by[column]:
            value = f"case when not ({' or '.join(hidden_by[column])}) then {value} end"
        shown.append(f'{value} as "{column}"')
    suppressed = " or ".join(_is_small(c, minimum, base) for c in cells) or "false"
    made = [
        f'round("{rate.count}" / nullif("{rate.total}", 0), 6) as "{rate.name}"'
        for rate in rates
    ]
    added = {
        total.name: " + ".join(f'"{part}"' for part in total.parts) for total in sums
    }
    kept = ", ".join(
        [f'{added.get(column, _name(column))} as "{column}"' for column in columns]
        + made
    )
    return (
        f"with report as ({query}), protected as (select {', '.join(shown)}, "
        f"({suppressed}) as is_suppressed from report) "
        f"select {kept}, is_suppressed from protected"
    )


def _is_small(cell: Cell, minimum: int, base: int) -> str:
    """SQL condition: the count, or what is left of its total, is 1 to minimum - 1.

    As it is, or as it would be shown.
    """
    count = f'"{cell.count}"'
    parts = [count, _rounded(count, base)]
    if cell.total:
        total = f'"{cell.total}"'
        parts += [
            f"{total} - {count}",
            f"{_rounded(total, base)} - {_rounded(count, base)}",
        ]
    tests = (f"({part}) between 1 and {minimum - 1}" for part in dict.fromkeys(parts))
    return f"coalesce({' or '.join(tests)}, false)"


def _name(column: str) -> str:
    return f'"{column}"'


def _rounded(value: str, base: int) -> str:
    return value if base == 1 else f"(round({value} / {base}.0) * {base})::bigint"
