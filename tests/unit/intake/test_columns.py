"""What is new, gone, renamed or retyped in a delivery's files, and what is kept of it."""

from dataclasses import replace

import duckdb
import pytest
from support import FEEDS, MARKER, write_delivery

from pipelines.checks.results import read
from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.drift import columns, naming
from pipelines.intake.drift.columns import ColumnChange, FileColumn
from pipelines.intake.ingest import ingest
from pipelines.intake.sources import load_source
from pipelines.intake.withdrawal import withdraw


def looked_at(tmp_path, clinic, rows, name="visits"):
    folder = write_delivery(tmp_path / "2026-03-01", {name: rows})
    delivery = read_delivery(folder, clinic)
    with adapters.delivery_connection(delivery, tmp_path, "1GB") as con:
        return columns.read(con, delivery)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.50", ""], "number"),
        (["1,5", "2,25"], "number with a comma"),
        (["2026-01-31", "2026-02-01"], "ISO date"),
        (["31/01/2026", "1.2.26"], "date in another form"),
        (["yes", "No"], "yes or no"),
        (["1", "one"], "text"),
        (["2026-01-31", "31/01/2026"], "date in another form"),
        (["", " "], "empty"),
    ],
)
def test_the_kind_of_a_column_is_that_of_all_its_values(tmp_path, clinic, values, kind):
    rows = [{"id": str(n), "visit": value} for n, value in enumerate(values)]

    found = looked_at(tmp_path, clinic, rows)

    assert [(one.name, one.kind) for one in found] == [
        ("id", "number"),
        ("visit", kind),
    ]


def test_the_header_of_a_file_without_one_is_not_kept(tmp_path, clinic):
    found = looked_at(tmp_path, clinic, [{"p4711": "p4712", MARKER: "male"}])

    assert [one.name for one in found] == ["number 1", "number 2"]
    assert MARKER not in repr(found)


def test_files_named_after_a_month_are_alike(tmp_path, clinic):
    (found,) = looked_at(tmp_path, clinic, [{"id": "a"}], "visits_2026-03")

    assert found.file_name == "visits_####-##"


def test_a_parquet_column_has_the_kind_of_its_type(tmp_path, clinic):
    folder = tmp_path / "2026-03-01"
    folder.mkdir()
    duckdb.sql(
        "select date '2026-01-01' as held_on, true as was_held, 1.5 as hours, "
        "null::date as never_on"
    ).write_parquet(str(folder / "visits.parquet"))
    delivery = read_delivery(folder, clinic)
    with adapters.delivery_connection(delivery, tmp_path, "1GB") as con:
        found = columns.read(con, delivery)

    assert [one.kind for one in found] == ["ISO date", "yes or no", "number", "empty"]


@pytest.fixture
def clinic_delivery(tmp_path, clinic):
    folder = write_delivery(tmp_path / "2026-03-01", {"visits": [{"id": "1"}]})
    return read_delivery(folder, clinic)


def column(position, name, kind="text", file_name="visits"):
    return FileColumn(1, file_name, position, name, kind)


BEFORE = [
    column(1, "id", "number"),
    column(2, "held_on", "ISO date"),
    column(3, "attendance"),
    column(4, "note", "empty"),
]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (BEFORE, []),
        (BEFORE[::-1], []),
        (BEFORE[:2] + BEFORE[3:], ["column attendance is gone"]),
        ([*BEFORE, column(5, "program")], ["column program is new"]),
        ([*BEFORE, column(5, "ward")], ["column number 5 is new"]),
        (
            [*BEFORE[:2], column(3, "attendence"), BEFORE[3]],
            ["column number 3 seems to be what attendance was"],
        ),
        (
            [BEFORE[0], column(2, "session_day", "ISO date"), *BEFORE[2:]],
            ["column session_day seems to be what held_on was"],
        ),
        (
            [BEFORE[0], column(2, "ward", "text"), *BEFORE[2:]],
            ["column number 2 is new", "column held_on is gone"],
        ),
        (
            [BEFORE[0], column(2, "held_on", "date in another form"), *BEFORE[2:]],
            ["column held_on holds date in another form, where it held ISO date"],
        ),
        ([*BEFORE[:3], column(4, "note", "text")], []),
    ],
)
def test_each_change_is_named(monkeypatch, clinic_delivery, now, expected):
    monkeypatch.setattr(columns, "_before", lambda delivery, raw_file: BEFORE)

    changes = columns.column_changes(now, clinic_delivery, None)

    assert [str(change) for change in changes] == [f"visits: {e}" for e in expected]


def test_a_file_that_came_only_once_is_not_compared(monkeypatch, clinic_delivery):
    monkeypatch.setattr(columns, "_before", lambda delivery, raw_file: BEFORE)

    other = [column(1, "id", file_name="sites")]
    assert columns.column_changes(other, clinic_delivery, None) is None


@pytest.mark.parametrize(
    ("name", "is_known", "shown"),
    [
        ("visit_day", False, "visit_day"),
        ("ward", True, "ward"),
        ("ward", False, "number 7"),
        ("north", True, "number 7"),  # a code that the adapter maps
        ("war", True, "number 7"),
        ("SECRETq", True, "number 7"),
    ],
)
def test_a_column_is_called_by_a_name_that_cannot_be_a_value(
    clinic, name, is_known, shown
):
    clinic = replace(clinic, adapters={"sites": WARDS})

    assert naming.column_shown(name, 7, is_known, clinic) == shown


WARDS = "select ward as site_id, 'north' as region from delivery_csv('w_2026.csv')"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("visits_####", "visits_####"), ("w_####", "w_####"), ("Smith", "file 2")],
)
def test_a_file_is_called_by_a_name_that_cannot_be_a_persons(clinic, name, shown):
    clinic = replace(clinic, adapters={"sites": WARDS})

    assert naming.file_shown(name, 2, clinic) == shown


