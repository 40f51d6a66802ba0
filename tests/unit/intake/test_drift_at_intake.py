"""Drift at the door: what is counted of a delivery, what is kept, what is said."""

import io
from datetime import date

import duckdb
import pytest
from rich.console import Console
from support import MARKER, add_clinic, lay_out, write_delivery

from pipelines.checks.results import read
from pipelines.delivery_views import show_preflight
from pipelines.intake import guards, raw
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.drift import comparing, profile
from pipelines.intake.ingest import ingest
from pipelines.intake.preflight.run import preflight

PEOPLE = 200


def patients():
    return [{"patient_id": f"p{n}", "sex": "female"} for n in range(PEOPLE)]


def sessions(count=600, attended=0.5):
    return [
        {
            "session_id": f"s{n}",
            "patient_id": f"p{n % PEOPLE}",
            "site_id": "north" if n % 3 else MARKER,
            "held_on": f"2026-0{1 + n % 2}-10",
            "attendance": "attended" if n % 100 < 100 * attended else "did_not_attend",
            "is_goal_set": "true" if n % 4 == 0 else "",
        }
        for n in range(count)
    ]


def assessments():
    return [
        {
            "assessment_id": f"a{n}",
            "patient_id": f"p{n % PEOPLE}",
            "session_id": f"s{n}",
            "instrument": "phq9" if n % 2 else "gad7",
            "completed_on": "2026-01-10",
            "total_points": str(n % 20) if n % 5 else "",
            "item_1": str(n % 3),
        }
        for n in range(300)
    ]


def deliver(home, name, **feeds):
    sound = {
        "patients": patients(),
        "sessions": sessions(),
        "assessments": assessments(),
    }
    return write_delivery(home.landing / "clinic" / name, {**sound, **feeds})


@pytest.fixture
def counted(tmp_path, home, clinic):
    """Return what the profile counts of the sound delivery, by its cell."""
    broken = [*sessions(), {**sessions()[0], "session_id": "late", "attendance": "?"}]
    delivery = read_delivery(deliver(home, "2026-04-01", sessions=broken), clinic)
    landing_file = tmp_path / "landing.duckdb"
    landed = lay_out(delivery, landing_file, home.raw_file)
    with duckdb.connect(str(landing_file)) as con:
        profile.make(con, landed, "calendar", date(2026, 2, 1))
        rows = con.execute("from profile").fetchall()
    assert len({row[:4] for row in rows}) == len(rows)
    return {row[:4]: row[4:] for row in rows}


def test_the_profile_counts_rows_blanks_codes_scores_and_months(counted):
    expected = {
        ("sessions", "rows", "", ""): (600, None),  # the broken row is left out
        ("sessions", "people", "", ""): (pytest.approx(PEOPLE, rel=0.1), 600),
        ("sessions", "blank", "is_goal_set", ""): (450, 600),
        ("sessions", "code", "attendance", "attended"): (300, 600),
        ("sessions", "code", "attendance", "cancelled_by_service"): (0, 600),
        ("sessions", "code", "is_goal_set", "true"): (150, 150),
        ("sessions", "month", "all sites", "2026-01"): (300, None),
        ("sessions", "month", "clinic:north", "2026-02"): (200, None),
        ("assessments", "code", "instrument", "phq9"): (150, 300),
        ("assessments", "blank", "phq9.total_points", ""): (30, 150),
        ("assessments", "score", "phq9", "19"): (15, 120),
        ("assessments", "zero_answer", "gad7.item_1", ""): (50, 150),
        # by the site of the session it was completed at
        ("assessments", "month", "clinic:north", "2026-01"): (200, None),
        ("patients", "blank", "sex", ""): (0, PEOPLE),
    }

    # of the newest days alone: February's
    expected |= {
        ("sessions", "newest_blank", "is_goal_set", ""): (300, 300),
        ("sessions", "newest_code", "attendance", "attended"): (150, 300),
    }

    assert {cell: counted.get(cell) for cell in expected} == expected
    assert ("sessions", "blank", "format", "") not in counted  # it is not sent
    assert not any(cell[:2] == ("assessments", "newest_blank") for cell in counted)
    assert not any(MARKER in part for _, _, _, part in counted)


def test_a_delivery_that_differs_loads_with_a_warning(home, settings, caplog):
    add_clinic(home, "full")
    deliver(home, "2026-04-01")
    deliver(
        home,
        "2026-05-01",
        sessions=sessions(attended=0.9)[:400],
        patients=[*patients()[:PEOPLE], {"patient_id": "p_new", "sex": "male"}],
    )

    with caplog.at_level("WARNING"):
        outcome = ingest(home, settings, "run")

    assert outcome.loaded == ["clinic/2026-04-01", "clinic/2026-05-01"]
    results = read(home.checks_file("run"))
    newest = results[-1].load_id
    beyond = {
        (one.table_name, one.check_id)
        for one in results
        if one.status == "fail" and one.load_id == newest and one.tool == "sql"
    }
    assert beyond == {
        ("sessions", "volume_is_as_before"),
        ("sessions", "volume_by_site_and_month_is_as_before"),
        ("sessions", "code_shares_are_as_before"),
    }
    assert all(one.severity == "warning" for one in results if one.status == "fail")
    assert "sessions.volume_is_as_before: 400, where 600 was expected" in caplog.text
    assert "(attendance=attended): 90.0%, where 50.0% was expected" in caplog.text
    assert MARKER not in caplog.text + home.checks_file("run").read_text()
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        kept = con.execute(
            "select earlier_value, value, is_beyond from load_drift "
            "where measure = 'rows' and feed = 'sessions'"
        ).fetchall()
        loads = con.execute(
            "select count(distinct load_id) from load_profiles"
        ).fetchone()
    assert kept == [(600.0, 400.0, True)]
    assert loads == (2,)


