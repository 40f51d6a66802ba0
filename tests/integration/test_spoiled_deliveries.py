"""Spoiled deliveries: each has one fault, is named for it, and leaves nothing behind.

Forty faults of whole deliveries come from the simulator (`pipelines/simulate/faults`);
the others break one rule of the contract in every tenth row, more than a rule may refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest
from support import MARKER

from pipelines.intake.feeds import FEEDS
from pipelines.settings import Home, Settings
from pipelines.simulate import product
from pipelines.simulate.deliveries import SOURCE
from pipelines.simulate.faults import dirty, reasons
from pipelines.simulate.faults.broken import (
    Broken,
    Sound,
    every,
    on_rows,
    small,
    write_broken,
    write_sound,
)
from pipelines.simulate.making import Wanted, sound_sample
from pipelines.simulate.parameters import scenario
from pipelines.simulate.records import fixed_tables

PATIENTS = 2_000
"""Of the service whose first people are in every delivery."""

EVERY = 10
"""Of so many rows one is spoiled: twice the share that a rule may refuse."""

LEAST = 60
"""Spoiled deliveries that the corpus holds at least."""


@dataclass(frozen=True)
class Rule:
    """A rule of the contract and a value that breaks it."""

    feed: str
    column: str
    value: str
    check_id: str

    @property
    def fault(self) -> Broken:
        """The rule as a fault of a whole delivery."""
        return Broken(
            f"{self.feed}_{self.check_id}",
            self.feed,
            "One rule is broken in every tenth row.",
            on_rows(self.feed, _spoil(self.column, self.value)),
            f"{self.feed}.{self.check_id}",
        )


def _spoil(column: str, value: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(every(EVERY, value, column))


RULES = (
    Rule("patients", "patient_id", "", "patient_id_is_given"),
    Rule("patients", "sex", MARKER, "sex_is_a_known_code"),
    Rule("patients", "birth_year", "1899", "birth_year_is_between_1900_and_2100"),
    Rule("patients", "birth_year", MARKER, "birth_year_is_an_integer"),
    Rule(
        "patients",
        "deprivation_quintile",
        "6",
        "deprivation_quintile_is_between_1_and_5",
    ),
    Rule("patients", "observed_from", "soon", "observed_from_is_a_date"),
    Rule("clinicians", "credential", MARKER, "credential_is_a_known_code"),
    Rule(
        "clinicians",
        "treats_resistant_depression",
        MARKER,
        "treats_resistant_depression_is_a_boolean",
    ),
    Rule("episodes", "end_reason", MARKER, "end_reason_is_a_known_code"),
    Rule("episodes", "modality", MARKER, "modality_is_a_known_code"),
    Rule("episodes", "ended_on", "1990-01-01", "ended_on_is_not_before_started_on"),
    Rule("episodes", "patient_id", MARKER, "patient_id_is_in_patients"),
    Rule("sessions", "held_on", "", "held_on_is_given"),
    Rule("sessions", "held_on", "2024-02-30", "held_on_is_a_date"),
    Rule("sessions", "attendance", MARKER, "attendance_is_a_known_code"),
    Rule(
        "sessions", "duration_minutes", "601", "duration_minutes_is_between_1_and_600"
    ),
    Rule("sessions", "duration_minutes", MARKER, "duration_minutes_is_an_integer"),
    Rule("sessions", "is_goal_set", MARKER, "is_goal_set_is_a_boolean"),
    Rule("sessions", "format", MARKER, "format_is_a_known_code"),
    Rule("assessments", "instrument", MARKER, "instrument_is_a_known_code"),
    Rule("assessments", "completed_on", "1/2/2024", "completed_on_is_a_date"),
    Rule("assessments", "total_points", "999", "total_points_is_possible"),
    Rule("assessments", "total_points", MARKER, "total_points_is_an_integer"),
    Rule("assessments", "item_1", MARKER, "item_1_is_an_integer"),
    Rule("medications", "record_type", MARKER, "record_type_is_a_known_code"),
    Rule("medications", "days_supply", "0", "days_supply_is_between_1_and_400"),
    Rule("medications", "ingredient", MARKER, "ingredient_is_lower_snake_case"),
    Rule("medications", "daily_dose_mg", "-1", "daily_dose_mg_is_between_0_and_10000"),
    Rule("diagnoses", "code", "38341003", "code_is_icd10"),
    Rule("diagnoses", "recorded_on", MARKER, "recorded_on_is_a_date"),
)
CORPUS = (*dirty.DELIVERY_FAULTS, *(rule.fault for rule in RULES))


@pytest.fixture(scope="module")
def sound() -> Sound:
    """A small service; its sites are called by a marker that nothing may repeat."""
    wanted = Wanted(scenario("default", PATIENTS), seed=5)
    fixed = fixed_tables(wanted.parameters, wanted.seed)
    fixed["sites"] = fixed["sites"].with_columns(site_name=pl.lit(f"Site 1 {MARKER}"))
    return small(sound_sample(wanted, fixed))


@pytest.fixture(scope="module")
def said_of_sound(tmp_path_factory, sound) -> product.Said:
    """What the product says of the same service without a fault."""
    folder = tmp_path_factory.mktemp("sound")
    write_sound(folder / "service", sound, "A test")
    said = product.run(Home(folder / "home"), folder / "service", Settings())
    assert (said.loaded, said.refused) == (1, ())
    return said


def test_the_corpus_is_large_and_every_fault_has_a_name_of_its_own():
    assert len(CORPUS) >= LEAST
    assert len({fault.kind for fault in CORPUS}) == len(CORPUS)
    assert all(fault.expected for fault in CORPUS)


@pytest.mark.slow
@pytest.mark.parametrize("fault", CORPUS, ids=lambda fault: fault.kind)
def test_a_spoiled_delivery_is_named_and_leaves_nothing(
    tmp_path, caplog, sound, said_of_sound, fault
):
    home = Home(tmp_path / "home")
    write_broken(tmp_path / "service", fault, sound, "A test")

    said = product.run(
        home,
        tmp_path / "service",
        Settings(),
        is_one_by_one=fault.is_second,
    )

    assert reasons.named_by(fault.expected, said, said_of_sound)
    assert len("\n".join(said.refused).splitlines()) <= 25
    assert MARKER not in caplog.text + "".join(said.refused)
    assert not [path.name for path in _told(home) if _holds_marker(path)]
    loads, rows = _loaded(home)
    deliveries = len(list((tmp_path / "service" / "delivery").iterdir()))
    assert loads == deliveries - len(said.refused) - said.known
    if not loads:
        assert rows == 0
        # What was removed may lie in the file's free pages until it is used again.
        assert not list(home.quarantine.rglob("*.parquet"))


def _told(home: Home) -> list[Path]:
    """Files in which the product tells of a delivery."""
    return [*home.checks.glob("*.jsonl"), home.audit_file]


def _holds_marker(path: Path) -> bool:
    return path.exists() and MARKER in path.read_text(encoding="utf-8")


def _loaded(home: Home) -> tuple[int, int]:
    """Accepted loads, and rows of every feed."""
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        loads = con.execute(
            "select count(*) from loads where accepted_at is not null and source = ?",
            [SOURCE],
        ).fetchone()[0]
        rows = sum(
            con.execute(f"select count(*) from {feed}").fetchone()[0] for feed in FEEDS
        )
        told = con.execute("select string_agg(reason, ' ') from refusals").fetchone()[0]
    assert MARKER not in (told or "")
    return loads, rows
