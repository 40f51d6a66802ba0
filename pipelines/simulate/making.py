"""Make one simulated service: its deliveries, its truth and a page about it."""

import hashlib
import json
import logging
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError
from pipelines.simulate import blocks, deliveries, files, records, truth
from pipelines.simulate.deliveries import Frames, Sending
from pipelines.simulate.faults import dirty
from pipelines.simulate.faults.broken import Sound, small, write_broken
from pipelines.simulate.parameters import Parameters, Section

logger = logging.getLogger(__name__)

DIRTY = "dirty"
SMALL_PATIENTS = 150
"""Patients of each small source that shows one fault of a whole delivery."""

DIRTY_PATIENTS, DIRTY_YEARS = 300, 2
"""Least size of scenario `dirty`: faults of a whole delivery need rows to spoil, and
one of them a dose, which is not recorded in the first 18 months."""

README = """# A simulated service

**Simulated: these are nobody's records.** No figure made from them describes real
people. The source's name begins with `simulated_`, and every page made from it says so.

| | |
| --- | --- |
| Scenario | {scenario} |
| Patients | {patients} |
| Years | {years} |
| Seed | {seed} |
| Parameters | {parameters} |
| Form | {form} |
| Truth | {truth} |

- `source/` and `delivery/` are what the service sends. Load them with
  `outcomes source add` and this folder's path, then `outcomes run`.
- `truth/` holds what nobody can see in real life: the outcome of each patient under
  each strategy, and the true effects. No stage of the product reads it.
{faults}
What stands in the table gives the same bytes every time.
"""

ABOUT_FAULTS = """- `truth/faults.parquet` is the answer key of the planted faults.
- `faulty/` holds one small source per fault of a whole delivery.
"""


@dataclass(frozen=True)
class Wanted:
    """What is to be simulated, and how it is sent."""

    parameters: Parameters
    seed: int
    file_format: str = "parquet"
    schedule: str = "full"
    truth_patients: int = 0
    """People of the Monte-Carlo truth, at least; 0 leaves the truth out."""

    @property
    def is_dirty(self) -> bool:
        """True where faults are planted."""
        return self.parameters.scenario == DIRTY

    @property
    def sending(self) -> Sending:
        """First and last day of the data, and how they are sent."""
        first = date.fromisoformat(self.parameters.calendar["first_on"])
        last = first + timedelta(days=self.parameters.data_days)
        return Sending(first, last, self.file_format, self.schedule)

    @property
    def truth_people(self) -> int:
        """People of the Monte-Carlo truth: whole blocks of them."""
        if not self.truth_patients:
            return 0
        used = blocks.spread(self.parameters, self.truth_patients)
        return sum(blocks.people_of(self.parameters, block) for block in used)


def make(wanted: Wanted, out: Path, sharing: blocks.Sharing) -> deliveries.Written:
    """Write the whole folder, or nothing.

    Args:
        wanted: What to simulate.
        out: A folder that is not there yet, or is empty.
        sharing: Processes, and blocks per part; the bytes do not depend on them.

    Raises:
        UsageError: The folder holds something or cannot be written, the disk is full,
            or the request cannot be met.
    """
    refuse_what_cannot_be(wanted)
    with files.whole_folder(out) as folder:
        return _write(wanted, folder, sharing)


def make_block(wanted: Wanted, block: int, block_patients: int) -> Frames:
    """Return one block's feeds, faults and their key included where asked for."""
    frames = records.clean_block(wanted.parameters, wanted.seed, block, block_patients)
    if wanted.is_dirty:
        fixed = records.fixed_tables(wanted.parameters, wanted.seed)
        return dirty.plant(frames, fixed, wanted.seed, block)
    return frames


