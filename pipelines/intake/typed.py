"""The SQL that turns a feed's text into typed rows, and finds what may not be loaded.

A feed is read where it lies, from the view `text.<feed>` over the files. The rows that
repeat another one are looked for only among those whose key repeats, and which rule a
row breaks only for rows that break one.
"""

import duckdb

from pipelines.intake.adapters import SentFeed
from pipelines.intake.contract import Column, Feed
from pipelines.intake.deliveries import Delivery

ANCHOR_YEAR = 2000
"""Year of day 0 where a relative source does not know the index year."""

FARTHEST_DAY = 73_000
"""Days from day 0, either way, that a relative source may give: 200 years. Nobody's care
lies further off, and DuckDB's dates of far years cannot be counted by month."""

FIRST_YEAR, LAST_YEAR = 1800, 2200
"""Years that a calendar date may lie in, for the same reason."""

WHOLE_NUMBER = r"[+-]?\d{1,9}(\.0+)?"
DECIMAL = r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?"


def make_text_view(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, sent: SentFeed
) -> None:
    """Make `text.<feed>`: what was sent, every contract column as text.

    Text is trimmed, blank is null, ids carry their namespace, numbers a decimal point.
    `row_position` is 1 for the first row.
    """
    source, chosen = delivery.source, []
    for column in sent.feed.columns:
        name = column.sent_as(source.date_mode)
        text = trimmed(name) if name in sent.columns else "null"
        if column.kind == "id":
            text = f"'{source.namespace}:' || {text}"
        if column.kind == "number" and source.csv_decimal != ".":
            text = f"replace({text}, '{source.csv_decimal}', '.')"
        chosen.append(f'({text})::varchar as "{column.name}"')
    deleted = trimmed("is_deleted") if "is_deleted" in sent.columns else "null"
    as_text = ", ".join(f'"{name}"::varchar as "{name}"' for name in sent.columns)
    parts, earlier = [], 0
    for table, count in zip(sent.tables, sent.counts, strict=True):
        parts.append(
            f"select rowid + {earlier + 1} as row_position, "
            f"({deleted})::varchar as is_deleted, {', '.join(chosen)} "
            f"from (select rowid, {as_text} from temp.main.{table})"
        )
        earlier += count
    con.execute(f"create view text.{sent.feed.name} as {' union all '.join(parts)}")


def find_duplicates(con: duckdb.DuckDBPyConnection, feed: Feed) -> int:
    """Make `<feed>_duplicates` and `<feed>_repeated`; return how many duplicates.

    Returns:
        Rows that equal an earlier one in every column. `<feed>_duplicates` holds their
        positions. `<feed>_repeated` holds those of the rows left whose key is given to
        another row too: nobody can say which of them holds.
    """
    name, columns = feed.name, _names(feed)
    con.execute(
        f"create temp table with_repeated_key as select * from text.{name} "
        # A hash of eight bytes stands for the key; that two keys share one is sorted out
        # below, where the keys themselves are compared.
        f'where hash("{feed.key}") in (select hash("{feed.key}") from text.{name} '
        "group by 1 having count(*) > 1)"
    )
    con.execute(
        f"create table {name}_duplicates as select row_position from with_repeated_key "
        "where row_position not in (select min(row_position) from with_repeated_key "
        f"group by is_deleted, {columns})"
    )
    con.execute(
        f"create table {name}_repeated as with left_over as (select row_position, "
        f'"{feed.key}" as key from with_repeated_key where row_position not in '
        f"(select row_position from {name}_duplicates)) "
        "select row_position from left_over where key in "
        "(select key from left_over group by key having count(*) > 1)"
    )
    con.execute("drop table with_repeated_key")
    return con.execute(f"select count(*) from {name}_duplicates").fetchone()[0]


def lay_out(con: duckdb.DuckDBPyConnection, delivery: Delivery, feed: Feed) -> None:
    """Make `<feed>` and `<feed>_broken`, and keep the text of broken rows only."""
    is_relative = delivery.source.date_mode == "relative"
    rows = _typed_rows(feed, is_relative)
    tests = " or ".join(f"({rule.breaks})" for rule in feed.row_rules)
    kept = (
        f"where row_position not in (select row_position from {feed.name}_duplicates)"
        if _has_rows(con, f"{feed.name}_duplicates")
        else ""
    )
    con.execute(
        f"create table {feed.name} as with typed as ({rows} {kept}) "
        "select row_position, is_deleted, is_deleted_text, anchor_year, "
        f"{_names(feed)}, {tests} as is_broken from typed"
    )
    con.execute(
        f"create temp table broken_rows as {rows} where row_position in "
        f"(select row_position from {feed.name} where is_broken)"
    )
    con.execute(
        f"create table {feed.name}_broken as "
        + " union all ".join(
            f"select row_position, '{rule.check_id}' as check_id from broken_rows "
            f"where {rule.breaks}"
            for rule in feed.row_rules
        )
    )
    con.execute("drop table broken_rows")
    _keep_text_of_broken(con, feed)


