"""Keep refused rows, with the check that refused them, where few may look."""

from pathlib import Path

import duckdb

from pipelines.intake.landing import LandedFeed
from pipelines.sql import quoted


def keep(landing_file: Path, folder: Path, landed: dict[str, LandedFeed]) -> int:
    """Write each feed's refused rows to `<folder>/<feed>.parquet`.

    A row that breaks several rules is there once per rule. Columns: check_id,
    row_position, then the contract's columns as text.

    Args:
        landing_file: Where the delivery is laid out (`landing.py`).
        folder: quarantine/<source>/<load_id>; made when there is a row to keep.
        landed: What landed, by feed.

    Returns:
        How many rows were refused, each counted once.
    """
    refused = 0
    with duckdb.connect(str(landing_file), read_only=True) as con:
        for feed in landed:
            count = con.execute(
                f"select count(distinct row_position) from {feed}_broken"
            ).fetchone()[0]
            if not count:
                continue
            folder.mkdir(parents=True, exist_ok=True)
            target = quoted(folder / f"{feed}.parquet")
            con.execute(
                f"copy (select broken.check_id, rows.* from {feed}_broken as broken "
                f"inner join text.{feed} as rows using (row_position) "
                f"order by rows.row_position, broken.check_id) "
                f"to {target} (format parquet)"
            )
            refused += count
    return refused
