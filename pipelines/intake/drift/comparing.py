"""Compare a delivery's profile with those of the loads accepted before it.

The tables that it makes in the landing file, `profile` and `drift`, go into the raw
warehouse with the load, as `load_profiles` and `load_drift`: the next delivery is
compared with counts that are there already, and no earlier row is read again. So do the
files' columns (`columns.py`).
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.checks.results import CheckResult, now
from pipelines.intake.deliveries import Delivery
from pipelines.intake.drift import columns, limits, profile
from pipelines.intake.drift.columns import ColumnChange
from pipelines.intake.drift.limits import Drift
from pipelines.intake.landing import LandedFeed
from pipelines.sql import quoted

FOLDER = Path(__file__).parent

COMPARISONS = ("volumes", "months", "left_behind", "shares", "codes", "scores")
"""One `<name>.sql` each, with the columns of `drift`."""

OF_FULL_SOURCES = "patients"
"""Another one, where a full delivery has the feed."""

BOOKKEEPING = f"""{columns.BOOKKEEPING}
create table if not exists load_profiles (
    load_id varchar, feed varchar, measure varchar, grain varchar, part varchar,
    counted bigint, tested bigint
);
create table if not exists load_drift (
    load_id varchar, feed varchar, measure varchar, grain varchar,
    earlier_value double, value double, limit_value double, is_beyond boolean,
    least_count bigint
);
"""
"""The tables in the raw warehouse. Their grain is a column, code or instrument of the
contract, a month, or a site's pseudonym. `least_count` is the smallest count above 0
that could be worked back from the two figures: what is shown of them rests on it."""

BOOKKEEPING_TABLES = ("load_file_columns", "load_profiles", "load_drift")

DRIFT = """
create or replace table drift (
    feed varchar, check_id varchar, measure varchar, grain varchar,
    earlier_value double, value double, limit_value double, is_beyond boolean,
    least_count bigint
)
"""


def check_drift(
    landing_file: Path,
    raw_file: Path,
    delivery: Delivery,
    landed: dict[str, LandedFeed],
    run_id: str,
    drift: Drift,
    column_changes: tuple[ColumnChange, ...] | None = None,
) -> list[CheckResult]:
    """Say how a delivery differs from the accepted ones before it; all are warnings.

    Args:
        landing_file: Where it is laid out (`landing.py`), its row rules tested; the
            tables `profile` and `drift` are made in it.
        raw_file: The raw warehouse; may not exist.
        delivery: Whose rows they are.
        landed: What landed, by feed.
        run_id: The run whose guard this is.
        drift: The limits.
        column_changes: How its files' columns differ; None if there was nothing to
            compare them with.

    Returns:
        One result per feed and check that had anything to compare; `tested_count`
        cells were compared and `failed_count` of them are beyond their limit.
    """
    source = delivery.source
    with duckdb.connect(str(landing_file)) as con:
        profile.make(con, landed, source.date_mode, _newest_from(delivery))
        con.execute(DRIFT)
        if not raw_file.exists():
            return []
        con.execute(f"attach {quoted(raw_file)} as raw (read_only)")
        if not _has(con, "load_profiles"):
            return []  # a warehouse from before, which only loading brings up to date
        of_full = [OF_FULL_SOURCES] * (source.kind == "full" and "patients" in landed)
        compare(con, delivery, drift, (*COMPARISONS, *of_full), landed)
        con.execute("detach raw")
        if column_changes is not None:
            _add_columns(con, column_changes)
        counted = con.execute(
            "select feed, check_id, count(*), count(*) filter (is_beyond) "
            "from drift group by feed, check_id order by feed, check_id"
        ).fetchall()
    return [
        CheckResult(
            run_id=run_id,
            stage="landing",
            table_name=feed,
            check_id=check_id,
            tool="sql",
            category="plausibility",
            severity="warning",
            status="fail" if failed else "pass",
            tested_count=tested,
            failed_count=failed,
            source=source.name,
            load_id=delivery.load_id,
            checked_at=now(),
        )
        for feed, check_id, tested, failed in counted
    ]


def compare(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    drift: Drift,
    names: Iterable[str],
    landed: Iterable[str] = (),
) -> duckdb.DuckDBPyConnection:
    """Make the table `drift` from `profile` and the profiles of earlier loads.

    Args:
        con: Holds `profile`; the raw warehouse is attached as `raw`.
        delivery: Whose profile it is.
        drift: The limits.
        names: Which comparisons to make, of `COMPARISONS` and `OF_FULL_SOURCES`.
        landed: Feeds that are laid out beside it.

    Returns:
        The connection.
    """
    con.execute(DRIFT)
    _find_earlier(con, delivery)
    _describe_delivery(con, delivery, drift)
    if delivery.source.kind == "increment":
        _add_known_people(con, landed)
    for name in names:
        con.execute(f"insert into drift by name {_sql(name)}")
    return con


def _newest_from(delivery: Delivery) -> date | None:
    """Return the first of a full delivery's newest days; an increment is new itself."""
    if delivery.source.kind != "full":
        return None
    last = delivery.data_to or delivery.extracted_at.date() - timedelta(days=1)
    return last - timedelta(days=limits.NEWEST_DAYS - 1)