def _keep_text_of_broken(con: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    con.execute(
        f"create temp table kept as select * from text.{feed.name} where row_position in "
        f"(select row_position from {feed.name}_broken)"
    )
    con.execute(f"drop view text.{feed.name}")
    con.execute(f"create table text.{feed.name} as from kept")
    con.execute("drop table kept")


def _typed_rows(feed: Feed, is_relative: bool) -> str:
    """SQL for a feed's rows: typed, with `<column>_text` beside each, and day 0's year."""
    values = [
        f'{typed(column, is_relative)} as "{column.name}"' for column in feed.columns
    ]
    kept = [f'"{column.name}" as "{column.name}_text"' for column in feed.columns]
    is_anchored = any(column.name == "patient_id" for column in feed.columns) and (
        is_relative or any("anchor_year" in rule.breaks for rule in feed.rules)
    )
    anchored = (
        "left join (select patient_id, any_value(index_year) as anchor_year "
        "from known_patients group by patient_id) using (patient_id)"
    )
    year = "anchor_year" if is_anchored else "null::integer as anchor_year"
    return (
        "select row_position, coalesce(try_cast(is_deleted as boolean), false) "
        f"as is_deleted, is_deleted as is_deleted_text, {year}, "
        f"{', '.join(values)}, {', '.join(kept)} "
        f"from text.{feed.name} {anchored if is_anchored else ''}"
    )


def _has_rows(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return con.execute(f"select exists (from {table})").fetchone()[0]


def _names(feed: Feed) -> str:
    return ", ".join(f'"{column.name}"' for column in feed.columns)


def trimmed(name: str) -> str:
    """SQL for a text without blanks around it, null if nothing is left.

    `trim` knows every blank of Unicode, and takes ten times as long as finding out that
    a text of ASCII has none at its ends: a blank at its start would sort it before `!`.
    """
    text = f'"{name}"'
    is_bare = (
        f"strlen({text}) = length({text}) and {text} > '!' "
        f"and not ends_with({text}, ' ')"
    )
    return f"case when {is_bare} then {text} else nullif(trim({text}), '') end"


def typed(column: Column, is_relative: bool) -> str:
    """SQL for a column's text as a value of its type; null where it is none."""
    name = f'"{column.name}"'
    if column.kind == "integer":
        return typed_integer(name)
    if column.kind == "number":
        return (
            f"case when regexp_full_match({name}, '{DECIMAL}') "
            f"then try_cast({name} as double) end"
        )
    if column.kind == "boolean":
        return f"try_cast(lower({name}) as boolean)"
    if column.kind == "date" and is_relative:
        day = typed_integer(name)
        # An index year out of range refuses its patient's row; it must not stop the rest.
        year = (
            f"case when anchor_year between {FIRST_YEAR} and {LAST_YEAR} "
            f"then anchor_year else {ANCHOR_YEAR} end"
        )
        return (
            f"case when {day} between -{FARTHEST_DAY} and {FARTHEST_DAY} "
            f"then (make_date({year}, 1, 1) + {day})::date end"
        )
    if column.kind == "date":
        # Written back it must be the same: DuckDB also reads days with other strokes.
        return (
            f"case when strlen({name}) = 10 and "
            f"{name} between '{FIRST_YEAR}-01-01' and '{LAST_YEAR}-12-31' and "
            f"try_cast({name} as date)::varchar = {name} then {name}::date end"
        )
    return name


def typed_integer(name: str) -> str:
    """SQL for a whole number that is sent as text; null where it is none.

    Most are the points of an answer: one figure, which the cast alone tells from others.
    The inner case has the figure looked at first, which `or` does not promise.
    """
    return (
        f"case when case when strlen({name}) = 1 then true "
        f"else regexp_full_match({name}, '{WHOLE_NUMBER}') end "
        f"then try_cast({name} as integer) end"
    )