def deliver(home, feeds, name):
    return write_delivery(home.landing / "clinic" / name, feeds)


def renamed(old, new):
    return {
        **FEEDS,
        "assessments": [
            {(new if key == old else key): value for key, value in row.items()}
            for row in FEEDS["assessments"]
        ],
    }


def test_a_refusal_names_what_changed(home, clinic, settings):
    deliver(home, FEEDS, "2026-03-01")
    deliver(home, renamed("completed_on", "completed"), "2026-04-01")

    outcome = ingest(home, settings, "run")

    (error,) = outcome.refused.values()
    assert isinstance(error, DeliveryRefusedError)
    assert "not in the contract" in str(error)
    assert "assessments: column completed seems to be what completed_on was" in str(
        error
    )


WORD = "SECRETq"
"""A marker that looks like a column's name, as it has no digits."""


def headerless(feed):
    """The feed's rows behind one that stands where the header should."""
    first = {
        column: f"{WORD}{'abcdefghijklmnopqrstuvwxyz'[n]}"
        for n, column in enumerate(FEEDS[feed][0])
    }
    return [
        {first[column]: value for column, value in row.items()} for row in FEEDS[feed]
    ]


def everywhere(home, run_id, caplog):
    """All that is said of a run: its log, its checks, its refusals and changes."""
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        kept = con.execute("select reason from refusals").fetchall()
        kept += con.execute("from load_drift").fetchall()
    return f"{caplog.text}{home.checks_file(run_id).read_text()}{kept}"


def test_a_first_row_that_stands_for_a_header_is_not_told(
    home, clinic, settings, caplog
):
    deliver(home, FEEDS, "2026-03-01")
    deliver(home, {**FEEDS, "patients": headerless("patients")}, "2026-04-01")

    with caplog.at_level("INFO"):
        outcome = ingest(home, settings, "run")

    (error,) = outcome.refused.values()
    assert "patients: column number 1 seems to be what patient_id was" in str(error)
    assert WORD not in str(error) + everywhere(home, "run", caplog)


def test_the_first_row_of_a_file_that_no_adapter_reads_is_not_told(
    home, clinic, settings, caplog
):
    (home.sources / "clinic" / "sites.sql").write_text(
        "select site_id from delivery_csv('sites.csv')"
    )
    sound = {**FEEDS, "sites": [{"site_id": "north"}]}
    for name, letter in (("2026-03-01", "a"), ("2026-04-01", "b")):
        rows = [{f"{WORD}{letter}": "x", "male": "female"}]
        deliver(home, {**sound, f"{WORD}_leaflet": rows}, name)

    with caplog.at_level("INFO"):
        outcome = ingest(home, settings, "run")

    assert len(outcome.loaded) == 2
    assert "column number 1 seems to be what number 1 was" in caplog.text
    assert WORD not in everywhere(home, "run", caplog)


def test_a_change_that_loads_is_a_warning_and_is_kept(home, clinic, settings):
    # The adapter leaves the new column out, so the delivery loads.
    for feed in FEEDS:
        names = ", ".join(FEEDS[feed][0])
        (home.sources / "clinic" / f"{feed}.sql").write_text(
            f"select {names} from delivery_csv('{feed}.csv')"
        )
    load_source(home.sources / "clinic")
    deliver(home, FEEDS, "2026-03-01")
    ward = [{**row, "ward": "north"} for row in FEEDS["episodes"]]
    deliver(home, {**FEEDS, "episodes": ward}, "2026-04-01")

    outcome = ingest(home, settings, "run")

    assert len(outcome.loaded) == 2
    (result,) = (
        one
        for one in read(home.checks_file("run"))
        if one.check_id == "columns_are_as_before"
    )
    assert (result.table_name, result.status, result.severity) == (
        "load_files",
        "fail",
        "warning",
    )
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        rows = con.execute(
            "select count(*) from load_file_columns where name = 'ward' "
            "and file_name = 'episodes' and kind = 'text'"
        ).fetchone()
        drift = con.execute(
            "select value, is_beyond from load_drift where measure = 'changed_columns'"
        ).fetchall()
    assert rows == (1,)
    assert drift == [(1.0, True)]


def test_a_withdrawn_delivery_is_not_compared_with(loading, clinic):
    for feed in FEEDS:
        names = ", ".join(FEEDS[feed][0])
        (loading.home.sources / "clinic" / f"{feed}.sql").write_text(
            f"select {names} from delivery_csv('{feed}.csv')"
        )
    ward = [{**row, "ward": "north"} for row in FEEDS["episodes"]]
    loading.deliver("2026-03-01", FEEDS)
    loading.deliver("2026-04-01", {**FEEDS, "episodes": ward})
    loading.ingest()
    withdraw(loading.home, "clinic/2026-04-01", "sent by mistake")
    another = {**FEEDS["patients"][0], "patient_id": "another"}
    loading.deliver("2026-05-01", {**FEEDS, "patients": [*FEEDS["patients"], another]})
    loading.ingest()

    changed = loading.rows(
        "select delivery, value from load_drift inner join loads using (load_id) "
        "where measure = 'changed_columns' order by delivery"
    )

    assert changed == [("2026-04-01", 1), ("2026-05-01", 0)]


def test_a_change_is_said_in_a_line():
    change = ColumnChange("added", "visits", "ward")

    assert columns.told((change,)) == (
        "\nAgainst the files accepted before:\n  - visits: column ward is new"
    )
    assert columns.told(None) == columns.told(()) == ""
