"""A file that has not changed is not read again; one that has is."""

import os
import time

import pytest
from support import sent

from pipelines.intake import file_hashes
from pipelines.intake.file_hashes import SETTLED_NANOSECONDS, FileHashes


@pytest.fixture
def reads(monkeypatch):
    """Names of the files that are read."""
    found, real = [], file_hashes.sha256_of
    monkeypatch.setattr(
        file_hashes, "sha256_of", lambda path: found.append(path.name) or real(path)
    )
    return found


@pytest.fixture
def later(monkeypatch):
    """Let the files be older than they are, by so many nanoseconds."""
    real = time.time_ns

    def move(nanoseconds):
        monkeypatch.setattr(file_hashes.time, "time_ns", lambda: real() + nanoseconds)

    move(10 * SETTLED_NANOSECONDS)
    return move


def hashes(tmp_path, *paths):
    keeper = FileHashes(tmp_path / "notes" / "hashes.json")
    found = [keeper.sha256(path) for path in paths]
    keeper.keep()
    return found


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("patient_id\np1\n")
    return path


def test_an_unchanged_file_is_read_once(tmp_path, file, reads, later):
    first = hashes(tmp_path, file)

    assert hashes(tmp_path, file) == first
    assert reads == ["patients.csv"]


def test_other_bytes_of_the_same_size_and_time_are_read(tmp_path, file, reads, later):
    first = hashes(tmp_path, file)
    before = file.stat()
    file.write_text("patient_id\np2\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert file.stat().st_size == before.st_size
    assert hashes(tmp_path, file) != first


def test_another_file_moved_into_its_place_is_read(tmp_path, file, reads, later):
    first = hashes(tmp_path, file)
    other = tmp_path / "other"
    other.write_text("patient_id\np2\n")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)

    assert hashes(tmp_path, file) != first


@pytest.mark.parametrize(("age", "count"), [(-1, 2), (+(10**9), 1)])
def test_a_file_that_has_only_just_changed_is_read_again(
    tmp_path, file, reads, monkeypatch, age, count
):
    changed = max(file.stat().st_mtime_ns, file.stat().st_ctime_ns)
    monkeypatch.setattr(
        file_hashes.time, "time_ns", lambda: changed + SETTLED_NANOSECONDS + age
    )
    hashes(tmp_path, file)
    hashes(tmp_path, file)

    assert len(reads) == count


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}'])
def test_damaged_notes_are_as_none(tmp_path, file, reads, later, text):
    first = hashes(tmp_path, file)
    (tmp_path / "notes" / "hashes.json").write_text(text)

    assert hashes(tmp_path, file) == first
    assert len(reads) == 2


def test_the_notes_hold_no_name_of_a_file_and_forget_one_that_is_gone(
    tmp_path, file, later
):
    hashes(tmp_path, file)
    notes = tmp_path / "notes" / "hashes.json"
    assert "patients" not in notes.read_text()
    hashes(tmp_path)

    assert notes.read_text() == "{}"


def test_known_deliveries_are_not_read_again(noting, clinic, reads, later):
    for day in range(1, 4):
        noting.deliver(f"2026-03-0{day}", sent(str(day)))
    noting.ingest()
    assert len(reads) == 6
    noting.deliver("2026-03-04", sent("new"))
    noting.ingest()

    assert len(reads) == 8
