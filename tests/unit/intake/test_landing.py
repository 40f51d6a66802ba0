"""How a delivery's rows are told apart: duplicates, repeated keys and broken ones."""

from dataclasses import replace

import duckdb
import pytest
from support import MARKER, add_clinic, compare_with_nothing, write_delivery

from pipelines.intake import adapters, earlier, raw
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.landing import land

CONFIG = {"memory_limit": "300MB", "threads": 2}


@pytest.fixture
def laid_out(home, tmp_path):
    """Lay a delivery out; returns what landed and a connection to the landing file."""
    opened = []

    def lay(patients, more=None, kind="increment", date_mode="calendar"):
        source = replace(add_clinic(home, kind), date_mode=date_mode)
        folder = write_delivery(tmp_path / "2026-03-01", {"patients": patients})
        for name, text in (more or {}).items():
            (folder / name).write_text(text)
        delivery = read_delivery(folder, source)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        landing_file = scratch / adapters.LANDING_DATABASE
        already = earlier.read(home.raw_file, delivery, scratch, CONFIG)
        with adapters.delivery_connection(delivery, scratch, "300MB", 2) as con:
            counts = adapters.count_records(con, delivery)
            sent = adapters.collect_feeds(con, delivery, scratch)
            landed = land(con, delivery, sent, already)
        compare_with_nothing(landing_file)
        raw.prepare(home.raw_file)
        raw.write(
            home.raw_file, landing_file, delivery, landed, counts, "run", config=CONFIG
        )
        opened.append(duckdb.connect(str(landing_file), read_only=True))
        return landed, opened[0]

    yield lay
    for con in opened:
        con.close()


def positions(con, table):
    rows = con.execute(f"select row_position from {table} order by 1").fetchall()
    return [row[0] for row in rows]


def broken(con):
    return con.execute(
        "select row_position, check_id from patients_broken order by all"
    ).fetchall()


def person(key, sex="male", deleted=""):
    return {"patient_id": key, "sex": sex, "is_deleted": deleted}


def test_only_rows_that_are_equal_in_every_column_are_duplicates(laid_out):
    people = [
        person("p1"),
        person("p1", sex="female"),
        person(" p1 "),  # equal once it is trimmed
        person("p1", deleted="true"),
        person("p2"),
        person("p1"),
    ]
    landed, con = laid_out(people)

    assert landed["patients"].duplicate_count == 2
    assert positions(con, "patients_duplicates") == [3, 6]
    assert positions(con, "patients") == [1, 2, 4, 5]
    assert positions(con, "patients_repeated") == [1, 2, 4]


def test_rows_without_a_key_are_duplicates_only_of_their_equals(laid_out):
    people = [person(""), person("", sex="female"), person(""), person("p1")]
    landed, con = laid_out(people)

    assert landed["patients"].duplicate_count == 1
    assert positions(con, "patients_duplicates") == [3]
    assert positions(con, "patients_repeated") == []
    assert con.execute("select * from patients_broken order by 1").fetchall() == [
        (1, "patient_id_is_given"),
        (2, "patient_id_is_given"),
    ]


def test_a_row_is_marked_as_broken_where_a_rule_is_and_only_its_text_is_kept(laid_out):
    people = [person("p1"), person("p2", sex=MARKER), person("p3")]
    _, con = laid_out(people)
    marked = con.execute("select row_position from patients where is_broken").fetchall()

    assert marked == [(2,)]
    assert con.execute("select * from patients_broken").fetchall() == [
        (2, "sex_is_a_known_code")
    ]
    assert con.execute("select row_position, sex from text.patients").fetchall() == [
        (2, MARKER)
    ]


def test_a_relative_day_is_within_two_hundred_years_of_day_zero(laid_out):
    days = ["-73000", "73000", "-73001", "73001", "999999999"]
    people = [
        {"patient_id": f"p{n}", "index_year": "2001", "died_day": day}
        for n, day in enumerate(days)
    ]
    _, con = laid_out(people, date_mode="relative")

    assert broken(con) == [(n, "died_on_is_a_date") for n in (3, 4, 5)]
    assert con.execute(
        "select date_trunc('month', died_on)::date::varchar from patients "
        "where not is_broken order by row_position"
    ).fetchall() == [("1801-02-01",), ("2200-11-01",)]


def test_an_index_year_that_no_date_can_have_refuses_its_row_only(laid_out):
    people = [
        {"patient_id": f"p{n}", "index_year": year, "died_day": "31"}
        for n, year in enumerate(["2001", "999999999", "-999999999"])
    ]
    _, con = laid_out(people, date_mode="relative")

    assert broken(con) == [(n, "index_year_is_between_1980_and_2100") for n in (2, 3)]


def test_a_calendar_date_lies_in_a_year_from_1800_to_2200(laid_out):
    days = ["1800-01-01", "2200-12-31", "1799-12-31", "2201-01-01", "0001-01-01"]
    people = [{"patient_id": f"p{n}", "died_on": day} for n, day in enumerate(days)]
    _, con = laid_out(people)

    assert broken(con) == [(n, "died_on_is_a_date") for n in (3, 4, 5)]


def test_a_hundred_thousand_rows_keep_their_positions_and_their_order(laid_out, home):
    count = 100_000
    lines = [f"s{n},p1,2026-01-01,attended" for n in range(count)]
    lines[70_000] = "s70000,p1,2026-01-01,unheard_of"
    text = "session_id,patient_id,held_on,attendance\n" + "\n".join(lines) + "\n"
    landed, con = laid_out([person("p1")], {"sessions.csv": text})
    displaced = con.execute(
        "select count(*) from sessions "
        "where session_id <> 'clinic:s' || (row_position - 1)"
    ).fetchone()
    with duckdb.connect(str(home.raw_file), read_only=True) as warehouse:
        loaded = warehouse.execute(
            "select count(*), count(*) filter (session_id <> 'clinic:s' || "
            "if(rowid < 70000, rowid, rowid + 1)) from sessions"
        ).fetchone()

    assert landed["sessions"].yielded_count == count
    assert displaced == (0,)
    assert positions(con, "sessions_broken") == [70_001]
    assert loaded == (count - 1, 0)


@pytest.mark.parametrize(("length", "is_broken"), [(64, False), (65, True)])
def test_an_id_may_have_64_characters_without_its_namespace(
    laid_out, length, is_broken
):
    """As many as a SHA-256 has in hexadecimal, a common pseudonym."""
    _, con = laid_out([person("a" * length)])

    assert broken(con) == [(1, "patient_id_is_short")] * is_broken


def test_the_settings_limits_hold_where_rows_are_laid_out(home, laid_out, monkeypatch):
    opened = []
    connect = duckdb.connect

    def note(database, config=None, **kwargs):
        opened.append(config)
        return connect(database, config=config or {}, **kwargs)

    raw.prepare(home.raw_file)
    monkeypatch.setattr(duckdb, "connect", note)
    laid_out([person("p1")])

    assert opened.count(CONFIG) == 3  # what is known, the files, writing to raw
