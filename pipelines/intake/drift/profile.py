"""Count what a delivery is like: rows, blanks, codes, scores, months. No row is kept.

The table `profile` of the landing file holds one row per cell:

- `measure`: rows, people, blank, code, zero_answer, score, month; of a full delivery
  `newest_people`, `newest_blank`, ... too, of its last days (`limits.NEWEST_DAYS`);
- `grain`: the column (`<instrument>.<column>` of a questionnaire), the instrument, or
  the site's pseudonym; empty for the whole feed;
- `part`: the code, the total in points, or the month (YYYY-MM);
- `counted`, `tested`: rows of the cell, and rows that could be in it.

Rows that a row rule refuses, and rows that retire a key, are left out. A feed is read
twice, whatever its size: once for all its columns, once for its months; of a full
delivery its last days once more.
"""

from collections.abc import Iterator
from datetime import date

import duckdb

from pipelines.intake.contract import Column, Feed
from pipelines.intake.landing import LandedFeed

TABLE = """
(feed varchar, measure varchar, grain varchar, part varchar,
    counted bigint, tested bigint)
"""

ALL_SITES = "all sites"
"""Grain of a month's rows at every site together, and at none."""

MONTH_OF = {
    "episodes": ("referred_on", "started_on"),
    "sessions": ("held_on",),
    "assessments": ("completed_on",),
    "medications": ("started_on",),
    "diagnoses": ("recorded_on",),
}
"""The day that places a row in a month: the first of these that is given."""

NEWEST = "newest_"
"""Begins the measures of a full delivery's last days."""

COMPARED_OF_NEWEST = ("people", "blank", "code", "zero_answer")

Cell = tuple[str, str, str, str, int, int | None]


def make(
    con: duckdb.DuckDBPyConnection,
    landed: dict[str, LandedFeed],
    date_mode: str,
    newest_from: date | None = None,
) -> None:
    """Make the table `profile` of a delivery that is laid out.

    Args:
        con: The landing file, open for writing.
        landed: What landed, by feed.
        date_mode: Of a source with relative dates no months are counted.
        newest_from: First of the last days that are counted by themselves as well;
            None counts none.
    """
    con.execute(f"create or replace table profile {TABLE}")
    for item in landed.values():
        cells = list(_cells(con, item))
        day = _day(item)
        if newest_from and day and date_mode == "calendar":
            of_newest = _cells(con, item, f"and {day} >= date '{newest_from}'")
            cells += [
                (feed, f"{NEWEST}{measure}", *rest)
                for feed, measure, *rest in of_newest
                if measure in COMPARED_OF_NEWEST
            ]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(cells))
        con.execute(
            f"insert into profile values {marks}",
            [value for cell in cells for value in cell],
        )
        if "total_points" in item.supplied:
            _add_scores(con, item)
        if date_mode == "calendar" and item.feed.name in MONTH_OF:
            _add_months(con, item, landed)


def _sound(feed: Feed, joined: str = "") -> str:
    """SQL for the rows that will be loaded and say something, and what is joined."""
    return (
        f"{feed.name} as checked {joined} "
        "where not checked.is_deleted and checked.is_broken is not true"
    )


def _day(item: LandedFeed) -> str:
    """SQL for the day that places a row in time; empty where the feed has none."""
    days = [n for n in MONTH_OF.get(item.feed.name, ()) if n in item.supplied]
    return f"coalesce({', '.join(f'checked.{name}' for name in days)})" if days else ""


