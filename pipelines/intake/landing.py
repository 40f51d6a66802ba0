"""Lay a delivery out as typed rows, and sort out what may be loaded.

For each feed the landing file holds:

- `<feed>`: one row per distinct row that was sent, typed, with its `row_position` (1 is
  the first row sent), namespaced ids and whether it `is_broken`;
- `<feed>_broken`: row_position and check_id of each row rule that a row breaks;
- `<feed>_repeated`: row_position of the rows whose key has several contents;
- `<feed>_duplicates`: row_position of the rows that are the same as an earlier one;
- `text.<feed>`: the broken rows, every contract column as text, for quarantine.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapters import FOR_A_SHORT_WHILE, SentFeed
from pipelines.intake.contract import Feed
from pipelines.intake.deliveries import Delivery
from pipelines.intake.feeds import FEEDS
from pipelines.intake.typed import (
    find_duplicates,
    lay_out,
    make_text_view,
    typed_integer,
)
from pipelines.sql import quoted

MOST_POSITIONS = 20
"""Positions that one message lists."""


@dataclass(frozen=True)
class LandedFeed:
    """How much of one feed arrived and in which columns."""

    feed: Feed
    yielded_count: int
    duplicate_count: int
    supplied: frozenset[str]
    """Contract columns that the delivery sends."""

    had_rows: bool = False
    """An accepted delivery of the source had rows of it, and it is not optional."""


def land(
    sent: dict[str, SentFeed],
    delivery: Delivery,
    sent_file: Path,
    landing_file: Path,
    raw_file: Path,
    config: dict[str, str | int] | None = None,
) -> dict[str, LandedFeed]:
    """Lay out every feed that the delivery sends.

    Args:
        sent: What the delivery sends, by feed (`adapters.collect_feeds`).
        delivery: Whose rows they are.
        sent_file: DuckDB file that holds them; nobody may be writing to it.
        landing_file: DuckDB file to make.
        raw_file: Raw warehouse, for the patients it already knows; may not exist.
        config: DuckDB's memory limit and threads (`Settings.duckdb_config`).

    Returns:
        What landed, by feed; a feed that was not sent is absent.

    Raises:
        DeliveryRefusedError: A required feed or column is missing, or a column
            is not in the contract.
    """
    landed = {}
    with duckdb.connect(str(landing_file), config=config or {}) as con:
        con.execute(FOR_A_SHORT_WHILE)
        con.execute("create schema text")
        con.execute(f"attach {quoted(sent_file)} as sent (read_only)")
        if raw_file.exists():
            con.execute(f"attach {quoted(raw_file)} as raw (read_only)")
        sent_before = _feeds_sent_before(con, delivery)
        for feed in FEEDS.values():
            if feed.name not in sent:
                _refuse_missing_feed(delivery, feed, sent_before)
                continue
            supplied = _match_columns(delivery, feed, sent[feed.name].columns)
            make_text_view(con, delivery, sent[feed.name])
            duplicates = find_duplicates(con, feed)
            landed[feed.name] = LandedFeed(
                feed,
                sum(sent[feed.name].counts),
                duplicates,
                frozenset(supplied),
                sent_before.get(feed.name, False)
                and feed.name not in delivery.source.optional_feeds,
            )
        _refuse_nothing(delivery, landed)
        _collect_known_patients(con, delivery, "patients" in landed)
        for item in landed.values():
            lay_out(con, delivery, item.feed)
            if item.feed.name == "patients":
                _forget_patients_not_loaded(con)
    return landed


def _feeds_sent_before(
    con: duckdb.DuckDBPyConnection, delivery: Delivery
) -> dict[str, bool]:
    """Return the feeds of the source's accepted loads, and whether any row was loaded.

    Empty without a warehouse.
    """
    if not _has_raw(con):
        return {}
    rows = con.execute(
        "select feeds.feed, bool_or(feeds.loaded_count > 0) "
        "from raw.load_feeds as feeds "
        "inner join raw.loads as loads using (load_id) where feeds.is_supplied "
        "and loads.accepted_at is not null and loads.withdrawn_at is null "
        "and loads.source = ? group by feeds.feed",
        [delivery.source.name],
    ).fetchall()
    return dict(rows)


def _refuse_missing_feed(
    delivery: Delivery, feed: Feed, sent_before: dict[str, bool]
) -> None:
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


def _match_columns(delivery: Delivery, feed: Feed, sent: tuple[str, ...]) -> list[str]:
    """Return the contract columns sent; refuse strangers and missing keys."""
    source = delivery.source
    names = {column.sent_as(source.date_mode): column for column in feed.columns}
    allowed = {*names, "is_deleted"} if source.kind == "increment" else set(names)
    where = f"Delivery {source.name}/{delivery.name}, feed {feed.name}"
    strange = sum(name not in allowed for name in sent)
    if strange:
        positions = [i for i, name in enumerate(sent, start=1) if name not in allowed]
        more = ", ..." if strange > MOST_POSITIONS else ""
        listed = ", ".join(map(str, positions[:MOST_POSITIONS])) + more
        raise DeliveryRefusedError(
            f"{where}: {strange} column(s) are not in the contract, at position(s) "
            f"{listed}.\nColumns that may be sent: {', '.join(names)} "
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


def _has_raw(con: duckdb.DuckDBPyConnection) -> bool:
    names = con.execute("select database_name from duckdb_databases()").fetchall()
    return ("raw",) in names


def _collect_known_patients(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, has_patients: bool
) -> None:
    """Make `known_patients`: whose rows may be loaded, and their index year.

    Those of this delivery, and those of the loads in force (as `ledger.IN_FORCE`, for
    the patients feed) in the same namespace: now, and when this delivery was extracted.
    A full delivery replaces its own source's patients, so only other sources' count.
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
            readings as (
                select loads.*, is_later,
                    max(extracted_at) over same_files as last_sent_at,
                    row_number() over (
                        same_files order by accepted_at desc, load_id desc
                    ) as newest_first
                from raw.loads as loads
                cross join (values (false), (true)) as moments (is_later)
                where accepted_at is not null
                    and withdrawn_at is null and purged_at is null
                    and (is_later or extracted_at <= $extracted_at)
                window same_files as (
                    partition by is_later, source, coalesce(files_id, load_id)
                )
            ),
            in_force as (
                select load_id, is_later, last_sent_at,
                    count(*) filter (where kind = 'full') over (
                        partition by is_later, source
                        order by last_sent_at desc, accepted_at desc, load_id desc
                        rows between unbounded preceding and current row
                    ) as full_loads_from_here
                from readings
                inner join raw.load_feeds as feeds using (load_id)
                where newest_first = 1
                    and feeds.feed = 'patients' and feeds.is_supplied
                qualify full_loads_from_here = 0
                    or (kind = 'full' and full_loads_from_here = 1)
            ),
            newest as (
                select distinct on (source, patient_id, is_later) *
                from accepted inner join in_force using (load_id)
                order by source, patient_id, is_later, last_sent_at desc,
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
        f"max({typed_integer('index_year')}) as index_year from text.patients "
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
