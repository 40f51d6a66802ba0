"""An adapter that never ends, or fills the disk, is stopped and says what to do."""

import time
from dataclasses import replace

import duckdb
import pytest
from support import FEEDS, MARKER, add_clinic, write_delivery

from pipelines.errors import DeliveryRefusedError
from pipelines.intake import adapters, resources
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.preflight.run import preflight
from pipelines.intake.sources import load_source
from pipelines.setting_ranges import bytes_of
from pipelines.settings import Intake, Settings

ENDLESS = (
    "select md5((a.n * b.n)::varchar) as patient_id "
    "from range(10000000) as a(n) cross join range(10000000) as b(n)"
)
COUNTING = f"select max(patient_id) as patient_id from ({ENDLESS})"
SORTING = (
    "select md5(n::varchar) || md5((n + 1)::varchar) as patient_id "
    "from range(4000000) as a(n) order by 1 desc"
)


@pytest.fixture
def run(home, tmp_path):
    """Run an adapter of the patients within limits; returns what it is refused for."""

    def refused(sql, memory="500MB", **limits):
        add_clinic(home, "full")
        (home.sources / "clinic" / "patients.sql").write_text(sql)
        folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
        delivery = read_delivery(folder, load_source(home.sources / "clinic"))
        scratch, intake = tmp_path / "scratch", Intake(**limits)
        scratch.mkdir()
        with (
            adapters.delivery_connection(delivery, scratch, memory, 1) as con,
            pytest.raises(DeliveryRefusedError) as caught,
        ):
            adapters.collect_feeds(con, delivery, scratch, intake)
        assert caught.value.kind == "resources"
        assert caught.value.exit_code == 10
        assert "sources/clinic/patients.sql" in str(caught.value)
        return str(caught.value)

    return refused


@pytest.mark.parametrize("sql", [ENDLESS, COUNTING])
def test_an_adapter_that_does_not_end_is_stopped(run, sql):
    started = time.monotonic()
    told = run(sql, maximum_adapter_seconds=1)

    assert time.monotonic() - started < 30
    assert "ran for more than 1 seconds" in told
    assert "raise maximum_adapter_seconds under [intake] in settings.toml" in told


def test_an_adapter_whose_rows_fill_the_disk_is_stopped(run):
    told = run(ENDLESS, maximum_adapter_disk="32MB", maximum_adapter_seconds=300)

    assert "filled more than 32MB of temporary disk" in told
    assert "raise maximum_adapter_disk under [intake]" in told


def test_an_adapter_that_spills_more_than_it_may_is_stopped(run):
    told = run(SORTING, memory="100MB", maximum_adapter_disk="16MB")

    assert "filled more than 16MB of temporary disk" in told


def test_what_was_read_does_not_count_as_an_adapters_disk(home, tmp_path):
    """Rows of the files that do not fit in memory lie on the same disk."""
    source = add_clinic(home, "full")
    folder = write_delivery(tmp_path / "2026-03-01", FEEDS)
    duckdb.sql(
        "select md5(n::varchar) as patient_id, md5((n + 1)::varchar) as a, "
        "md5((n + 2)::varchar) as b from range(1000000) as made(n)"
    ).write_csv(str(folder / "people.csv"))
    sql = "select * from delivery_csv('people.csv') where patient_id < 'b'"
    each = {name: sql for name in ("patients", "episodes", "sessions")}
    delivery = read_delivery(folder, replace(source, adapters=each))
    scratch, limits = tmp_path / "scratch", Intake(maximum_adapter_disk="50MB")
    scratch.mkdir()

    with adapters.delivery_connection(delivery, scratch, "100MB", 1) as con:
        (spilled,) = con.execute(
            "select sum(temporary_storage_bytes) from duckdb_memory()"
        ).fetchone()
        sent = adapters.collect_feeds(con, delivery, scratch, limits)

    assert spilled > bytes_of("60MB")
    for name in each:
        assert 600_000 < sum(sent[name].counts) < 800_000


def test_an_interrupt_that_comes_between_two_statements_is_not_lost(tmp_path):
    def run_late(con):
        limits = Intake(maximum_adapter_seconds=1)
        with resources.limited(
            con, tmp_path, limits, "Delivery a/b: sources/a/patients.sql"
        ):
            time.sleep(1.5)
            con.execute(COUNTING)

    with (
        duckdb.connect() as con,
        pytest.raises(DeliveryRefusedError, match="1 seconds"),
    ):
        run_late(con)


FULL_DISK = (
    duckdb.IOException(f"Could not write file {MARKER}: No space left on device"),
    duckdb.OutOfMemoryException(
        f"{MARKER} set by the 'max_temp_directory_size' setting"
    ),
)


@pytest.mark.parametrize("error", FULL_DISK)
def test_a_full_disk_is_no_fault_of_a_file_or_an_adapter(tmp_path, error):
    limited = resources.limited(duckdb.connect(), tmp_path, Intake(), "Delivery a/b")
    for told in (limited, resources.told_if_short("Delivery a/b")):
        with (
            pytest.raises(DeliveryRefusedError, match="more disk than there is") as one,
            told,
        ):
            raise error
        assert one.value.kind == "resources"
        assert MARKER not in str(one.value)
    assert resources.stops(error)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.IOException("cannot open file"),
        duckdb.ConversionException("'No space left on device' is no number"),
    ],
)
def test_other_errors_are_not_taken_for_a_full_disk(error):
    assert not resources.stops(error)
    with pytest.raises(type(error)), resources.told_if_short("Delivery a/b"):
        raise error


def test_an_adapter_that_needs_more_memory_says_so(run):
    hungry = "select list(n)::varchar as patient_id from range(60000000) as a(n)"

    assert "raise memory_limit in settings.toml" in run(hungry, memory="100MB")


def test_a_check_stops_where_the_limit_is_reached(home, tmp_path):
    add_clinic(home, "full")
    (home.sources / "clinic" / "patients.sql").write_text(ENDLESS)
    folder = write_delivery(home.landing / "clinic" / "2026-03-01", FEEDS)
    settings = Settings(
        threads=1, memory_limit="1GB", intake=Intake(maximum_adapter_seconds=1)
    )

    with pytest.raises(DeliveryRefusedError, match="ran for more than 1 seconds"):
        preflight(home, settings, "run", folder)


@pytest.mark.parametrize(
    ("text", "size"), [("1KB", 1 << 10), ("1.5 GiB", 3 << 29), ("2tb", 2 << 40)]
)
def test_a_size_is_read_in_any_unit(text, size):
    assert bytes_of(text) == size
