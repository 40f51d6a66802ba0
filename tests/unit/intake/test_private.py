"""Who else on the machine can read rows of people: nobody."""

import os
import stat

import pytest
from support import FEEDS, sent, write_delivery

from pipelines import doctor, private, runs
from pipelines.intake import quarantine, recovery
from pipelines.intake.sources import add_source

OPEN, CLOSED = 0o022, 0o077


@pytest.fixture(autouse=True)
def usual_umask():
    before = os.umask(OPEN)
    yield
    os.umask(before)


def modes(folder):
    """Return the modes of a folder and of all below it, each once."""
    found = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for path in (folder, *folder.rglob("*"))
    }
    assert found
    return found


PRIVATE = {(True, 0o700), (False, 0o600)}


def test_what_an_ingest_writes_is_its_owners_alone(loading, clinic, monkeypatch):
    home, impossible = loading.home, {"patient_id": "p3", "birth_year": "1492"}
    feeds = {**FEEDS, "patients": [*FEEDS["patients"], impossible]}
    loading.deliver("2026-03-01", feeds)
    during, keep = [], quarantine.keep

    def look_then_keep(*args):
        during.append(modes(home.scratch))
        return keep(*args)

    monkeypatch.setattr(quarantine, "keep", look_then_keep)

    assert loading.ingest().loaded == ["clinic/2026-03-01"]
    for folder in (home.raw_file.parent, home.quarantine):
        assert modes(folder) == PRIVATE, folder.name
    assert during == [PRIVATE]


def test_the_umask_is_the_users_again_after_a_fault():
    with pytest.raises(ValueError, match="x"), private.files():
        raise ValueError("x")

    assert os.umask(OPEN) == OPEN


def test_a_run_is_noted_where_nobody_else_looks(home, settings):
    runs.start(home, settings, "run_1", "2026-03-01T00:00:00.000000Z")

    assert modes(home.builds) == PRIVATE


def test_what_duckdb_put_on_disk_goes_after_a_kill(home):
    """Rows that memory did not hold lie beside the warehouse if the process is killed."""
    recovery.recover(home)
    left = home.raw_file.with_name(f"{home.raw_file.name}.tmp")
    left.mkdir()
    (left / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("rows")

    recovery.recover(home)

    assert not left.exists()
    assert home.raw_file.exists()


def test_what_was_made_before_is_closed_to_others_and_a_group_stays(home):
    for folder in home.restricted:
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    recovery.recover(home)
    home.raw_file.chmod(0o664)
    recovery.recover(home)

    assert stat.S_IMODE(home.raw_file.stat().st_mode) == 0o660
    assert stat.S_IMODE(home.quarantine.stat().st_mode) == 0o750
    assert stat.S_IMODE(home.builds.stat().st_mode) == 0o750
    assert stat.S_IMODE(home.landing.stat().st_mode) == 0o755  # the service's to say


def test_a_copied_example_is_private_and_may_be_read(home, tmp_path, clinic):
    example = tmp_path / "example"
    (home.sources / "clinic").rename(tmp_path / "source")
    example.mkdir()
    (tmp_path / "source").rename(example / "source")
    write_delivery(example / "delivery" / "2026-03-01", sent("x"))
    add_source(example, home)

    assert modes(home.landing) == PRIVATE


def test_the_doctor_names_a_folder_that_others_may_enter(home):
    home.landing.mkdir(parents=True)
    home.landing.chmod(0o750)
    assert doctor._restricted(home).level == "fine"

    home.landing.chmod(0o755)
    found = doctor._restricted(home)

    assert found.level == "warning"
    assert "landing/" in found.text
    assert f"chmod o= {home.landing}" in found.text
