"""quality.checks_by_month: the same checks on all current rows, month by month."""

from datetime import date

import duckdb
import pytest
from records.loading import SETTINGS, add_source, load
from support import MARKER

from pipelines.checks import records
from pipelines.intake import quarantine
from pipelines.intake.feeds import FEEDS

RUN = "run-1"
LATE = "completed_on_is_not_after_death"


def score(name: str, on: str, patient: str = "p1") -> dict:
    return {
        "assessment_id": name,
        "patient_id": patient,
        "instrument": "phq9",
        "completed_on": on,
        "total_points": "9",
    }


def stage(home) -> None:
    """Make the staging tables that are read, as the models would for these loads."""
    build = home.build_file(RUN)
    build.parent.mkdir(parents=True)
    with duckdb.connect(str(build)) as con:
        con.execute(f"attach '{home.raw_file}' as raw (read_only)")
        con.execute("create schema staging")
        con.execute("create table staging.stg_loads as from raw.loads")
        con.execute(
            "create table staging.stg_load_feeds as select feeds.*, loads.source, "
            "true as is_current from raw.load_feeds as feeds "
            "inner join raw.loads as loads using (load_id) where is_supplied"
        )
        for feed in FEEDS:
            con.execute(f"create table staging.stg_{feed} as from raw.{feed}")


@pytest.fixture
def counted(home):
    """Two sources of their own namespaces, each with one dead and one living person."""
    for name in ("one", "two"):
        source = add_source(home, name, "full", name)
        load_id = load(
            home,
            source,
            "2026-03-01",
            {
                "patients": [
                    {"patient_id": "p1", "died_on": "2026-01-15"},
                    {"patient_id": "p2", "died_on": ""},
                ],
                "assessments": [
                    score("a1", "2026-01-10"),
                    score("a2", "2026-01-20"),
                    score("a3", "2026-02-20"),
                    score("a4", "2026-02-21", "p2"),
                    score("a5", "2026-02-30"),  # refused: no such day
                    score("a6", "2026-02-22", MARKER),  # refused: an unknown patient
                    # refused twice: an unknown patient, and no number
                    {**score("a7", "2026-02-23", MARKER), "total_points": "many"},
                ],
            },
        )
        keep_refused(home, name, load_id)
    stage(home)
    records.judge_current(home, RUN, SETTINGS)
    with duckdb.connect(str(home.build_file(RUN)), read_only=True) as con:
        yield con


def keep_refused(home, source: str, load_id: str) -> None:
    file = home.scratch / f"{source}_2026-03-01_loaded.duckdb"
    landed = dict.fromkeys(("patients", "assessments"))
    quarantine.keep(file, home.quarantine / source / load_id, landed)


def months(con, check_id: str) -> list[tuple]:
    return con.execute(
        "select source, month, tested_count, failed_count from quality.checks_by_month "
        "where check_id = ? order by all",
        [check_id],
    ).fetchall()


def test_record_checks_are_counted_by_source_and_month(counted):
    january, february = date(2026, 1, 1), date(2026, 2, 1)

    assert months(counted, LATE) == [
        (source, month, tested, failed)
        for source in ("one", "two")
        for month, tested, failed in ((january, 2, 1), (february, 1, 1))
    ]


def test_what_has_no_day_has_no_month(counted):
    assert months(counted, "died_on_is_not_in_the_future") == [
        ("one", None, 1, 0),
        ("two", None, 1, 0),
    ]


def test_row_rules_are_counted_among_refused_and_loaded_rows(counted):
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    unread = months(counted, "completed_on_is_a_date")
    unknown = months(counted, "patient_id_is_in_patients")

    assert unread[:3] == [
        ("one", january, 2, 0),
        ("one", february, 4, 0),
        ("one", None, 1, 1),  # its day could not be read
    ]
    assert unknown[:3] == [
        ("one", january, 2, 0),
        ("one", february, 4, 2),
        ("one", None, 1, 0),
    ]
    assert len(unread) == len(unknown) == 6


def test_a_row_that_breaks_two_rules_is_refused_once(counted):
    told = counted.execute(
        "select month, rows_count, refused_count from quality.refused_by_month "
        "where source = 'one' and feed = 'assessments' order by all"
    ).fetchall()

    assert months(counted, "total_points_is_an_integer")[1] == (
        "one",
        date(2026, 2, 1),
        4,
        1,
    )
    assert told == [
        (date(2026, 1, 1), 2, 0),
        (date(2026, 2, 1), 4, 2),
        (None, 1, 1),
    ]


def test_what_is_not_measured_and_every_value_stay_out(counted):
    told = counted.execute("from quality.checks_by_month").fetchall()

    assert not months(counted, "session_of_the_score_was_sent")
    assert {row[1] for row in told} == {"patients", "assessments"}
    assert MARKER not in str(told)
