"""What `outcomes check` advises can be done as it is written."""

import re
from datetime import datetime

import pyarrow
import pytest
from pyarrow import parquet
from support import FEEDS, add_clinic, change, write_delivery

from pipelines.intake.preflight.run import preflight

RUN = "check"
BASE = {name: FEEDS[name] for name in ("patients", "assessments")}
ADVISED = re.compile(r"In the adapter, with your column's name: (.+) as held_on")
NOON = datetime(2026, 1, 5, 12)


def deliver(tmp_path, days, name="2026-03-01"):
    """Send sessions whose day stands under a foreign name."""
    folder = write_delivery(tmp_path / "clinic" / name, BASE)
    columns = {
        "session_id": ["s1", "s2"],
        "patient_id": ["p1", "p2"],
        "Visit": days,
        "attendance": ["attended", "attended"],
    }
    parquet.write_table(pyarrow.table(columns), folder / "visits.parquet")
    return folder


def map_sessions(home, day):
    (home.sources / "clinic" / "sessions.sql").write_text(
        f"select session_id, patient_id, {day} as held_on, attendance\n"
        "from delivery_parquet('visits.parquet')"
    )


@pytest.mark.parametrize(
    ("days", "mapped", "told"),
    [
        ([NOON, NOON], '"Visit"', "::date"),
        ([NOON, NOON], '"Visit"::varchar', "left("),
        (["2026-01-05T12:00:00"] * 2, '"Visit"', "left("),
        (["5.1.2026", "26.1.2026"], '"Visit"', "%d.%m.%Y"),
    ],
)
def test_the_sql_that_is_advised_for_a_day_mends_it(
    home, clinic, settings, tmp_path, days, mapped, told
):
    folder = deliver(tmp_path, days)
    map_sessions(home, mapped)
    (problem,) = preflight(home, settings, RUN, folder).problems
    (written,) = ADVISED.findall(problem.hint)

    assert told in written
    assert '"your column"' in written
    assert "held_on" not in written
    map_sessions(home, written.replace('"your column"', '"Visit"'))
    assert preflight(home, settings, RUN, folder).would_load


def test_a_file_that_looks_like_a_feed_keeps_its_own_ending(
    home, clinic, settings, tmp_path
):
    folder = write_delivery(
        tmp_path / "clinic" / "2026-03-01", {"patients": FEEDS["patients"]}
    )
    scores = {name: [FEEDS["assessments"][0][name]] for name in FEEDS["assessments"][0]}
    parquet.write_table(pyarrow.table(scores), folder / "assessment_all.parquet")
    (problem,) = preflight(home, settings, RUN, folder).problems

    assert "File 1 (in order of name)" in problem.hint
    assert "call it assessments.parquet" in problem.hint


@pytest.mark.parametrize(
    ("kind", "told"),
    [("increment", "not loaded yet? Load it first"), ("full", "`kind: increment`")],
)
def test_many_unknown_patients_bring_up_earlier_deliveries_and_the_kind(
    home, settings, tmp_path, kind, told
):
    add_clinic(home, kind)
    feeds = change("assessments", 0, patient_id="p3")
    folder = write_delivery(tmp_path / "clinic" / "2026-03-01", feeds)
    (problem,) = preflight(home, settings, RUN, folder).problems

    assert "patient_id_is_in_patients" in problem.what
    assert told in problem.hint


def test_a_few_unknown_patients_bring_up_nothing(home, clinic, settings, tmp_path):
    scores = [
        {**FEEDS["assessments"][0], "assessment_id": f"a{n}"} for n in range(1, 41)
    ]
    scores[0]["patient_id"] = "p3"
    folder = write_delivery(
        tmp_path / "clinic" / "2026-03-01", {**BASE, "assessments": scores}
    )
    found = preflight(home, settings, RUN, folder)
    (one,) = (warned for warned in found.warnings if warned.is_quarantine)

    assert (found.would_load, one.failed_count, one.hint) == (True, 1, "")
