"""The marts against plain-Python oracles, on random patients.

ORACLE_PATIENTS says how many (2,000; 20,000 by hand). What differs is told as counts
and field names. A column that is neither compared nor excused fails the test.
"""

import os

import duckdb
import pytest
from oracles import random_patients, raw_file
from oracles.agreement import Expected, differences, keyed

from pipelines import transform
from pipelines.settings import Home, Settings

PATIENTS = int(os.environ.get("ORACLE_PATIENTS", "2000"))
AS_OF = "2026-06-01T00:00:00.000000Z"

pytestmark = pytest.mark.slow

KEYS = {
    "fct_episodes": ("patient_id", "index_on"),
    "fct_medication_spells": ("patient_id", "ingredient", "started_on"),
    "fct_episode_recoveries": ("patient_id", "index_on"),
    "fct_relapses": ("patient_id", "index_on"),
}

NO_RULE = "METHODS gives no rule that would settle it"
NOT_SENT = "the oracle's sources send no episodes: null throughout"
OBSERVED = "needs the days a person was observed, which the oracle does not derive"
NOT_WRITTEN = "a rule of METHODS that has no oracle yet"
EXCUSED = {
    "fct_episodes": {
        "episode_id": "a key; rows meet by patient and day 0",
        "allocated_arm": NOT_SENT,
        "intended_length": NOT_SENT,
        "end_reason": NOT_SENT,
        "depression_duration_band": NOT_SENT,
        "depression_onset_months": NOT_SENT,
        "current_episode_months": NOT_SENT,
        "adequate_medication_trials": NOT_SENT,
        "prior_therapy_episodes": NOT_SENT,
        "is_randomised": NOT_SENT,
        "is_chronic": NOT_SENT,
        "is_current_episode_over_6_months": NOT_SENT,
        "referred_on": NOT_SENT,
        "wait_to_first_days": NOT_SENT,
        "wait_to_second_days": NOT_SENT,
        "is_treatment_resistant": NOT_SENT,
        "is_trd_recorded": NOT_SENT,
        "medication_group": NO_RULE,
        "is_on_medication_at_start": NO_RULE,
        "end_kind": NO_RULE,
        "is_dropped_out": NOT_WRITTEN,
        "adequate_trials_count": NOT_WRITTEN,
        "is_trd_strict": NOT_WRITTEN,
        "is_trd_cobalt": NOT_WRITTEN,
        "is_trd_proxy": NOT_WRITTEN,
        "is_new_to_therapy": OBSERVED,
        "is_new_user_105": OBSERVED,
        "is_new_user_180": OBSERVED,
        "is_new_user_365": OBSERVED,
    },
    "fct_medication_spells": {
        "medication_spell_id": "a key",
        "switched_from": NO_RULE,
        "is_augmentation": NO_RULE,
    },
    "fct_episode_recoveries": {"episode_id": "a key"},
    "fct_relapses": {"episode_id": "a key"},
}
CONSTANT = {
    "is_derived",
    "has_relative_dates",
    "is_transfer",
}
"""Flags that derived episodes cannot change."""


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """The oracles' tables, and a connection on the build of the same records."""
    home = Home(tmp_path_factory.mktemp("oracles"))
    population = random_patients.make(PATIENTS)
    raw_file.write(population, home.raw_file)
    settings = Settings(threads=2, memory_limit="4GB")
    for stage in ("staging", "intermediate", "marts"):
        transform.build_stage(home, "run_1", stage, AS_OF, settings)
    with duckdb.connect(str(home.build_file("run_1")), read_only=True) as con:
        con.execute(f"attach '{home.raw_file}' as raw (read_only)")
        yield Expected(population), con


def found(con: duckdb.DuckDBPyConnection, table: str) -> dict:
    """Return a mart's rows by the key the oracle uses."""
    extra = (
        ""
        if "index_on" not in KEYS[table] or table == "fct_episodes"
        else (", episodes.index_on")
    )
    join = extra and "join marts.fct_episodes as episodes using (episode_id)"
    rows = con.execute(f"select facts.*{extra} from marts.{table} as facts {join}")
    columns = [c[0] for c in rows.description]
    return keyed(
        columns, rows.fetchall(), lambda row: tuple(row[k] for k in KEYS[table])
    )


@pytest.mark.parametrize("table", KEYS)
def test_a_mart_agrees_with_its_oracle_in_every_field(sides, table):
    expected, con = sides
    rows = found(con, table)

    assert rows
    assert differences(getattr(expected, table), rows) == {}


@pytest.mark.parametrize("table", KEYS)
def test_a_column_is_compared_or_excused_and_an_excuse_is_of_a_column(sides, table):
    expected, con = sides
    columns = {
        row[0] for row in con.execute(f"describe marts.{table}").fetchall()
    } - set(KEYS[table])
    compared = set(next(iter(getattr(expected, table).values())))

    assert columns - compared - EXCUSED[table].keys() == set()
    assert (compared | EXCUSED[table].keys()) - set(KEYS[table]) - columns == set()


def test_the_random_patients_stand_on_both_sides(sides):
    """Every flag is true and false somewhere, and every status occurs."""
    expected, _ = sides
    one_sided = [
        f"{table}.{name}"
        for table in KEYS
        for name in next(iter(getattr(expected, table).values()))
        if name.startswith(("is_", "has_"))
        and name not in CONSTANT
        and not {True, False}
        <= {row[name] for row in getattr(expected, table).values()}
    ]

    assert one_sided == []
    assert {row["status"] for row in expected.fct_relapses.values()} == {
        "relapsed",
        "censored",
        "died",
    }
