"""Plant every kind of fault, run the product on it, and write down what it names."""

import json
import logging
from dataclasses import asdict
from pathlib import Path

import polars as pl

from pipelines.settings import Home, Settings
from pipelines.simulate import product
from pipelines.simulate.blocks import Sharing
from pipelines.simulate.faults import dirty, joining
from pipelines.simulate.faults.broken import Broken, small, write_sound
from pipelines.simulate.faults.joining import Alarm, Row
from pipelines.simulate.making import DIRTY, Wanted, make, sound_sample
from pipelines.simulate.parameters import scenario
from pipelines.simulate.records import fixed_tables

logger = logging.getLogger(__name__)

MEASURED = Path(__file__).with_name("measured.json")
"""What was measured last; docs/faults.md is made from it."""

LAST_STAGE = "reports"


def measure(folder: Path, patients: int, seed: int, settings: Settings) -> dict:
    """Run the product on everything that scenario `dirty` makes.

    Args:
        folder: An empty folder for the services and their homes.
        patients: Size of the service with faults, and of its sound twin.
        seed: Seed of both.
        settings: Limits and resources of the product.

    Returns:
        What `write` keeps: the size, the seed, the rows and the alarms.
    """
    sound_folder, dirty_folder = folder / "sound", folder / DIRTY
    make(Wanted(scenario("default", patients), seed), sound_folder, Sharing())
    wanted = Wanted(scenario(DIRTY, patients), seed)
    make(wanted, dirty_folder, Sharing())
    logger.info("running the product on the sound service")
    sound = product.run(Home(folder / "home_sound"), sound_folder, settings, LAST_STAGE)
    logger.info("running the product on the service with faults")
    said = product.run(Home(folder / "home_dirty"), dirty_folder, settings, LAST_STAGE)
    key = pl.read_parquet(dirty_folder / "truth" / "faults.parquet").filter(
        pl.col("folder") == "delivery"
    )
    rows = joining.of_rows(dirty.FAULTS, key, said, sound)
    alarms = joining.alarms(dirty.FAULTS, key, said, sound)
    rows += _deliveries(wanted, folder, settings)
    return {
        "patients": patients,
        "seed": seed,
        "stopped_at": said.stopped_at,
        "rows": [asdict(row) for row in rows],
        "alarms": [asdict(alarm) for alarm in alarms],
    }


def read() -> tuple[dict, list[Row], list[Alarm]]:
    """Return what was measured last: all of it, its rows and its alarms."""
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    rows = [Row(**{**row, "named_by": tuple(row["named_by"])}) for row in found["rows"]]
    return found, rows, [Alarm(**alarm) for alarm in found["alarms"]]


def write(measured: dict) -> None:
    """Keep what was measured for docs/faults.md."""
    text = json.dumps(measured, indent=2, ensure_ascii=False) + "\n"
    MEASURED.write_text(text, encoding="utf-8")


def _deliveries(wanted: Wanted, folder: Path, settings: Settings) -> list[Row]:
    """Try each small source in a home of its own, beside a sound one."""
    sample = small(sound_sample(wanted, fixed_tables(wanted.parameters, wanted.seed)))
    write_sound(folder / "small", sample, "Sound")
    sound = product.run(
        Home(folder / "home_small"), folder / "small", settings, LAST_STAGE
    )
    rows = []
    for broken in dirty.DELIVERY_FAULTS:
        logger.info("running the product on fault %s", broken.kind)
        said = product.run(
            Home(folder / f"home_{broken.kind}"),
            folder / DIRTY / "faulty" / broken.kind,
            settings,
            _until(broken),
            broken.is_second,
        )
        rows.append(joining.of_delivery(broken, said, sound))
    return rows


def _until(broken: Broken) -> str:
    """A fault that the door should see is not followed further."""
    return LAST_STAGE if broken.is_loaded else "raw"