def _cells(
    con: duckdb.DuckDBPyConnection, item: LandedFeed, only: str = ""
) -> Iterator[Cell]:
    """Count every column of a feed in one reading, by instrument where it has one."""
    feed = item.feed
    columns = [column for column in feed.columns if column.name in item.supplied]
    has_people = any(column.name == "patient_id" for column in columns)
    by = "instrument" if "instrument" in item.supplied else "''"
    aggregates = {"": "count(*)"}
    if has_people:  # an estimate will do: it says how much rows of one person repeat
        aggregates["people"] = "approx_count_distinct(patient_id)"
    for column in columns:
        aggregates |= _aggregates(column)
    rows = con.execute(
        f"select {by} as instrument, {', '.join(aggregates.values())} "
        f"from {_sound(feed)} {only} group by {by} order by 1"
    ).fetchall()
    counted = [(row[0], dict(zip(aggregates, row[1:], strict=True))) for row in rows]
    total = sum(found[""] for _, found in counted)
    yield feed.name, "rows", "", "", total, None
    for instrument, found in counted:
        if has_people:
            yield feed.name, "people", instrument, "", found["people"], found[""]
        if instrument:
            yield feed.name, "code", "instrument", instrument, found[""], total
        for column in columns:
            if column.name != "instrument":
                yield from _of_column(feed.name, column, instrument, found)


def _aggregates(column: Column) -> dict[str, str]:
    """Return what to count of a column: its values, and those of each kind."""
    name = f'"{column.name}"'
    counted = {column.name: f"count({name})"}
    for code in _codes(column):
        counted[f"{column.name}={code}"] = f"count(*) filter ({name} = '{code}')"
    if column.name.startswith("item_"):
        counted[f"{column.name}=0"] = f"count(*) filter ({name} = 0)"
    return counted


def _codes(column: Column) -> tuple[str, ...]:
    if column.name == "instrument":
        return ()  # it groups the rows
    return ("true",) if column.kind == "boolean" else column.codes


def _of_column(
    feed: str, column: Column, instrument: str, found: dict[str, int]
) -> Iterator[Cell]:
    rows, given = found[""], found[column.name]
    grain = f"{instrument}.{column.name}" if instrument else column.name
    is_item = column.name.startswith("item_")
    if is_item and not given:
        return  # the instrument has no such item
    yield feed, "blank", grain, "", rows - given, rows
    for code in _codes(column):
        yield feed, "code", grain, code, found[f"{column.name}={code}"], given
    if is_item:
        yield feed, "zero_answer", grain, "", found[f"{column.name}=0"], given


def _add_scores(con: duckdb.DuckDBPyConnection, item: LandedFeed) -> None:
    """Count the recorded totals of each instrument, point by point."""
    con.execute(
        "insert into profile select ?, 'score', instrument, total_points::varchar, "
        "count(*), sum(count(*)) over (partition by instrument) "
        f"from {_sound(item.feed)} and total_points is not null "
        "group by instrument, total_points",
        [item.feed.name],
    )


def _add_months(
    con: duckdb.DuckDBPyConnection, item: LandedFeed, landed: dict[str, LandedFeed]
) -> None:
    """Count the rows of each month, at each site where it is known and together."""
    feed = item.feed
    day = _day(item)
    if not day:
        return
    site, joined = "null", ""
    if "site_id" in item.supplied:
        site = "checked.site_id"
    elif "session_id" in item.supplied and _has_sites(landed.get("sessions")):
        site = "held.site_id"
        joined = (
            "left join (select session_id, any_value(site_id) as site_id "
            "from sessions group by session_id) as held "
            "on checked.session_id = held.session_id"
        )
    con.execute(
        f"""
        insert into profile
        with counted as (
            select {site} as site_id, date_trunc('month', {day}) as month,
                count(*) as counted
            from {_sound(feed, joined)} and {day} is not null
            group by all
        ),
        grouped as (
            select '{ALL_SITES}' as grain, month, sum(counted)::bigint as counted
            from counted group by month
            union all
            select site_id, month, counted from counted where site_id is not null
        )
        select ?, 'month', grain, strftime(month, '%Y-%m'), counted, null from grouped
        """,
        [feed.name],
    )


def _has_sites(sessions: LandedFeed | None) -> bool:
    return sessions is not None and "site_id" in sessions.supplied
