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

import duckdb

from pipelines.errors import DeliveryRefusedError
from pipelines.intake.adapters import SentFeed
from pipelines.intake.contract import Feed
from pipelines.intake.deliveries import Delivery
from pipelines.intake.earlier import NOTHING, Earlier
from pipelines.intake.feeds import FEEDS
from pipelines.intake.typed import (
    find_duplicates,
    lay_out,
    make_text_view,
    typed_integer,
)

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
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    sent: dict[str, SentFeed],
    earlier: Earlier = NOTHING,
) -> dict[str, LandedFeed]:
    """Lay out every feed that the delivery sends.

    Args:
        con: The delivery's connection, to whose file the tables go.
        delivery: Whose rows they are.
        sent: What the delivery sends, by feed (`adapters.collect_feeds`).
        earlier: What the raw warehouse knows already.

    Returns:
        What landed, by feed; a feed that was not sent is absent.

    Raises:
        DeliveryRefusedError: A required feed or column is missing, or a column
            is not in the contract.
    """
    landed = {}
    con.execute("create schema text")
    for feed in FEEDS.values():
        if feed.name not in sent:
            _refuse_missing_feed(delivery, feed, earlier.feeds)
            continue
        supplied = _match_columns(delivery, feed, sent[feed.name].columns)
        make_text_view(con, delivery, sent[feed.name])
        duplicates = find_duplicates(con, feed)
        landed[feed.name] = LandedFeed(
            feed,
            sum(sent[feed.name].counts),
            duplicates,
            frozenset(supplied),
            earlier.feeds.get(feed.name, False)
            and feed.name not in delivery.source.optional_feeds,
        )
    _refuse_nothing(delivery, landed)
    _collect_known_patients(con, earlier, "patients" in landed)
    for item in landed.values():
        lay_out(con, delivery, item.feed)
        if item.feed.name == "patients":
            _forget_patients_not_loaded(con)
    return landed


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


def _collect_known_patients(
    con: duckdb.DuckDBPyConnection, earlier: Earlier, has_patients: bool
) -> None:
    """Make `known_patients`: whose rows may be loaded, and their index year.

    Those of this delivery, and those that the raw warehouse knows.
    """
    sent = (
        "select patient_id, "
        f"max({typed_integer('index_year')}) as index_year from text.patients "
        "where patient_id is not null group by patient_id"
        if has_patients
        else "select null::varchar as patient_id, null::integer as index_year where false"
    )
    con.register("earlier_patients", earlier.patients)
    con.execute(
        f"create table known_patients as with sent as ({sent}) "
        "select coalesce(earlier.patient_id, sent.patient_id) as patient_id, "
        "coalesce(earlier.index_year, sent.index_year) as index_year "
        "from sent full join earlier_patients as earlier using (patient_id)"
    )
    con.unregister("earlier_patients")


def _forget_patients_not_loaded(con: duckdb.DuckDBPyConnection) -> None:
    """Take out patients whose own row is refused or retires them."""
    con.execute(
        "delete from known_patients where patient_id in (select patient_id "
        "from patients where is_deleted or row_position in "
        "(select row_position from patients_broken)) and patient_id not in "
        "(select patient_id from patients where not is_deleted and row_position "
        "not in (select row_position from patients_broken))"
    )