def _add_columns(
    con: duckdb.DuckDBPyConnection, changes: tuple[ColumnChange, ...]
) -> None:
    """Add one cell: how many columns of the delivery's files are not as before."""
    con.execute(
        "insert into drift select 'load_files', 'columns_are_as_before', "
        "'changed_columns', '', 0, $changed, 0, $changed > 0, null",
        {"changed": len(changes)},
    )


def keep(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Copy a delivery's profile and drift into the raw warehouse.

    Args:
        con: The raw warehouse, open for writing, the landing file attached as
            `landing`.
        load_id: The load they belong to.
    """
    con.execute(
        "insert into load_profiles select ?, feed, measure, grain, part, counted, "
        "tested from landing.profile order by all",
        [load_id],
    )
    con.execute(
        "insert into load_file_columns select ?, file_position, file_name, "
        "column_position, name, kind from landing.file_columns order by all",
        [load_id],
    )
    con.execute(
        "insert into load_drift select ?, feed, measure, grain, earlier_value, value, "
        "limit_value, is_beyond, least_count from landing.drift order by all",
        [load_id],
    )


def _sql(name: str) -> str:
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("{recent_months}", str(limits.RECENT_MONTHS))


def _find_earlier(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Make `earlier`: the loads that this delivery is compared with."""
    is_marked = _has(con, "loads", "withdrawn_at")
    in_force = "and withdrawn_at is null" if is_marked else ""
    con.execute(
        _sql("earlier").replace("{in_force}", in_force),
        {
            "source": delivery.source.name,
            "extracted_at": delivery.extracted_at,
            "files_id": delivery.files_id,
        },
    )


def _has(con: duckdb.DuckDBPyConnection, table: str, column: str = "load_id") -> bool:
    row = con.execute(
        "select count(*) from duckdb_columns() where database_name = 'raw' "
        "and table_name = ? and column_name = ?",
        [table, column],
    ).fetchone()
    return row[0] > 0


def _describe_delivery(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, drift: Drift
) -> None:
    """Make `this`: one row, what the delivery covers and the limits it is held to."""
    is_full = delivery.source.kind == "full"
    given = {
        "source": delivery.source.name,
        "kind": delivery.source.kind,
        "files_id": delivery.files_id,
        "recent_loads": 1 if is_full else limits.RECENT_LOADS,
        "least_loads": 1 if is_full else limits.LEAST_LOADS,
        "usual_loads": limits.RECENT_LOADS,
        "usual_least_loads": limits.LEAST_LOADS,
        "least_months": limits.LEAST_MONTHS,
        "late_days": limits.LATE_DAYS,
        "standard_errors": limits.STANDARD_ERRORS,
        "rows_per_person_and_month": limits.ROWS_PER_PERSON_AND_MONTH,
        "span_ratio": limits.SPAN_RATIO,
        "days_of_week": limits.DAYS_OF_WEEK,
        **asdict(drift),
    }
    columns = ", ".join(f"${name} as {name}" for name in given)
    con.execute(
        "create or replace temp table this as with told as ("
        "select $extracted_at::timestamp as extracted_at, "
        "coalesce($data_to::date, $extracted_at::date - 1) as covers_to) "
        "select *, covers_to - (select covers_to from earlier where number = 1) "
        f"as span_days, {columns} from told",
        {**given, "extracted_at": delivery.extracted_at, "data_to": delivery.data_to},
    )


def _add_known_people(con: duckdb.DuckDBPyConnection, landed: Iterable[str]) -> None:
    """Count the people of the increment's records who had been sent before."""
    for feed in ("sessions", "assessments"):
        if feed in landed:
            con.execute(
                "insert into profile "
                f"with people as (select distinct patient_id from {feed} "
                "where patient_id is not null and not is_deleted) "
                f"select '{feed}', 'known_people', '', '', count(*) filter ("
                "patient_id in (select patients.patient_id from raw.patients "
                "inner join earlier using (load_id))), count(*) from people"
            )
