"""Lay a delivery out as text and as typed rows, and sort out what may be loaded.

For each feed the landing file holds:

- `text.<feed>`: what the adapter yields, every contract column as text, with
  `row_position` (1 is the first row) and namespaced ids;
- `main.<feed>`: one row per distinct row of text, typed, with `<column>_text`
  beside each column, for the landing guard;
- `main.<feed>_broken`: row_position and check_id of each broken row rule.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters
from pipelines.intake.contract import Column, Feed
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.sql import quoted

ANCHOR_YEAR = 2000
"""Year of day 0 where a relative source does not know the index year."""

BATCH_ROWS = 100_000
"""Rows that cross from the confined connection at a time."""

WHOLE_NUMBER = r"[+-]?\d{1,9}(\.0+)?"
DECIMAL = r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?"
ISO_DATE = r"\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True)
class LandedFeed:
    """How much of one feed arrived and in which columns."""

    feed: Feed
    yielded_count: int
    duplicate_count: int
    supplied: frozenset[str]
    """Contract columns that the delivery sends."""


def land(
    source_con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    landing_file: Path,
    raw_file: Path,
) -> dict[str, LandedFeed]:
    """Run the adapters and lay out every feed that the delivery sends.

    Args:
        source_con: The delivery's confined connection.
        delivery: What to read.
        landing_file: DuckDB file to make.
        raw_file: Raw warehouse, for the patients it already knows; may not exist.

    Returns:
        What landed, by feed; a feed that was not sent is absent.

    Raises:
        DeliveryRefusedError: A required feed or column is missing, or a column
            is not in the contract.
    """
    landed = {}
    with duckdb.connect(str(landing_file)) as con:
        con.execute("create schema text")
        if raw_file.exists():
            con.execute(f"attach {quoted(raw_file)} as raw (read_only)")
        sent_before = _feeds_sent_before(con, delivery)
        for feed in FEEDS.values():
            relation = adapters.read_feed(source_con, delivery, feed)
            if relation is None:
                _refuse_missing_feed(delivery, feed, sent_before)
                continue
            supplied = _match_columns(delivery, feed, relation.columns)
            _copy_text(con, delivery, feed, relation)
            landed[feed.name] = _count(con, feed, frozenset(supplied))
        _refuse_nothing(delivery, landed)
        _collect_known_patients(con, delivery, "patients" in landed)
        for item in landed.values():
            _type(con, delivery, item)
            _find_broken(con, item.feed)
            if item.feed.name == "patients":
                _forget_patients_not_loaded(con)
    return landed


def _feeds_sent_before(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> set[str]:
    """Return the feeds of the source's accepted loads; empty without a warehouse."""
    if not _has_raw(con):
        return set()
    rows = con.execute(
        "select distinct feeds.feed from raw.load_feeds as feeds "
        "inner join raw.loads as loads using (load_id) where feeds.is_supplied "
        "and loads.accepted_at is not null and loads.withdrawn_at is null "
        "and loads.source = ?",
        [delivery.source.name],
    ).fetchall()
    return {row[0] for row in rows}


def _refuse_missing_feed(delivery: Delivery, feed: Feed, sent_before: set[str]) -> None:
    """A full delivery is whole, or its older rows would stay in force unnoticed."""
    source = delivery.source
    is_expected = source.kind == "full" and (
        feed.is_required
        or (feed.name in sent_before and feed.name not in source.optional_feeds)
    )
    if is_expected:
        raise DeliveryRefusedError(
            f"Delivery {source.name}/{delivery.name} has no {feed.name} feed.\n"
            f"Send a file named {feed.name}.csv, map one in "
            f"sources/{source.name}/{feed.name}.sql, or, if it may be missing, name "
            "it under `optional_feeds` in source.yml."
        )


def _refuse_nothing(delivery: Delivery, landed: dict[str, LandedFeed]) -> None:
    if not landed:
        raise DeliveryRefusedError(
            f"Delivery {delivery.source.name}/{delivery.name} has none of the feeds "
            f"{', '.join(FEEDS)}.\nName its files after the feeds, or map them in "
            f"sources/{delivery.source.name}/."
        )


