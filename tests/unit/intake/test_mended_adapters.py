"""What was loaded stays where a mended adapter does not fit its files."""

import pytest
from support import FEEDS, add_clinic, write_delivery

FULL = {name: FEEDS[name] for name in ("patients", "episodes", "assessments")}
ONE_NAME = "select *, \"{name}\" as region from delivery_csv('people.csv')"
EITHER = """
with sent as (
    select * from delivery_csv('people.csv')
    union all by name
    select null as "Old", null as "New" where false
)
select patient_id, coalesce("Old", "New") as region from sent
"""


def deliver(loading, day, column, files=None):
    folder = loading.deliver(f"2026-03-{day}", files or FULL)
    (folder / "people.csv").write_text(f"patient_id,{column}\np1,north\np2,south\n")


def adapt(loading, sql):
    path = loading.home.sources / "clinic" / "patients.sql"
    path.write_text(sql.replace("select *,", "select patient_id,"))


@pytest.fixture
def renamed(loading, home):
    """A column has another name since the second delivery, and the adapter is mended."""
    add_clinic(home, "increment")
    adapt(loading, ONE_NAME.format(name="Old"))
    deliver(loading, "01", "Old")
    assert loading.ingest().loaded == ["clinic/2026-03-01"]
    deliver(loading, "02", "New")
    assert list(loading.ingest().refused) == ["clinic/2026-03-02"]
    adapt(loading, ONE_NAME.format(name="New"))
    return loading


def test_what_was_loaded_stays_as_it_was_read(renamed, caplog):
    outcome = renamed.ingest()

    assert (outcome.loaded, outcome.refused) == (["clinic/2026-03-02"], {})
    assert list(outcome.kept) == ["clinic/2026-03-01"]
    assert renamed.in_force() == ["2026-03-01", "2026-03-02"]
    assert "left as they were read then: clinic/2026-03-01" in caplog.text
    assert 'column "New" not found' in caplog.text
    refused = "select count(*) from refusals where delivery = '2026-03-01'"
    assert renamed.rows(refused) == [(0,)]

    again = renamed.ingest()
    assert (again.loaded, again.refused) == ([], {})
    assert list(again.kept) == ["clinic/2026-03-01"]


def test_an_adapter_that_fits_both_reads_both_anew(renamed):
    renamed.ingest()
    adapt(renamed, EITHER)
    outcome = renamed.ingest()

    assert outcome.loaded == ["clinic/2026-03-01", "clinic/2026-03-02"]
    assert (outcome.kept, outcome.refused) == ({}, {})


def test_a_copy_of_what_was_loaded_is_kept_too(renamed):
    renamed.deliver("2026-03-01T1200", FULL)
    copied = renamed.home.landing / "clinic" / "2026-03-01T1200" / "people.csv"
    copied.write_text("patient_id,Old\np1,north\np2,south\n")
    outcome = renamed.ingest()

    assert outcome.refused == {}
    assert sorted(outcome.kept) == ["clinic/2026-03-01", "clinic/2026-03-01T1200"]
    assert renamed.rows("select delivery from repeats") == [("2026-03-01T1200",)]


def test_files_that_come_back_after_others_are_no_reading_of_what_counts(renamed):
    renamed.ingest()
    deliver(renamed, "03", "Old")
    outcome = renamed.ingest()

    assert list(outcome.refused) == ["clinic/2026-03-03"]
    assert list(outcome.kept) == ["clinic/2026-03-01"]


def test_a_broken_adapter_is_told_aloud_of_what_was_loaded(renamed):
    adapt(renamed, "selekt 1")

    assert list(renamed.ingest().refused) == ["clinic/2026-03-01", "clinic/2026-03-02"]


def test_rows_that_are_set_aside_are_counted(loading, home):
    add_clinic(home, "full")
    rows = [FEEDS["patients"][0] | {"patient_id": "p3", "birth_year": "x"}]
    write_delivery(
        home.landing / "clinic" / "2026-03-01",
        FEEDS | {"patients": FEEDS["patients"] + rows},
    )
    (found,) = loading.ingest().set_aside.values()

    assert (found.refused_count, found.sent_count) == (1, 13)
    assert (found.folder / "patients.parquet").exists()
