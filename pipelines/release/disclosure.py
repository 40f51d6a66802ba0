"""Keep small numbers of people out of reports.

The primary rule, on each count, on what is left of its total and on the difference
of two counts of one row: a count from 1 to one below the minimum is hidden, and so
is everything in its row that was made from it. Zero may be shown. Counts that stay
are rounded, rates are made from the rounded counts, and the rule holds for the
rounded counts too. Complementary suppression is not applied yet: see docs/privacy.md
for what that means.
"""

import duckdb

from pipelines.errors import UsageError
from pipelines.release.cells import Cell, Difference, Rate, Status, Sum, Told
from pipelines.settings import Disclosure

PUBLIC_DATA = "public_data"
"""Figures that are public already: nothing is hidden and the page says so."""

PROFILES = ("default", PUBLIC_DATA)
COARSE_DECIMALS = 2
READABLE = ("shown", "amber")
"""Status of a rate that may be read."""

REASON_WITHOUT_COUNTS = (
    "The data do not support it: too few people have the outcome, or too many are "
    "without it. How many is hidden."
)
"""What stands for a reason that would tell counts of people."""


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
    told: tuple[Told, ...],
    sums: tuple[Sum, ...],
    profile: str,
    disclosure: Disclosure,
    differences: tuple[Difference, ...] = (),
    status: Status | None = None,
) -> str:
    """Return SQL that yields a report's rows with small numbers taken out.

    Args:
        query: The report's rows, unprotected.
        columns: Names of its columns, in order.
        cells: Its counts of people.
        rates: Rates to make from the counts that stay.
        coarse: Figures to round to two decimals, so that an exact count cannot be
            worked back from them.
        told: Sentences that may tell counts; replaced by one that tells none.
        sums: Counts to add up again from the counts that stay.
        profile: `default` or `public_data`.
        disclosure: Minima and rounding base.
        differences: Its counts whose difference is a count of people.
        status: Whether its rate may be read; none if it has no such word.

    Returns:
        A SELECT with the same columns, then the status, the rates and
        `is_suppressed`.
    """
    minimum = smallest_shown(profile, disclosure)
    base = 1 if profile == PUBLIC_DATA else disclosure.rounding_base
    clinicians = 1 if profile == PUBLIC_DATA else disclosure.minimum_clinicians
    given = [*columns, *([status.name] if status else [])]
    hidden_by = {column: [] for column in given}
    small_parts = []
    for cell in cells:
        small = (
            _between(_name(cell.count), clinicians)
            if cell.is_of_clinicians
            else _is_small(cell, minimum, base)
        )
        small_parts.append(small)
        for column in (cell.count, *cell.reveals):
            hidden_by[column].append(small)
    for difference in differences:
        small = _is_small_difference(difference, minimum, base)
        small_parts.append(small)
        for column in difference.hides:
            hidden_by[column].append(small)
    if status:
        unreadable = f"({_judged(status, base)}) not in {READABLE}"
        for column in status.hides:
            hidden_by[column].append(unreadable)
    counts = {cell.count for cell in cells}
    sentences = {sentence.column: sentence for sentence in told}
    shown = []
    for column in given:
        value = _name(column)
        if status and column == status.name:
            value = _judged(status, base)
        if column in counts and base > 1:
            value = _rounded(value, base)
        if column in coarse and profile != PUBLIC_DATA:
            value = f"round({value}, {COARSE_DECIMALS})"
        if column in sentences and profile != PUBLIC_DATA:
            value = _without_counts(sentences[column])
        if hidden_by[column]:
            value = f"case when not ({' or '.join(hidden_by[column])}) then {value} end"
        shown.append(f'{value} as "{column}"')
    suppressed = " or ".join(small_parts) or "false"
    made = [
        f'round("{rate.count}" / nullif("{rate.total}", 0), 6) as "{rate.name}"'
        for rate in rates
    ]
    added = {
        total.name: " + ".join(f'"{part}"' for part in total.parts) for total in sums
    }
    kept = ", ".join(
        [f'{added.get(column, _name(column))} as "{column}"' for column in given] + made
    )
    return (
        f"with report as ({query}), protected as (select {', '.join(shown)}, "
        f"({suppressed}) as is_suppressed from report) "
        f"select {kept}, is_suppressed from protected"
    )


def _without_counts(sentence: Told) -> str:
    """SQL for the sentence that stands for one that may tell counts."""
    fallback = f"'{sentence.fallback}'" if sentence.fallback else "null"
    otherwise = _name(sentence.otherwise) if sentence.otherwise else "null"
    return (
        f"case when {_name(sentence.column)} is not null "
        f"then coalesce({otherwise}, {fallback}) end"
    )


def _is_small(cell: Cell, minimum: int, base: int) -> str:
    """SQL condition: the count, or what is left of its total, is 1 to minimum - 1.

    As it is, or as it would be shown.
    """
    count = _name(cell.count)
    parts = [count, _rounded(count, base)]
    if cell.total:
        total = _name(cell.total)
        parts += [
            f"{total} - {count}",
            f"{_rounded(total, base)} - {_rounded(count, base)}",
        ]
    tests = (_between(part, minimum) for part in dict.fromkeys(parts))
    return f"({' or '.join(tests)})"


def _is_small_difference(difference: Difference, minimum: int, base: int) -> str:
    """SQL condition: two counts, or what is shown of them, are 1 to minimum - 1 apart."""
    one, other = map(_name, difference.counts)
    apart = (
        _between(f"abs({one} - {other})", minimum),
        _between(f"abs({_rounded(one, base)} - {_rounded(other, base)})", minimum),
    )
    return f"({' or '.join(apart)})"


def _between(value: str, minimum: int) -> str:
    """SQL condition, never null: a count is 1 to minimum - 1."""
    return f"coalesce(({value}) between 1 and {minimum - 1}, false)"


def _judged(status: Status, base: int) -> str:
    """SQL for the word, from the counts rounded as they are shown."""
    scored, scorable = (
        _rounded(_name(column), base) for column in (status.scored, status.scorable)
    )
    share = f"({scored} / nullif({scorable}, 0))"
    return (
        f"case when {_rounded(_name(status.units), base)} < {status.units_from} "
        f"then 'too_few' when {status.amber_below} is null then 'shown' "
        f"when coalesce({share}, 0) < {status.suppressed_below} then 'too_incomplete' "
        f"when {share} < {status.amber_below} then 'amber' else 'shown' end"
    )


def _name(column: str) -> str:
    return f'"{column}"'


def _rounded(value: str, base: int) -> str:
    return value if base == 1 else f"(round({value} / {base}.0) * {base})::bigint"