def _match_columns(delivery: Delivery, feed: Feed, sent: list[str]) -> list[str]:
    """Return the contract columns sent; refuse strangers and missing keys."""
    source = delivery.source
    names = {column.sent_as(source.date_mode): column for column in feed.columns}
    allowed = {*names, "is_deleted"} if source.kind == "increment" else set(names)
    where = f"Delivery {source.name}/{delivery.name}, feed {feed.name}"
    strange = sum(name not in allowed for name in sent)
    if strange:
        positions = [i for i, name in enumerate(sent, start=1) if name not in allowed]
        raise DeliveryRefusedError(
            f"{where}: {strange} column(s) are not in the contract, at position(s) "
            f"{positions}.\nColumns that may be sent: {', '.join(names)} "
            "(docs/data_dictionary.md). Leave the others out of the adapter."
        )
    missing = [
        name
        for name, column in names.items()
        if column.is_required and name not in sent
    ]
    if missing:
        raise DeliveryRefusedError(
            f"{where}: required column(s) missing: {', '.join(missing)}.\n"
            "Add them to the extract or to the adapter."
        )
    return [column.name for name, column in names.items() if name in sent]


def _copy_text(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    feed: Feed,
    relation: duckdb.DuckDBPyRelation,
) -> None:
    source, sent = delivery.source, relation.columns
    chosen = []
    for column in feed.columns:
        name = column.sent_as(source.date_mode)
        text = f"nullif(trim(\"{name}\"::varchar), '')" if name in sent else "null"
        if column.kind == "id":
            text = f"'{source.namespace}:' || {text}"
        if column.kind == "number" and source.csv_decimal != ".":
            text = f"replace({text}, '{source.csv_decimal}', '.')"
        chosen.append(f'({text})::varchar as "{column.name}"')
    deleted = "null::varchar"
    if "is_deleted" in sent:
        deleted = "nullif(trim(is_deleted::varchar), '')"
    try:
        yielded = relation.to_arrow_reader(BATCH_ROWS)
        con.register("yielded", yielded)
        con.execute(
            f"create table text.{feed.name} as select "
            "row_number() over () as row_position, "
            f"{deleted} as is_deleted, {', '.join(chosen)} from yielded"
        )
    except duckdb.Error as error:
        raise DeliveryRefusedError(
            f"Delivery {source.name}/{delivery.name}: the adapter of {feed.name} "
            f"failed on its rows ({adapters.kind_of(error)}).\n"
            "Use try_cast in place of cast, so that the row can be named."
        ) from None
    finally:
        con.unregister("yielded")


def _count(
    con: duckdb.DuckDBPyConnection, feed: Feed, supplied: frozenset[str]
) -> LandedFeed:
    yielded, distinct = con.execute(
        f"select count(*), (select count(*) from (select distinct * exclude "
        f"(row_position) from text.{feed.name})) from text.{feed.name}"
    ).fetchone()
    return LandedFeed(feed, yielded, yielded - distinct, supplied)


def _has_raw(con: duckdb.DuckDBPyConnection) -> bool:
    names = con.execute("select database_name from duckdb_databases()").fetchall()
    return ("raw",) in names


