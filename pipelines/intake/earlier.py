"""What the raw warehouse knows already of a delivery's source and its patients."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.intake.deliveries import Delivery
from pipelines.sql import quoted

FEEDS_SENT = """
select feeds.feed, bool_or(feeds.loaded_count > 0)
from load_feeds as feeds inner join loads using (load_id)
where feeds.is_supplied and loads.accepted_at is not null
    and loads.withdrawn_at is null and loads.source = ?
group by feeds.feed
"""

PATIENTS = """
with accepted as (
    select patients.*, loads.extracted_at, loads.accepted_at
    from patients
    inner join loads using (load_id)
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
    from loads
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
    inner join load_feeds as feeds using (load_id)
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
select newest.patient_id, any_value(first_years.index_year) as index_year
from newest left join first_years using (patient_id)
where not newest.is_deleted
    and (newest.source <> $source or $kind = 'increment')
group by newest.patient_id
"""
"""Those of the loads in force (as `ledger.IN_FORCE`, for the patients feed) in the same
namespace: now, and when this delivery was extracted. A full delivery replaces its own
source's patients, so only other sources' count. Who was retired after a late delivery
was extracted is known to it all the same. The year that was known first holds, so that
one person has one day 0."""

NO_PATIENTS = pa.table(
    {"patient_id": pa.array([], pa.string()), "index_year": pa.array([], pa.int32())}
)


@dataclass(frozen=True)
class Earlier:
    """What a delivery is laid out beside."""

    feeds: dict[str, bool]
    """Feeds of the source's accepted loads, and whether any row of them was loaded."""

    patients: pa.Table
    """patient_id and index_year of those whose rows may be loaded, one row each."""


NOTHING = Earlier({}, NO_PATIENTS)


def read(
    raw_file: Path,
    delivery: Delivery,
    scratch: Path,
    config: dict[str, str | int] | None = None,
) -> Earlier:
    """Return what the raw warehouse knows; nothing if there is none.

    It is read apart from the delivery, whose adapters must not come near it.

    Args:
        raw_file: The raw warehouse; nobody may be writing to it.
        delivery: What is to be laid out.
        scratch: Folder for DuckDB's temporary files, which a kill would leave there.
        config: DuckDB's memory limit and threads (`Settings.duckdb_config`).
    """
    if not raw_file.exists():
        return NOTHING
    source = delivery.source
    with duckdb.connect(str(raw_file), read_only=True, config=config or {}) as con:
        con.execute(f"set temp_directory = {quoted(scratch / 'spilled')}")
        feeds = con.execute(FEEDS_SENT, [source.name]).fetchall()
        patients = con.execute(
            PATIENTS,
            {
                "prefix": f"{source.namespace}:",
                "source": source.name,
                "kind": source.kind,
                "extracted_at": delivery.extracted_at,
            },
        ).to_arrow_table()
    return Earlier(dict(feeds), patients)