def test_a_month_that_is_called_full_is_told_with_what_to_do(home, settings, caplog):
    add_clinic(home, "full")
    deliver(home, "2026-04-01")
    of_march = [
        {**row, "session_id": f"m{n}", "held_on": "2026-03-10"}
        for n, row in enumerate(sessions())
    ]
    deliver(home, "2026-05-01", sessions=of_march)

    with caplog.at_level("WARNING"):
        ingest(home, settings, "run")

    assert "sessions.earlier_months_are_sent_again: 0.0%, where 100.0%" in caplog.text
    assert "set `kind: increment` in source.yml first" in caplog.text


def test_renumbered_patients_are_named(home, settings):
    add_clinic(home, "full")
    deliver(home, "2026-04-01")
    feeds = {
        "patients": patients(),
        "sessions": sessions(),
        "assessments": assessments(),
    }
    # One in ten may be gone; one more is too many.
    for name, gone in (("2026-05-01", 20), ("2026-06-01", 41)):
        renumbered = {
            feed: [
                {**row, "patient_id": row["patient_id"] + "_new"}
                if int(row["patient_id"][1:]) < gone
                else row
                for row in rows
            ]
            for feed, rows in feeds.items()
        }
        deliver(home, name, **renumbered)

    ingest(home, settings, "run")

    found = [
        one.status
        for one in read(home.checks_file("run"))
        if one.check_id == "patients_are_known_as_before"
    ]
    # The third is compared with the second: 20 are gone by then, 21 more go.
    assert found == ["pass", "fail"]


def test_a_warehouse_without_profiles_is_no_history(tmp_path, home, clinic, settings):
    home.raw_file.parent.mkdir(parents=True)
    with duckdb.connect(str(home.raw_file)) as con:
        con.execute(raw.BOOKKEEPING)  # as it was before profiles were kept
    delivery = read_delivery(deliver(home, "2026-04-01"), clinic)
    landing_file = tmp_path / "landing.duckdb"
    landed = lay_out(delivery, landing_file, tmp_path / "none.duckdb")

    found = comparing.check_drift(
        landing_file, home.raw_file, delivery, landed, "run", settings.drift
    )

    assert found == []


SHIFTED = [{**row, "attendance": "attended"} for row in sessions()[:400]]
UNREADABLE = [{**row, "attendance": "?"} for row in sessions()[:100]]
RENAMED = [
    {("site" if name == "site_id" else name): value for name, value in row.items()}
    for row in sessions()
]


def test_the_preflight_says_what_changed_whether_it_would_load_or_not(
    home, settings, tmp_path, monkeypatch
):
    add_clinic(home, "full")
    deliver(home, "2026-04-01")

    def look(rows, name):
        feeds = {"patients": patients(), "assessments": assessments()}
        folder = tmp_path / "clinic" / name
        write_delivery(folder, {**feeds, "sessions": rows})
        return preflight(home, settings, f"check-{name}", folder)

    with monkeypatch.context() as unguarded:  # Great Expectations takes seconds
        unguarded.setattr(guards, "check_landing", lambda *_: [])
        unguarded.setattr(guards, "check_raw", lambda *_: [])
        assert ingest(home, settings, "load").loaded
        loads = look(SHIFTED, "2026-05-01")
        foreign = look(RENAMED, "2026-05-03")
    refused = look(SHIFTED + UNREADABLE, "2026-05-02")

    assert [x.would_load for x in (loads, refused, foreign)] == [True, False, False]
    fewer = "sessions.volume_is_as_before: 400, where 600 was expected"
    for found in (loads, refused):
        assert any(line.startswith(fewer) for line in found.changes)
        assert f"Figures, against what came before:\n  - {found.changes[0]}" in (
            shown(found)
        )
        assert not found.column_changes
        assert "Columns, against" not in shown(found)
    (renamed,) = foreign.column_changes
    assert renamed == "sessions: column site seems to be what site_id was"
    assert f"Columns, against the delivery before:\n  - {renamed}" in shown(foreign)
    for found in (loads, refused, foreign):
        told = found.for_machines()
        assert told["changes"] == found.changes
        assert told["column_changes"] == found.column_changes
        assert MARKER not in shown(found) + repr(told)


def shown(found) -> str:
    text = io.StringIO()
    console = Console(file=text, width=200, soft_wrap=True)
    show_preflight(console, found, show_all=False, as_json=False)
    return text.getvalue()