def _collect_known_patients(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, has_patients: bool
) -> None:
    """Make `known_patients`: whose rows may be loaded, and their index year.

    Those of this delivery, and those accepted before in the same namespace. A full
    delivery replaces its own source's patients, so only other sources' count then.
    Who was retired after a late delivery was extracted is known to it all the same.
    The year that was known first holds, so that one person has one day 0.
    """
    con.execute(
        "create table earlier_patients (patient_id varchar, index_year integer)"
    )
    if _has_raw(con):
        con.execute(
            """
            insert into earlier_patients
            with accepted as (
                select patients.*, loads.extracted_at, loads.accepted_at
                from raw.patients as patients
                inner join raw.loads as loads using (load_id)
                where loads.accepted_at is not null
                    and loads.withdrawn_at is null
                    and starts_with(patients.patient_id, $prefix)
            ),
            newest as (
                select distinct on (source, patient_id, is_later) *
                from (
                    select *, false as is_later from accepted
                    where extracted_at <= $extracted_at
                    union all
                    select *, true as is_later from accepted
                )
                order by source, patient_id, is_later, extracted_at desc,
                    accepted_at desc, load_id desc
            ),
            first_years as (
                select distinct on (patient_id) patient_id, index_year from accepted
                where index_year is not null
                order by patient_id, extracted_at, accepted_at, load_id
            )
            select newest.patient_id, any_value(first_years.index_year)
            from newest left join first_years using (patient_id)
            where not newest.is_deleted
                and (newest.source <> $source or $kind = 'increment')
            group by newest.patient_id
            """,
            {
                "prefix": f"{delivery.source.namespace}:",
                "source": delivery.source.name,
                "kind": delivery.source.kind,
                "extracted_at": delivery.extracted_at,
            },
        )
        con.execute("detach raw")
    sent = (
        "select patient_id, "
        f"max({_typed_integer('index_year')}) as index_year from text.patients "
        "where patient_id is not null group by patient_id"
        if has_patients
        else "select null::varchar as patient_id, null::integer as index_year where false"
    )
    con.execute(
        f"create table known_patients as with sent as ({sent}) "
        "select coalesce(earlier.patient_id, sent.patient_id) as patient_id, "
        "coalesce(earlier.index_year, sent.index_year) as index_year "
        "from sent full join earlier_patients as earlier using (patient_id)"
    )


def _forget_patients_not_loaded(con: duckdb.DuckDBPyConnection) -> None:
    """Take out patients whose own row is refused or retires them."""
    con.execute(
        "delete from known_patients where patient_id in (select patient_id "
        "from patients where is_deleted or row_position in "
        "(select row_position from patients_broken)) and patient_id not in "
        "(select patient_id from patients where not is_deleted and row_position "
        "not in (select row_position from patients_broken))"
    )


def _type(con: duckdb.DuckDBPyConnection, delivery: Delivery, item: LandedFeed) -> None:
    feed, is_relative = item.feed, delivery.source.date_mode == "relative"
    typed = [
        f'{_typed(column, is_relative)} as "{column.name}"' for column in feed.columns
    ]
    kept = [f'"{column.name}" as "{column.name}_text"' for column in feed.columns]
    names = ", ".join(f'"{column.name}"' for column in feed.columns)
    anchored = (
        "left join (select patient_id, any_value(index_year) as anchor_year "
        "from known_patients group by patient_id) using (patient_id)"
        if any(column.name == "patient_id" for column in feed.columns)
        else "cross join (select null::integer as anchor_year)"
    )
    con.execute(
        f"create table {feed.name} as "
        f"with distinct_rows as (select min(row_position) as row_position, is_deleted, "
        f"{names} from text.{feed.name} group by is_deleted, {names}) "
        "select row_position, coalesce(try_cast(is_deleted as boolean), false) "
        "as is_deleted, is_deleted as is_deleted_text, anchor_year, "
        f"{', '.join(typed)}, {', '.join(kept)} "
        f"from distinct_rows {anchored} order by row_position"
    )


def _find_broken(con: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Note each row rule that each row breaks, the row's position and no value."""
    tested = " union all ".join(
        f"select row_position, '{rule.check_id}' as check_id from {feed.name} "
        f"where {rule.breaks}"
        for rule in feed.row_rules
    )
    con.execute(f"create table {feed.name}_broken as {tested}")


def _typed(column: Column, is_relative: bool) -> str:
    name = f'"{column.name}"'
    if column.kind == "integer":
        return _typed_integer(name)
    if column.kind == "number":
        return (
            f"case when regexp_full_match({name}, '{DECIMAL}') "
            f"then try_cast({name} as double) end"
        )
    if column.kind == "boolean":
        return f"try_cast(lower({name}) as boolean)"
    if column.kind == "date" and is_relative:
        return (
            f"(make_date(coalesce(anchor_year, {ANCHOR_YEAR}), 1, 1) "
            f"+ {_typed_integer(name)})::date"
        )
    if column.kind == "date":
        return (
            f"case when regexp_full_match({name}, '{ISO_DATE}') "
            f"then try_cast({name} as date) end"
        )
    return name


def _typed_integer(name: str) -> str:
    return (
        f"case when regexp_full_match({name}, '{WHOLE_NUMBER}') "
        f"then try_cast({name} as integer) end"
    )
