"""Note in `raw.repeats` that a source sent again what had been loaded before.

Nothing of such a delivery is loaded, so no load says that the source was heard from:
this does, and `quality.freshness` reads it.
"""

from collections.abc import Iterable

import duckdb

from pipelines import audit
from pipelines.intake import journal
from pipelines.intake.deliveries import Delivery
from pipelines.settings import Home

TABLE = """
create table if not exists repeats (
    source varchar, delivery varchar, files_id varchar, extracted_at timestamp,
    noted_at timestamp
);
"""
"""One row per instant of a source's clock at which it sent files that had been loaded;
`noted_at` is when an ingest first met them (UTC)."""


def note(home: Home, passed_over: Iterable[Delivery], run_id: str) -> None:
    """Note the deliveries that repeat a load, and say so in audit.jsonl, each once.

    A delivery that is a load itself, by its files and its instant, is no repeat: an
    ingest that meets nothing but those writes nothing.

    Args:
        home: Whose warehouse.
        passed_over: Deliveries that were not loaded, because their files had been.
        run_id: The ingest that met them.
    """
    with duckdb.connect(str(home.raw_file)) as con:
        known = set(
            con.execute(
                "select source, files_id, extracted_at from loads "
                "where accepted_at is not null "
                "union select source, files_id, extracted_at from repeats"
            ).fetchall()
        )
        con.begin()
        for delivery in passed_over:
            source, files_id = delivery.source.name, delivery.files_id
            sending = (source, files_id, delivery.extracted_at)
            if sending in known:
                continue
            known.add(sending)
            con.execute(
                "insert into repeats values "
                "(?, ?, ?, ?, date_trunc('microsecond', now() at time zone 'UTC'))",
                [source, delivery.name, files_id, delivery.extracted_at],
            )
            journal.put(
                con,
                audit.line_of(
                    "repeated", source=source, delivery=delivery.name, run_id=run_id
                ),
            )
        con.commit()
    journal.tell(home)