def parameters_hash(parameters: Parameters) -> str:
    """Return a hash of every parameter's value; the same values, the same hash."""
    values = {
        item.name: dict(section)
        for item in fields(parameters)
        if isinstance(section := getattr(parameters, item.name), Section)
    }
    text = json.dumps(values, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_what_cannot_be(wanted: Wanted) -> None:
    """Refuse a request that could not be met, before anything is made.

    Raises:
        UsageError: Scenario `dirty` in increments, or too small for its faults.
    """
    if not wanted.is_dirty:
        return
    parameters = wanted.parameters
    if parameters.patients < DIRTY_PATIENTS or parameters.years < DIRTY_YEARS:
        raise UsageError(
            f"Scenario dirty needs at least {DIRTY_PATIENTS} patients and "
            f"{DIRTY_YEARS} years: smaller ones lack rows that its faults are planted "
            "in. Give greater --patients and --years, or another --scenario."
        )
    if wanted.schedule != "full":
        raise UsageError(
            "Scenario dirty is sent as one full delivery, so that the answer key can "
            "point at its rows. Leave --deliveries out."
        )


def _write(wanted: Wanted, folder: Path, sharing: blocks.Sharing) -> deliveries.Written:
    parameters, seed = wanted.parameters, wanted.seed
    about = (
        f"Scenario {parameters.scenario}, seed {seed}, parameters "
        f"{parameters_hash(parameters)}"
    )
    fixed = records.fixed_tables(parameters, seed)
    deliveries.write_source(folder, wanted.sending, about)
    written = deliveries.write_deliveries(
        folder,
        wanted.sending,
        blocks.in_order(
            partial(make_block, wanted), parameters.patients, sharing, "records"
        ),
        fixed,
    )
    truth_folder = folder / "truth"
    truth_folder.mkdir()
    if wanted.truth_patients:
        _write_truth(wanted, truth_folder, sharing)
    if wanted.is_dirty:
        _write_faults(wanted, folder, written.planted, fixed, about)
    _write_readme(wanted, folder)
    return written


def _write_truth(wanted: Wanted, folder: Path, sharing: blocks.Sharing) -> None:
    parameters, seed = wanted.parameters, wanted.seed
    outcomes = files.FeedFile(folder, "potential_outcomes", "parquet")
    made = blocks.in_order(
        partial(_potential_outcomes, wanted),
        parameters.patients,
        sharing,
        "potential outcomes",
    )
    for frame in made:
        outcomes.add(frame)
    outcomes.close()
    logger.info(
        "true effects, from %s people, in whole blocks (%s asked for)",
        f"{wanted.truth_people:,}",
        f"{wanted.truth_patients:,}",
    )
    files.write_whole(
        folder / "effects.parquet",
        truth.effects(parameters, seed, wanted.truth_patients),
    )


def _potential_outcomes(
    wanted: Wanted, block: int, block_patients: int
) -> pl.DataFrame:
    del block_patients  # the truth reads it from the parameters
    return truth.potential_outcomes(wanted.parameters, wanted.seed, block)


def _write_faults(
    wanted: Wanted, folder: Path, planted: pl.DataFrame, fixed: Frames, about: str
) -> None:
    """Write the small sources with a fault each, and the answer key of all faults."""
    sound = small(sound_sample(wanted, fixed))
    for broken in dirty.DELIVERY_FAULTS:
        write_broken(folder / "faulty" / broken.kind, broken, sound, about)
    wholes = pl.DataFrame(
        [
            {
                "fault_id": broken.kind,
                "kind": broken.kind,
                "feed": broken.feed,
                "rows_count": 1,
                "expected_check": broken.expected or None,
            }
            for broken in dirty.DELIVERY_FAULTS
        ],
        schema_overrides={"rows_count": pl.Int64},
    )
    key = pl.concat(
        [
            planted.with_columns(pl.lit("delivery").alias("folder")),
            wholes.with_columns(pl.format("faulty/{}", "kind").alias("folder")),
        ],
        how="diagonal",
    )
    files.write_whole(folder / "truth" / "faults.parquet", key)


def sound_sample(wanted: Wanted, fixed: Frames) -> Sound:
    """Return the first patients of the service, clean, for the small sources."""
    frames = records.clean_block(
        wanted.parameters,
        wanted.seed,
        0,
        min(blocks.BLOCK_PATIENTS, wanted.parameters.patients),
    )
    few = frames["patients"]["patient_id"].head(SMALL_PATIENTS).implode()
    kept = {
        feed: frame.filter(pl.col("patient_id").is_in(few))
        for feed, frame in frames.items()
    }
    return Sound(kept, fixed, wanted.sending)


def _write_readme(wanted: Wanted, folder: Path) -> None:
    parameters = wanted.parameters
    text = README.format(
        scenario=parameters.scenario,
        patients=f"{parameters.patients:,}",
        years=f"{parameters.years:g}",
        seed=wanted.seed,
        parameters=parameters_hash(parameters),
        form=f"{wanted.file_format}, {wanted.schedule}",
        truth=f"effects from {wanted.truth_people:,} people"
        if wanted.truth_people
        else "none",
        faults=ABOUT_FAULTS if wanted.is_dirty else "",
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
