"""Rows that have not counted for long enough are gone, byte for byte."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from support import MARKER, sent

from pipelines.errors import UsageError
from pipelines.intake import ledger, raw, retention
from pipelines.intake.withdrawal import withdraw
from pipelines.settings import Retention, Settings, load_settings
from pipelines.sql import STORAGE_VERSION

DAYS = 30
A_MOMENT = timedelta(microseconds=1)


def now():
    return datetime.now(UTC).replace(tzinfo=None)


def rules(**days):
    return Settings(threads=1, memory_limit="1GB", retention=Retention(**days))


def accepted_at(loading, delivery):
    (found,) = loading.rows(
        f"select accepted_at from loads where delivery = '{delivery}'"
    )
    return found[0]


def holds_marker(path):
    return MARKER.encode() in path.read_bytes()


@pytest.fixture
def two(noting, clinic):
    """Two full deliveries: the second took the place of the first."""
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    noting.deliver("2026-03-02", sent("south"))
    noting.ingest()
    return noting


def test_by_default_everything_is_kept(two):
    later = now() + timedelta(days=10_000)

    assert retention.remove(two.home, rules(), later) == []


def test_no_byte_of_a_superseded_load_is_left(loading, clinic):
    bad = {**sent("x")["assessments"][0], "assessment_id": MARKER, "total_points": "99"}
    spoiled = {**sent(MARKER), "assessments": [*sent("x")["assessments"], bad]}
    loading.deliver("2026-03-01", spoiled)
    loading.ingest()
    loading.deliver("2026-03-02", sent("south"))
    loading.ingest()
    with duckdb.connect(str(loading.home.raw_file)) as con:
        con.execute("create table of_another_module as select 1 as kept")
    raw_file, quarantine = loading.home.raw_file, loading.home.quarantine / "clinic"
    assert holds_marker(raw_file)
    assert len(list(quarantine.iterdir())) == 1

    later = now() + timedelta(days=DAYS + 1)
    gone = retention.remove(loading.home, rules(superseded_days=DAYS), later)

    assert gone == ["clinic/2026-03-01"]
    assert not holds_marker(raw_file)
    assert list(quarantine.iterdir()) == []
    left = {path.name for path in raw_file.parent.iterdir() if path != raw_file}
    assert left <= {"hashes.json"}  # files that had just changed are not noted
    assert loading.rows("select count(*), min(region) from patients") == [(2, "south")]
    assert loading.rows("from of_another_module") == [(1,)]
    assert loading.rows("select count(*) from load_feeds where is_supplied") == [(4,)]
    assert '"action": "removed"' in loading.home.audit_file.read_text()
    assert loading.ingest().loaded == []  # although its folder is still in landing


@pytest.mark.parametrize(("short_of_it", "count"), [(A_MOMENT, 0), (-A_MOMENT, 1)])
def test_a_load_goes_so_many_days_after_it_was_superseded(two, short_of_it, count):
    at = accepted_at(two, "2026-03-02") + timedelta(days=DAYS) - short_of_it

    gone = retention.remove(two.home, rules(superseded_days=DAYS), at)

    assert len(gone) == count


@pytest.mark.parametrize(("short_of_it", "count"), [(A_MOMENT, 0), (-A_MOMENT, 1)])
def test_a_load_goes_so_many_days_after_it_was_withdrawn(two, short_of_it, count):
    withdraw(two.home, "clinic/2026-03-02", "a test")
    ((withdrawn_at,),) = two.rows(
        "select withdrawn_at from loads where withdrawn_at is not null"
    )
    at = withdrawn_at + timedelta(days=DAYS) - short_of_it

    gone = retention.remove(two.home, rules(withdrawn_days=DAYS), at)

    assert len(gone) == count
    assert two.in_force(at) == ["2026-03-01"]


def test_a_load_that_counted_again_meanwhile_is_kept(two):
    """Withdrawing what had superseded it began its time anew."""
    with duckdb.connect(str(two.home.raw_file)) as con:
        con.execute("update loads set accepted_at = accepted_at - interval 100 day")
    withdraw(two.home, "clinic/2026-03-02", "a test")
    two.deliver("2026-03-03", sent("west"))
    two.ingest()
    later = now() + timedelta(days=DAYS - 1)

    assert retention.remove(two.home, rules(superseded_days=DAYS), later) == []


def test_a_full_load_of_which_one_feed_counts_is_kept(two):
    with duckdb.connect(str(two.home.raw_file)) as con:
        con.execute(
            "update load_feeds set is_supplied = false where feed = 'assessments' "
            "and load_id = (select load_id from loads where delivery = '2026-03-02')"
        )
    later = now() + timedelta(days=DAYS + 1)

    assert retention.remove(two.home, rules(superseded_days=DAYS), later) == []


def test_an_instant_that_needs_what_is_gone_is_refused(two):
    between = accepted_at(two, "2026-03-01").isoformat() + "Z"
    afterwards = accepted_at(two, "2026-03-02").isoformat() + "Z"
    retention.refuse_purged(two.home.raw_file, between)
    later = now() + timedelta(days=DAYS + 1)
    retention.remove(two.home, rules(superseded_days=DAYS), later)

    retention.refuse_purged(two.home.raw_file, afterwards)
    with pytest.raises(UsageError, match="clinic/2026-03-01") as refused:
        retention.refuse_purged(two.home.raw_file, between)
    assert "Take a later --as-of" in str(refused.value)


def test_what_is_gone_does_not_come_back_when_the_newer_one_is_withdrawn(two):
    with duckdb.connect(str(two.home.raw_file)) as con:
        con.execute("update loads set accepted_at = accepted_at - interval 100 day")
    retention.remove(two.home, rules(superseded_days=DAYS))
    done = withdraw(two.home, "clinic/2026-03-02", "a test")

    assert (done.counts_again, done.is_source_empty) == ((), True)
    assert two.in_force() == []


def test_a_mended_adapter_does_not_bring_back_what_is_gone(two):
    later = now() + timedelta(days=DAYS + 1)
    retention.remove(two.home, rules(superseded_days=DAYS), later)
    adapter = two.home.sources / "clinic" / "patients.sql"
    adapter.write_text("select patient_id from delivery_csv('patients.csv')")

    assert two.ingest().loaded == ["clinic/2026-03-02"]


def test_an_ingest_removes_what_is_over(two):
    with duckdb.connect(str(two.home.raw_file)) as con:
        con.execute("update loads set accepted_at = accepted_at - interval 100 day")
    two.settings = rules(superseded_days=DAYS)

    assert two.ingest().removed == ["clinic/2026-03-01"]
    assert two.ingest().removed == []
    with duckdb.connect(str(two.home.raw_file)) as con:
        assert [x.purged_at is None for x in ledger.loads_of(con)] == [False, True]
    assert raw.count_accepted(two.home.raw_file, now().isoformat()) == 1


def test_the_copy_without_what_is_over_is_in_the_same_format(two):
    def storage():
        with duckdb.connect(str(two.home.raw_file), read_only=True) as con:
            (tags,) = con.execute(
                "select tags from duckdb_databases() where not internal"
            ).fetchone()
        return tags["storage_version"].rstrip("+")

    assert storage() == STORAGE_VERSION
    later = now() + timedelta(days=DAYS + 1)
    assert retention.remove(two.home, rules(superseded_days=DAYS), later)
    assert storage() == STORAGE_VERSION


@pytest.mark.parametrize("name", ["superseded_days", "withdrawn_days"])
@pytest.mark.parametrize(
    ("days", "is_taken"), [(-1, False), (0, True), (36_500, True), (36_501, False)]
)
def test_days_of_retention_have_a_range(home, name, days, is_taken):
    home.root.mkdir()
    home.settings_file.write_text(f"[retention]\n{name} = {days}\n")
    if is_taken:
        assert getattr(load_settings(home).retention, name) == days
        return
    with pytest.raises(UsageError, match=rf"\[retention\] {name} must be 0 to keep"):
        load_settings(home)
