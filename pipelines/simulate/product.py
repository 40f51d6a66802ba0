"""Run the product on an example folder and keep everything it says of it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from pipelines import runs, stages
from pipelines.checks.results import CheckResult, read
from pipelines.errors import PipelineError
from pipelines.intake.ingest import ingest
from pipelines.intake.sources import add_source
from pipelines.settings import Home, Settings

logger = logging.getLogger(__name__)

RUN = "faults"


@dataclass(frozen=True)
class Said:
    """What the product says of one example folder."""

    refused: tuple[str, ...] = ()
    """Messages of the deliveries that were refused."""

    known: int = 0
    """Deliveries that had been loaded before."""

    loaded: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    """Checks that did not hold, as `<table>.<check_id>`, with the rows where they
    count rows (1 where they do not)."""

    quarantined: pl.DataFrame | None = None
    """feed, row_position, check_id of each refused row."""

    duplicates: int = 0
    """Exact duplicates, which are counted and left out."""

    stopped_at: str = ""
    """Stage whose guard stopped the run."""


def run(
    home: Home,
    example: Path,
    settings: Settings,
    until: str = "raw",
    is_one_by_one: bool = False,
) -> Said:
    """Add the example to a home of its own, load it, and run the stages.

    Args:
        home: An empty home.
        example: A folder with `source/` and `delivery/`.
        settings: Limits and resources.
        until: Last stage to do; `raw` only loads.
        is_one_by_one: Each delivery arrives, in the order of the folders' names, and
            is loaded before the next; else all of them are there at once.

    Returns:
        What the product said. Nothing is published.
    """
    source = add_source(example, home)
    outcomes = [
        ingest(home, settings, RUN)
        for _ in (_arrivals(home, source.name) if is_one_by_one else (None,))
    ]
    loaded = sum(len(outcome.loaded) for outcome in outcomes)
    refused = {name: e for outcome in outcomes for name, e in outcome.refused.items()}
    stopped = ""
    if loaded and until != "raw":
        stopped = _build(home, settings, until)
    results = read(home.checks_file(RUN))
    return Said(
        refused=tuple(str(error) for error in refused.values()),
        known=len({*outcomes[-1].known} - {x for o in outcomes for x in o.loaded}),
        loaded=loaded,
        failed=_failed(results),
        quarantined=_quarantined(home.quarantine / source.name),
        duplicates=_duplicates(home),
        stopped_at=stopped,
    )


def _arrivals(home: Home, source: str) -> Iterator[str]:
    """Put the deliveries of a source into landing one after the other."""
    landing, to_come = home.landing / source, home.root / "to_come"
    landing.rename(to_come)
    landing.mkdir()
    for folder in sorted(to_come.iterdir()):
        folder.rename(landing / folder.name)
        yield folder.name
    to_come.rmdir()


def _build(home: Home, settings: Settings, until: str) -> str:
    """Do the stages; returns the one that stopped the run, or nothing."""
    started = runs.start(home, settings, RUN, runs.parse_as_of(None))
    # Starting the run's stages anew must not forget what its loading said.
    for stage in runs.STAGES:
        try:
            started = stages.do_stage(home, settings, started, stage)
        except PipelineError as error:
            logger.info("%s: %s", stage, str(error).splitlines()[0])
            return stage
        if stage == until:
            break
    return ""


def _failed(results: list[CheckResult]) -> dict[str, int]:
    failed: dict[str, int] = {}
    for result in results:
        if result.status != "pass":
            name = f"{result.table_name}.{result.check_id}"
            failed[name] = failed.get(name, 0) + (result.failed_count or 1)
    return failed


def _quarantined(folder: Path) -> pl.DataFrame:
    columns = {
        "feed": pl.String,
        "row_position": pl.Int64,
        "check_id": pl.String,
        "patient_id": pl.String,
    }
    found = [pl.DataFrame(schema=columns)]
    for path in sorted(folder.glob("*/*.parquet")):
        frame = pl.read_parquet(path).with_columns(pl.lit(path.stem).alias("feed"))
        if "patient_id" not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias("patient_id"))
        found.append(
            frame.select(
                pl.col(name).cast(kind).alias(name) for name, kind in columns.items()
            )
        )
    return pl.concat(found)


def _duplicates(home: Home) -> int:
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        row = con.execute(
            "select coalesce(sum(duplicate_count), 0) from load_feeds"
        ).fetchone()
    return int(row[0])
